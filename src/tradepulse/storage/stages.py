"""Changes of a configuration's stage: the row, its evidence and the event, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from tradepulse.domain.configuration import Configuration, Evidence
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.lifecycle import Stage
from tradepulse.domain.study import Family
from tradepulse.storage.transaction import Transaction

STAGE_EVENT = "configuration.stage"
JUDGED_EVENT = "configuration.judged"
_CREATED_EVENT = "configuration.created"
_PAGE = 1000
# From here down a configuration's way back leads through a new training on newer data.
STOPPED = (Stage.WATCH, Stage.DECAYED, Stage.RETIRED)


def created(configuration: Configuration, now_ms: int, **more: object) -> NewEvent:
    """The event that a configuration is there now; `more` says where it came from."""
    payload = {
        "strategy_name": configuration.strategy_name,
        "exchange": configuration.exchange,
        "pair": configuration.pair,
        "interval": configuration.interval,
        "lifecycle_stage": str(configuration.lifecycle_stage),
        **more,
    }
    return NewEvent(now_ms, _CREATED_EVENT, "configuration", configuration.id, payload)


def record_stage(
    tx: Transaction,
    configuration: Configuration,
    stage: Stage,
    evidence: Sequence[Evidence],
    *,
    now_ms: int,
    by: str,
) -> Configuration:
    """The configuration as stored, in `stage`, with `evidence` beside what it had before.

    The same stage keeps the stage and adds the evidence. Error `stage_changed` (RefusedError) when
    somebody else changed it since `configuration` was read.
    """
    held = tx.configurations.get(configuration.id)
    if held.lifecycle_stage is not configuration.lifecycle_stage:
        raise RefusedError(
            "stage_changed", "the configuration's stage was changed meanwhile",
            expected=str(configuration.lifecycle_stage), found=str(held.lifecycle_stage),
            hint="Look at it again, then ask again.",
        )  # fmt: skip
    stored = tx.configurations.set_stage(held.id, stage, merged(held.evidence, evidence))
    changed = stage is not held.lifecycle_stage
    payload = {
        "from": str(held.lifecycle_stage), "to": str(stage), "by": by,
        "configuration_hash": held.configuration_hash,
        "evidence": [asdict(item) for item in evidence],
    }  # fmt: skip
    type_ = STAGE_EVENT if changed else JUDGED_EVENT
    tx.events.append(NewEvent(now_ms, type_, "configuration", held.id, payload))
    return stored


def merged(before: Sequence[Evidence], new: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The evidence with rules judged again replaced where they stood, and new ones behind."""
    by_rule = {item.rule: item for item in (*before, *new)}
    return tuple(by_rule.values())


def family_of(configuration: Configuration) -> Family:
    c = configuration
    return Family(c.strategy_name, c.exchange, c.pair)


def of_family(tx: Transaction, family: Family) -> Iterator[Configuration]:
    """Every configuration of the family, whatever its interval and stage."""
    cursor: str | None = None
    while True:
        page = tx.configurations.page(
            strategy_name=family.strategy_name, exchange=family.exchange, pair=family.pair,
            cursor=cursor, limit=_PAGE,
        )  # fmt: skip
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def times_of(tx: Transaction, configuration: Configuration, stages: Sequence[Stage]) -> list[int]:
    """When the configuration, under any id of the same hash, came into one of `stages`; by time.

    Training finds a configuration again as a new row: what the old one lost is not forgotten.
    """
    found = []
    for twin in of_family(tx, family_of(configuration)):
        if twin.configuration_hash != configuration.configuration_hash:
            continue
        told = tx.events.since(types=[STAGE_EVENT], entity_id=twin.id, limit=_PAGE)
        found += [event.time for event in told if event.payload["to"] in stages]
    return sorted(found)


def promoted_since(tx: Transaction, since_ms: int) -> set[str]:
    """Ids of the configurations that earned VALIDATION or MATURE since then."""
    earned = {str(Stage.VALIDATION), str(Stage.MATURE)}
    found: set[str] = set()
    sequence: int | None = None
    while True:
        told = tx.events.since(
            sequence, time_ms=since_ms, types=[STAGE_EVENT, _CREATED_EVENT], limit=_PAGE
        )
        for event in told:
            if event.payload.get("to", event.payload.get("lifecycle_stage")) in earned:
                found.add(event.entity_id)
        if len(told) < _PAGE:
            return found
        sequence = told[-1].sequence
