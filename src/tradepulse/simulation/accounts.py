"""A fresh account as a state vector, and the questions one asks of it. Slots: layout.py."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.simulation import layout as at
from tradepulse.simulation.hot import hot_kernel, inlined_kernel

Floats = npt.NDArray[np.float64]

_NONE_SLOTS = (
    at.S_ENTRY_PRICE, at.S_ENTRY_TIME, at.S_LIQUIDATION, at.S_STOP, at.S_TARGET, at.S_TRAIL,
    at.S_MAX_BARS, at.S_RISK, at.S_HIGH, at.S_LOW, at.S_ORDER_STOP, at.S_ORDER_TARGET,
    at.S_ORDER_TRAIL, at.S_ORDER_STOP_PRICE, at.S_ORDER_TARGET_PRICE, at.S_ORDER_MAX_BARS,
    at.S_LAST_TIME, at.S_LAST_CLOSE, at.S_FIRST_CLOSE,
)  # fmt: skip


def new_state(rules_vector: Floats) -> Floats:
    """A float64 vector of length `S_LENGTH`: flat, `initial_cash` in the wallet, no bar seen."""
    state = np.zeros(at.S_LENGTH)
    state[list(_NONE_SLOTS)] = np.nan
    cash = rules_vector[at.R_CASH]
    state[[at.S_WALLET, at.S_EQUITY, at.S_PEAK]] = cash
    state[at.S_PEAK_INDEX] = -1.0
    state[[at.S_TAG, at.S_ORDER_TAG]] = -1.0
    return state


def new_states(rules_vector: Floats, count: int) -> Floats:
    """`count` fresh accounts as the rows of a matrix, for a sweep."""
    return np.tile(new_state(rules_vector), (count, 1))


@inlined_kernel
def equity_at(state: Floats, price: float) -> float:
    """Equity with the open position marked at `price`.

    Written as offset + slope * price, because the kernel evaluates a whole quiet span this way and
    must reach the same bits.
    """
    slope = state[at.S_SIDE] * state[at.S_QUANTITY]
    if slope == 0.0:
        return float(state[at.S_WALLET])
    return float((state[at.S_WALLET] - slope * state[at.S_ENTRY_PRICE]) + slope * price)


@hot_kernel
def longest_drawdown(state: Floats) -> float:
    """Bars from a peak to its recovery, the longest; an open drawdown counts up to the last bar."""
    open_ = state[at.S_INDEX] - 1.0 - state[at.S_PEAK_INDEX]
    return float(max(state[at.S_LONGEST_DRAWDOWN], open_))


@hot_kernel
def drawdown_squares(state: Floats) -> float:
    """Sum over all bars of (close equity / peak - 1) squared."""
    total = float(state[at.S_FLAT_SQUARES]) + flat_squares(state)
    for lane in range(at.S_LANES, at.S_LANES + at.LANES):
        total += state[lane]
    return total


@hot_kernel
def flat_squares(state: Floats) -> float:
    """Squared drawdown of the flat bars since the wallet last changed: the same for each of
    them."""
    depth = state[at.S_WALLET] * (1.0 / state[at.S_PEAK]) - 1.0
    return float(state[at.S_FLAT_BARS] * (depth * depth)) if depth < 0.0 else 0.0
