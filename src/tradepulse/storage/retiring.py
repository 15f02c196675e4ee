"""A configuration taken off the board by a person: archived, never deleted."""

from __future__ import annotations

from tradepulse.domain.configuration import Configuration, Evidence
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.lifecycle import Stage
from tradepulse.storage.stages import record_stage
from tradepulse.storage.transaction import Transaction

# The rule under which the evidence keeps who retired it and why; it judges nothing.
BY_HAND = "retired_by_hand"


def retire(
    tx: Transaction, configuration_id: str, reason: str, *, by: str, now_ms: int
) -> Configuration:
    """The configuration, RETIRED, with the reason in its evidence and in the event.

    Errors: `configuration_not_found`; `already_retired`, `still_active` (RefusedError): what runs
    leaves first, by its exits or flattened, so that nobody's position is closed by filing it away.
    """
    found = tx.configurations.get(configuration_id)
    if found.lifecycle_stage is Stage.RETIRED:
        raise RefusedError(
            "already_retired", "the configuration is retired",
            expected="a configuration in another stage", found=str(Stage.RETIRED),
        )  # fmt: skip
    if found.is_active:
        raise RefusedError(
            "still_active", "the configuration is still trading",
            expected="no activation that is neither STOPPED nor FAULTED", found="at least one",
            hint="Drain or flatten what runs of it, then retire it.",
        )  # fmt: skip
    told = Evidence(BY_HAND, None, None, passed=False, note=f"{reason} ({by})", required=False)
    return record_stage(tx, found, Stage.RETIRED, (told,), now_ms=now_ms, by=by)
