"""From a venue back to paper: an activation leaves, its configuration goes on without money."""

from __future__ import annotations

from typing import NamedTuple

from tradepulse.domain.errors import RefusedError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import ActivationState, Mode
from tradepulse.storage.activating import request_activation, request_leave
from tradepulse.storage.paper_wallet import fallback_wallet, quote_of
from tradepulse.storage.transaction import Transaction


class RolledBack(NamedTuple):
    """The activation that leaves the venue, and the paper one that follows it."""

    left: Activation
    paper: Activation


def rollback_activation(
    tx: Transaction,
    activation_id: str,
    *,
    now_ms: int,
    by: str = "local",
    reason: str = "",
    flatten: bool = False,
) -> RolledBack:
    """Drains an activation at a venue (or closes its position at once) and starts the same
    configuration on paper, on the same feed and with the same capital, in a wallet of its own.

    Errors: `activation_not_found`; `not_at_a_venue`, `not_active` for one that is over or on its
    way out (RefusedError).
    """
    found = tx.activations.get(activation_id)
    if found.mode is Mode.PAPER:
        raise RefusedError(
            "not_at_a_venue", "the activation trades on paper already",
            expected="one in the mode testnet or live", found=str(found.mode),
        )  # fmt: skip
    if found.state is ActivationState.DRAINING:
        raise RefusedError(
            "not_active", "the activation is on its way out",
            expected="one that is to go on", found=str(found.state),
            hint="Activate the configuration on paper by hand.",
        )  # fmt: skip
    left = request_leave(tx, found, now_ms=now_ms, flatten=flatten)
    return RolledBack(left, follow_on_paper(tx, left, now_ms=now_ms, by=by, reason=reason))


def follow_on_paper(
    tx: Transaction, left: Activation, *, now_ms: int, by: str, reason: str
) -> Activation:
    """A paper activation of what left a venue, or faulted there, with the event that says so.
    Errors of `request_activation`."""
    configuration = tx.configurations.get(left.configuration_id)
    wallet = fallback_wallet(tx, left, quote_of(configuration), now_ms)
    paper = request_activation(
        tx, configuration.id, wallet.id, now_ms=now_ms, feed=left.feed, allotment=left.allotment
    )
    payload = {
        "from": str(left.mode), "paper_activation_id": paper.id, "by": by, "reason": reason,
        "configuration_id": configuration.id,
    }  # fmt: skip
    tx.events.append(
        NewEvent(now_ms, "activation.rolled_back", "activation", left.id, payload, left.user_id)
    )
    return paper
