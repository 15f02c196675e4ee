"""Commands by hand on their way from the ledger into a core, and back out of the record."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tradepulse.domain.configuration import Json
from tradepulse.domain.manual_command import ManualAction, ManualCommand
from tradepulse.engine.ports import Intervention
from tradepulse.execution.by_hand import RECORDED
from tradepulse.execution.effects import CommandAnswered
from tradepulse.execution.events import ByHand, Wish

# An order that was asked for longer ago (wall clock) was meant for another price. Leaving a
# position, or protecting it better, is never too late.
GOOD_MS = 60_000


class Inbox:
    """Gives each command of an engine's activations to it once, whatever becomes of the commit that
    answers it: only an engine that is built anew looks at an unanswered one again."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def take(self, waiting: Iterable[ManualCommand]) -> list[ManualCommand]:
        """Those that were not given out yet, in order."""
        new = [command for command in waiting if command.id not in self._seen]
        self._seen.update(command.id for command in new)
        return new


def too_late(command: ManualCommand, wall_ms: int, time: int) -> CommandAnswered | None:
    """The refusal of an order whose moment has passed; None: it may be tried."""
    age = wall_ms - command.asked_at
    if command.action is not ManualAction.ENTER or age <= GOOD_MS:
        return None
    told = {"expected": f"an order of the last {GOOD_MS // 1000} s", "found": f"{age // 1000} s"}
    return CommandAnswered(
        command.activation_id, command.id, str(command.action), time, "expired", told
    )


def not_begun(command: ManualCommand, time: int) -> CommandAnswered:
    """The refusal where no bar has been processed yet: there is no price to decide by."""
    told = {"expected": "an activation that has seen a bar", "found": "none yet"}
    return CommandAnswered(
        command.activation_id, command.id, str(command.action), time, "not_started", told
    )


def event_of(
    command: ManualCommand, *, bar_time: int, time: int, price: float = math.nan,
    liquidation: float = math.nan, place: int = 0,
) -> ByHand:  # fmt: skip
    """The command as an event, at the bar it comes after."""
    return ByHand(
        command.activation_id, command.id, command.action, wish_of(command.wish), bar_time, time,
        price, liquidation, place,
    )  # fmt: skip


def replayed(activation_id: str, record: Intervention, time: int) -> ByHand:
    """A recorded command, to be done again at its bar: with what it led to, not what was asked."""
    told = record.told or {}
    return ByHand(
        activation_id, str(told.get("command")), RECORDED[record.action], wish_of(told),
        record.bar_time, time, math.nan, place=place_of(record), replayed=True,
    )  # fmt: skip


def place_of(record: Intervention) -> int:
    """How many commands were done before it; 0 for what is none."""
    return int((record.told or {}).get("place", 0))


def by_place(records: Iterable[Intervention]) -> list[Intervention]:
    """By bar, and of one bar in the order they were done; the engine's own come last."""

    def key(record: Intervention) -> tuple[int, bool, int]:
        return record.bar_time, record.action not in RECORDED, place_of(record)

    return sorted(records, key=key)


_NUMBERS: tuple[str, ...] = ("quantity", "risk_pct", "stop", "target")
_SIDES: dict[object, int] = {"buy": 1, "sell": -1}


def wish_of(said: Json) -> Wish:
    """The wish of a command or of a record, as numbers."""
    numbers = {name: float(said[name]) for name in _NUMBERS if said.get(name) is not None}
    side = said.get("side", 0)
    return Wish(
        position_id=said.get("position_id"), order_id=said.get("order_id"),
        side=_SIDES.get(side, side if isinstance(side, int) else 0), **numbers,
    )  # fmt: skip
