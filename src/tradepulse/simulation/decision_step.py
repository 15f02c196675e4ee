"""The strategy's part of a bar: step 5 of F0 after the mark. Trail, count, signals, pending
orders."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.simulation import layout as at
from tradepulse.simulation.decision import (
    decide,
    levels_are_sound,
    risk_distance,
    size,
    time_is_up,
    trailed_stop,
)
from tradepulse.simulation.hot import hot_kernel, inlined_kernel
from tradepulse.simulation.inputs import Signal, Terms

Floats = npt.NDArray[np.float64]


@inlined_kernel
def decision_step(state: Floats, terms: Terms, signal: Signal, close: float) -> None:
    """Decides on a closed bar: moves the trail, and leaves what is to be done at the next open as
    pending orders in `state` (F1, F11, F15, F16, F17)."""
    rules, side = terms.rules, state[at.S_SIDE]
    if side != 0.0 and not np.isnan(state[at.S_TRAIL]):
        _move_trail(state, rules[at.R_TICK])
    pending = state[at.S_ORDER_SIDE]
    bars_held = state[at.S_INDEX] - state[at.S_ENTRY_INDEX] + 1.0
    expired = side != 0.0 and pending == 0.0 and time_is_up(bars_held, state[at.S_MAX_BARS])
    reason, entry = decide(
        signal.enter_long, signal.exit_long,
        signal.enter_short, signal.exit_short,
        int(pending if pending != 0.0 else side), rules[at.R_ALLOW_SHORT] != 0.0, expired,
    )  # fmt: skip
    if pending != 0.0 and reason != at.NO_EXIT:
        state[at.S_ORDER_SIDE] = 0.0
    elif side != 0.0 and reason != at.NO_EXIT and state[at.S_EXIT_REASON] == at.NO_EXIT:
        state[at.S_EXIT_REASON] = reason
    if entry * side <= 0.0 and entry != 0:
        _order_entry(state, terms, signal, entry, close)


@hot_kernel
def _move_trail(state: Floats, tick: float) -> None:
    side = state[at.S_SIDE]
    extreme = state[at.S_HIGH] if side > 0.0 else state[at.S_LOW]
    stop, trailing = trailed_stop(
        side, state[at.S_STOP], state[at.S_TRAILING] != 0.0, extreme, state[at.S_TRAIL], tick
    )
    state[at.S_STOP] = stop
    state[at.S_TRAILING] = 1.0 if trailing else 0.0


@hot_kernel
def _order_entry(state: Floats, terms: Terms, signal: Signal, side: int, close: float) -> None:
    """Sizes the entry at this close and leaves it pending, or counts why it was refused."""
    rules = terms.rules
    stop, target, trail, max_bars = signal.stop, signal.target, signal.trail, signal.max_bars
    stop_price, target_price = signal.stop_price, signal.target_price
    quantity = 0.0
    if state[at.S_BANKRUPT] != 0.0:
        refusal = at.REFUSED_BANKRUPT
    elif not levels_are_sound(stop, target, trail, stop_price, target_price, max_bars):
        refusal = at.REFUSED_BAD_LEVEL
    else:
        refusal, quantity = size(
            rules[at.R_SIZING], rules[at.R_SIZE], state[at.S_EQUITY],
            signal.strength, rules[at.R_LEVERAGE], close, rules[at.R_TAKER],
            risk_distance(stop, trail, stop_price, close), rules[at.R_LOT],
        )  # fmt: skip
    if refusal != at.ACCEPTED:
        state[at.S_REFUSED + refusal] += 1.0
        return
    state[at.S_ORDER_SIDE] = side
    state[at.S_ORDER_QUANTITY] = quantity
    state[at.S_ORDER_STOP] = stop
    state[at.S_ORDER_TARGET] = target
    state[at.S_ORDER_TRAIL] = trail
    state[at.S_ORDER_STOP_PRICE] = stop_price
    state[at.S_ORDER_TARGET_PRICE] = target_price
    state[at.S_ORDER_MAX_BARS] = max_bars
    state[at.S_ORDER_TAG] = signal.tag
    state[at.S_ORDER_INDEX] = state[at.S_INDEX]
