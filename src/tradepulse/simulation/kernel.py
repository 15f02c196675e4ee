"""The backtest kernel: one resumable loop over bars, any number at a time.

A block of thousands and a block of one run the same code on the same state vector, so results do
not depend on how bars are cut into blocks. Nothing here decides anything: venue_step and
decision_step do, quiet.py passes over the bars on which neither can act.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.simulation import layout as at
from tradepulse.simulation.decision_step import decision_step
from tradepulse.simulation.hot import hot_kernel, inlined_kernel
from tradepulse.simulation.inputs import (
    Bars,
    Feed,
    Record,
    Signals,
    Skips,
    Terms,
    bar_at,
    signal_at,
)  # fmt: skip
from tradepulse.simulation.marking import mark_bar, start_period
from tradepulse.simulation.quiet import first_flag, rest_flat, ride, skip_to
from tradepulse.simulation.venue_step import after_open, at_open, funding_until

Floats = npt.NDArray[np.float64]

# A bar closes at most two trades: one leaves at its open, the one entered there is stopped inside.
TRADES_PER_BAR = 2


@inlined_kernel
def step(
    state: Floats, terms: Terms, bars: Bars, feed: Feed, signals: Signals, record: Record,
    i: int, row: int,
) -> None:  # fmt: skip
    """Bar `i` through the whole rulebook (F0), with the signals of row `row`."""
    bar = bar_at(bars, i)
    start_period(state, record.periods, bar.time, terms.period_ms)
    perpetual = terms.rules[at.R_PERPETUAL] != 0.0
    if perpetual:
        funding_until(state, terms, feed, bar.mark_open, bar.time + 1)
    at_open(state, terms, bar, record.trades)
    if perpetual:
        funding_until(state, terms, feed, bar.mark_open, bar.time + terms.interval_ms)
    after_open(state, terms, bar, feed, record.trades)
    mark_bar(state, bar)
    decision_step(state, terms, signal_at(signals, row), bar.close)
    state[at.S_INDEX] += 1.0
    if len(record.equity) > 0:
        record.equity[i] = state[at.S_EQUITY]


@hot_kernel
def advance(
    state: Floats, terms: Terms, bars: Bars, feed: Feed, skips: Skips, signals: Signals,
    record: Record, shift: int, start: int, stop: int, hurry: bool,
) -> int:  # fmt: skip
    """Processes bars [start, stop) of `bars` and returns the bar reached.

    That is `stop`, or earlier when the trade buffer cannot take another bar's trades: empty it (set
    S_TRADE_ROWS to 0) and call again from there. Row k of `signals` belongs to bar k + `shift`; the
    period buffer, if wanted, must hold what is in it and an entry per period start. `hurry` False
    takes every bar through the whole rulebook: the same results, slowly, to check the other.
    """
    i = start
    track = len(record.trades) > 0
    period = int(np.searchsorted(skips.period_starts, i))
    paying = int(np.searchsorted(skips.funding_bars, i))
    while i < stop:
        idle = state[at.S_ORDER_SIDE] == 0.0 and state[at.S_EXIT_REASON] == at.NO_EXIT
        if hurry and idle:
            period = skip_to(skips.period_starts, period, i)
            if state[at.S_SIDE] == 0.0:
                end = first_flag(signals.enter_long, i - shift, stop - shift) + shift
                if terms.rules[at.R_ALLOW_SHORT] != 0.0:
                    end = first_flag(signals.enter_short, i - shift, end - shift) + shift
                if end > i:
                    rest_flat(
                        state, terms, bars, skips, record.equity, record.periods, i, end, period
                    )
            else:
                paying = skip_to(skips.funding_bars, paying, i)
                end = ride(
                    state, terms, bars, skips, signals, record.equity, record.periods, track,
                    shift, i, stop, period, paying,
                )  # fmt: skip
            i = end
            if i >= stop:
                break
        room = len(record.trades) - int(state[at.S_TRADE_ROWS])
        if track and room < TRADES_PER_BAR:
            break
        step(state, terms, bars, feed, signals, record, i, i - shift)
        i += 1
    if terms.rules[at.R_PERPETUAL] != 0.0 and state[at.S_SIDE] == 0.0 and i > start:
        # Bars passed over while flat leave their stamps behind: nobody was there to pay them.
        funding_until(state, terms, feed, 0.0, bars.open_time[i - 1] + terms.interval_ms)
    return i
