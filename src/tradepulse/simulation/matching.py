"""The venue's part of one bar for a driver that reports fills one by one: the paper exchange.

The same venue rules in the same order as the kernel's `step`; the driver gets to know which fills
happened where, and reads them from the state's fill log.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.simulation import layout as at
from tradepulse.simulation.hot import hot_kernel
from tradepulse.simulation.inputs import Bars, Feed, Terms, bar_at
from tradepulse.simulation.quiet import first_touch, guards
from tradepulse.simulation.venue import funding_cash
from tradepulse.simulation.venue_step import after_open, at_open, funding_until

Floats = npt.NDArray[np.float64]


@hot_kernel
def match_bar(
    state: Floats, terms: Terms, bars: Bars, feed: Feed, trades: Floats, paid: Floats, i: int
) -> tuple[int, int, int, bool]:
    """Steps 1 to 4 of F0 for bar `i`: (settlements before the open's fills, fills so far after the
    open's, settlements in all, whether the pending entry was refused).

    `paid` takes the settlements' cash; what does not fit is added to its last place. `trades` may
    have no rows.
    """
    bar = bar_at(bars, i)
    perpetual = terms.rules[at.R_PERPETUAL] != 0.0
    early = 0
    if perpetual:
        early = _settle(state, terms, feed, bar.mark_open, bar.time + 1, paid, 0)
    due = state[at.S_ORDER_SIDE] != 0.0
    fills = state[at.S_FILLS]
    at_open(state, terms, bar, trades)
    last = at.S_FILL_LOG + int(state[at.S_FILLS] - 1.0) % at.FILL_ROWS * at.FILL_COLUMNS
    entered = state[at.S_FILLS] > fills and state[last + at.L_REASON] == at.NO_EXIT
    refused = due and state[at.S_ORDER_SIDE] == 0.0 and not entered
    after = int(state[at.S_FILLS])
    settled = early
    if perpetual:
        until = bar.time + terms.interval_ms
        settled = _settle(state, terms, feed, bar.mark_open, until, paid, early)
    after_open(state, terms, bar, feed, trades)
    state[at.S_INDEX] += 1.0
    return early, after, settled, refused


@hot_kernel
def quiet_rows(
    state: Floats, terms: Terms, bars: Bars, i: int, stop: int, lower: float, upper: float
) -> int:
    """The first bar in [i, stop) that may reach a level of the open position, or whose low or high
    meets `lower` or `upper`; `stop` if none."""
    low, high, mark_low, mark_high = guards(state, terms.rules[at.R_TICK])
    return first_touch(bars, i, stop, max(low, lower), min(high, upper), mark_low, mark_high)


@hot_kernel
def _settle(
    state: Floats, terms: Terms, feed: Feed, mark_open: float, until: int, paid: Floats, count: int
) -> int:
    """Pays the stamps before `until` one by one; how many are in `paid` now."""
    cursor = int(state[at.S_FUNDING_CURSOR])
    while cursor < len(feed.funding_time) and feed.funding_time[cursor] < until:
        if state[at.S_SIDE] != 0.0:
            cash = funding_cash(
                state[at.S_SIDE], state[at.S_QUANTITY], mark_open, feed.funding_rate[cursor]
            )
            if count < len(paid):
                paid[count] = cash
                count += 1
            else:
                paid[count - 1] += cash
        funding_until(state, terms, feed, mark_open, feed.funding_time[cursor] + 1)
        cursor += 1
    return count
