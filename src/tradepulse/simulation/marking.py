"""Step 5 of F0, the books: mark at the close, drawdown, equity of finished periods."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import equity_at
from tradepulse.simulation.hot import inlined_kernel
from tradepulse.simulation.inputs import Bar

Floats = npt.NDArray[np.float64]


@inlined_kernel
def start_period(state: Floats, periods: Floats, open_time: int, period_ms: int) -> None:
    """Pushes the last bar's equity to `periods` if the bar opening at `open_time` starts a new
    period. A period without bars does not exist; the last one is closed by the caller."""
    number = open_time // period_ms
    if state[at.S_INDEX] > 0.0 and number != state[at.S_PERIOD] and len(periods) > 0:
        periods[int(state[at.S_PERIOD_ROWS])] = state[at.S_EQUITY]
        state[at.S_PERIOD_ROWS] += 1.0
    state[at.S_PERIOD] = number


@inlined_kernel
def mark_bar(state: Floats, bar: Bar) -> None:
    """Marks the account at the close of `bar` and adds it to the drawdown accumulators."""
    close, index = bar.close, state[at.S_INDEX]
    if state[at.S_SIDE] != 0.0:
        state[at.S_HIGH] = max(state[at.S_HIGH], bar.high)
        state[at.S_LOW] = min(state[at.S_LOW], bar.low)
        state[at.S_BARS_IN_POSITION] += 1.0
    equity = equity_at(state, close)
    if index == 0.0:
        state[at.S_FIRST_CLOSE] = close
    state[at.S_EQUITY] = equity
    state[at.S_LAST_CLOSE] = close
    state[at.S_LAST_TIME] = bar.time
    if equity <= 0.0:
        state[at.S_BANKRUPT] = 1.0
    if equity >= state[at.S_PEAK]:
        reach_peak(state, equity, index, index)
        return
    deepen(state, equity, 1)
    if state[at.S_SIDE] == 0.0:
        state[at.S_FLAT_BARS] += 1.0
    else:
        depth = equity * (1.0 / state[at.S_PEAK]) - 1.0
        state[at.S_LANES + int(index) % at.LANES] += depth * depth


@inlined_kernel
def reach_peak(state: Floats, equity: float, first: float, last: float) -> None:
    """Equity is at a peak from bar `first` to bar `last`: a drawdown, if there was one, is over."""
    lasted = first - state[at.S_PEAK_INDEX]
    if lasted > 1.0 and lasted > state[at.S_LONGEST_DRAWDOWN]:
        state[at.S_LONGEST_DRAWDOWN] = lasted
    state[at.S_PEAK] = equity
    state[at.S_PEAK_INDEX] = last


@inlined_kernel
def deepen(state: Floats, lowest: float, count: int) -> None:
    """`count` bars closed below the peak, the lowest of them at equity `lowest`."""
    state[at.S_BARS_UNDER_WATER] += count
    state[at.S_MAX_DRAWDOWN] = min(state[at.S_MAX_DRAWDOWN], lowest / state[at.S_PEAK] - 1.0)
