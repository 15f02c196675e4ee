"""What people had a hand in: trades they made, and exits they decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tradepulse.domain.ledger import PositionRecord, SignalRecord, TradeRecord
from tradepulse.domain.lifecycle import ExitReason
from tradepulse.domain.manual_command import MANUAL, ManualAction
from tradepulse.execution.by_hand import ACTIONS

_CLOSE, _STOP = ACTIONS[ManualAction.CLOSE], ACTIONS[ManualAction.STOP]


class Hands(NamedTuple):
    """`made`: the trades that a person entered; `left`: of the others, those whose exit a person
    decided, by closing or by where the stop was; `holds`: the open position is a person's."""

    made: frozenset[str]
    left: frozenset[str]
    holds: bool


def hands_in(
    trades: Iterable[TradeRecord], position: PositionRecord | None,
    signals: Iterable[SignalRecord],
) -> Hands:  # fmt: skip
    """Who decided what, of an activation's `trades` and its open position."""
    closed, stopped = set[str](), set[str]()
    for row in signals:
        name = str(row.values.get("position_id"))
        if row.action == _CLOSE:
            closed.add(name)
        elif row.action == _STOP:
            stopped.add(name)
    known = list(trades)
    made = frozenset(trade.id for trade in known if trade.tag == MANUAL)
    left = frozenset(
        trade.id for trade in known
        if trade.id not in made
        and (
            (trade.id in closed and trade.exit_reason is ExitReason.SIGNAL)
            or (trade.id in stopped and trade.exit_reason is ExitReason.STOP)
        )
    )  # fmt: skip
    holds = position is not None and (position.state or {}).get("tag") == MANUAL
    return Hands(made, left, holds)
