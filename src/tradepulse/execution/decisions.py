"""What a closed bar's signals ask for, by the decision rules that the backtest kernel uses too."""

from __future__ import annotations

import math
from typing import NamedTuple

from tradepulse.execution.account import Account, Position
from tradepulse.execution.events import SignalRow
from tradepulse.execution.orders import Bracket
from tradepulse.simulation import layout as at
from tradepulse.simulation.decision import (
    decide,
    levels_are_sound,
    risk_distance,
    size,
    time_is_up,
    trailed_stop,
)


class Decision(NamedTuple):
    """`exit_reason` is layout.NO_EXIT or an EXIT_ code; `entry_side` 1, -1 or 0."""

    exit_reason: int
    entry_side: int


NOTHING = Decision(at.NO_EXIT, 0)


def decide_bar(account: Account, signals: SignalRow, pending_side: int) -> Decision:
    """F15, F10 and the time stop on a closed bar. A pending entry counts as the position it will
    be."""
    held = account.position
    expired = False
    if held is not None and pending_side == 0 and not math.isnan(held.max_bars):
        expired = time_is_up(account.index - held.entry_index + 1, held.max_bars)
    asked = signals.enter_long or signals.exit_long or signals.enter_short or signals.exit_short
    if not (asked or expired):
        return NOTHING
    reason, entry = decide(
        signals.enter_long, signals.exit_long, signals.enter_short, signals.exit_short,
        pending_side or account.side, account.rules[at.R_ALLOW_SHORT] != 0.0, expired,
    )  # fmt: skip
    return Decision(reason, entry if entry != account.side else 0)


def size_entry(account: Account, signals: SignalRow, close: float) -> tuple[int, float]:
    """(layout.ACCEPTED or a refusal code, quantity) of an entry decided at `close` (F17)."""
    levels = (
        signals.stop, signals.target, signals.trail, signals.stop_price, signals.target_price,
        signals.max_bars,
    )  # fmt: skip
    if account.bankrupt:
        return at.REFUSED_BANKRUPT, 0.0
    if not levels_are_sound(*levels):
        return at.REFUSED_BAD_LEVEL, 0.0
    rules = account.rules
    distance = risk_distance(signals.stop, signals.trail, signals.stop_price, close)
    return size(
        rules[at.R_SIZING], rules[at.R_SIZE], account.equity, signals.strength,
        rules[at.R_LEVERAGE], close, rules[at.R_TAKER], distance, rules[at.R_LOT],
    )  # fmt: skip


def bracket_of(signals: SignalRow) -> Bracket:
    """The protective exits of the signal bar (F16)."""
    return Bracket(
        signals.stop, signals.target, signals.trail, signals.stop_price, signals.target_price
    )


def trail(account: Account, held: Position) -> bool:
    """Moves the position's stop after its bar's extreme (F11); whether it moved."""
    extreme = held.high if held.side > 0 else held.low
    stop, trailing = trailed_stop(
        held.side, held.stop, held.trailing, extreme, held.trail, account.rules[at.R_TICK]
    )
    changed = stop != held.stop or trailing != held.trailing
    held.stop, held.trailing = stop, trailing
    return changed
