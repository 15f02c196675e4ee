"""Signals and fills in one pass, block by block: what a sweep and a backtest run.

Signals are made and used while they are in cache and never stored for a whole history. The nodes
that several parameter sets share run once a block; each set then runs its own and its fills.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError
from tradepulse.signals.failing import BlockAtHand, indicator_failed
from tradepulse.signals.interpreter import DONE, run_nodes
from tradepulse.signals.jit import kernel
from tradepulse.signals.output import Flags
from tradepulse.signals.plan import Plan
from tradepulse.simulation import layout as at
from tradepulse.simulation.inputs import Bars, Feed, Record, Signals, Skips, Terms
from tradepulse.simulation.kernel import advance
from tradepulse.simulation.metrics import summarise

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]


class Tables(NamedTuple):
    """The interpreter's tables of a plan. `shared` nodes first, then those of each set."""

    code: Small
    frame: Small
    inputs: Small
    out: Small
    ints: Ints
    floats: Floats
    at: Ints
    shared: int
    own: Ints
    flag_rows: Small
    level_rows: Small


class Scratch(NamedTuple):
    """Working memory of one thread: rows of the block and what the nodes remember."""

    counts: Small
    times: Ints
    rows: Floats
    flags: Flags
    closed: Small
    memory: Floats


def tables(plan: Plan) -> Tables:
    """The tables of `plan`; an absent flag points at a row of zeros kept behind the others."""
    flag_rows = np.where(plan.flag_rows < 0, plan.flag_count, plan.flag_rows).astype(np.int32)
    return Tables(
        plan.code, plan.frame, plan.inputs, plan.out, plan.ints, plan.floats, plan.at,
        plan.shared, plan.own, flag_rows, plan.level_rows,
    )  # fmt: skip


def scratch(plan: Plan, block: int) -> Scratch:
    """Fresh working memory for blocks of up to `block` bars."""
    return Scratch(
        np.zeros(plan.frame_count, np.int32),
        np.empty((plan.frame_count, block), np.int64),
        np.empty((plan.row_count, block)),
        np.zeros((plan.flag_count + 1, block), np.uint8),
        np.zeros((plan.frame_count, block), np.int32),
        plan.initial_state.copy(),
    )


def check_done(failed: int, plan: Plan, work: Scratch, bars: BarSeries, before: int = 0) -> None:
    """Error `indicator_failed` unless the run over `bars`, behind `before` others, was DONE."""
    if failed != DONE:
        at_hand = BlockAtHand(work.counts, work.times, work.rows, work.closed, work.memory)
        raise indicator_failed(plan, failed, at_hand, bars.open_time, before)


def extra_columns(plan: Plan, bars: BarSeries) -> Floats:
    """The plan's named input columns, one row each. Error `unknown_column` where one is absent."""
    missing = [name for name in plan.columns if name not in bars.columns]
    if missing:
        raise DataError(
            "unknown_column", f"the strategy reads column {missing[0]!r}",
            expected=f"bars with a column {missing[0]!r}",
            found=", ".join(bars.columns) or "no extra columns",
        )  # fmt: skip
    found = np.empty((len(plan.columns), len(bars)))
    for index, name in enumerate(plan.columns):
        found[index] = bars.columns[name]
    return found


@kernel
def load_block(work: Scratch, bars: Bars, extras: Floats, first: int, n: int) -> None:
    """Copies the bars' columns of a block into the first rows."""
    work.counts[0] = n
    work.times[0, :n] = bars.open_time[first : first + n]
    work.rows[0, :n] = bars.open[first : first + n]
    work.rows[1, :n] = bars.high[first : first + n]
    work.rows[2, :n] = bars.low[first : first + n]
    work.rows[3, :n] = bars.close[first : first + n]
    work.rows[4, :n] = bars.volume[first : first + n]
    for k in range(extras.shape[0]):
        work.rows[5 + k, :n] = extras[k, first : first + n]


@kernel
def run_range(work: Scratch, table: Tables, first: int, last: int) -> int:
    """Runs nodes `first` to `last` over the loaded block; DONE, or the indicator that raised."""
    return run_nodes(
        table.code, table.frame, table.inputs, table.out, table.ints, table.floats, table.at,
        first, last, work.counts, work.times, work.rows, work.flags, work.closed, work.memory,
    )  # fmt: skip


@kernel
def warm_sets(table: Tables, work: Scratch, extras: Floats, bars: Bars, stop: int) -> int:
    """Runs every node over bars [0, stop) and fills nothing: what signals remember of the bars
    before the ones that are traded. DONE, or the indicator that raised in the block at hand."""
    width = work.rows.shape[1]
    first = 0
    while first < stop:
        n = min(width, stop - first)
        load_block(work, bars, extras, first, n)
        failed = run_range(work, table, 0, table.shared)
        for s in range(len(table.own) - 1):
            if failed == DONE:
                failed = run_range(work, table, table.own[s], table.own[s + 1])
        if failed != DONE:
            return failed
        first += n
    return DONE


@kernel
def level(work: Scratch, row: int, n: int) -> Floats:
    """A level's row of the block, or nothing."""
    found: Floats = work.rows[max(row, 0)]
    return found[: n if row >= 0 else 0]


@kernel
def signals_of(work: Scratch, table: Tables, s: int, n: int, no_tags: Ints) -> Signals:
    """Set `s`'s signals of the block as views of its rows."""
    f, v = table.flag_rows[s], table.level_rows[s]
    return Signals(
        work.flags[f[0]][:n], work.flags[f[1]][:n], work.flags[f[2]][:n], work.flags[f[3]][:n],
        level(work, v[0], n), level(work, v[1], n), level(work, v[2], n), level(work, v[3], n),
        level(work, v[4], n), level(work, v[5], n), level(work, v[6], n), no_tags,
    )  # fmt: skip


@kernel
def run_sets(
    table: Tables, work: Scratch, extras: Floats, states: Floats, periods: Floats, trades: Floats,
    equity: Floats, terms: Terms, bars: Bars, feed: Feed, skips: Skips, start: int, stop: int,
) -> tuple[Floats, int]:  # fmt: skip
    """Runs bars [start, stop) for every set.

    The trade buffer, grown where it was full; and DONE, or the indicator that raised in the block
    at hand, where every result then ends.
    `states` and `periods` have a row a set. Trades and equity per bar are those of a single set:
    with several, both are empty. One function for both uses, because compiling it takes seconds.
    """
    width = work.rows.shape[1]
    no_tags = np.empty(0, np.int64)
    first = start
    while first < stop:
        n = min(width, stop - first)
        load_block(work, bars, extras, first, n)
        failed = run_range(work, table, 0, table.shared)
        if failed != DONE:
            return trades, failed
        for s in range(states.shape[0]):
            failed = run_range(work, table, table.own[s], table.own[s + 1])
            if failed != DONE:
                return trades, failed
            signals = signals_of(work, table, s, n, no_tags)
            reached = first
            while True:
                record = Record(trades, equity, periods[s])
                reached = advance(states[s], terms, bars, feed, skips, signals, record, first,
                                  reached, first + n, True)  # fmt: skip
                if reached == first + n:
                    break
                trades = doubled(trades)
        first += n
    return trades, DONE


@kernel
def doubled(trades: Floats) -> Floats:
    """The trade buffer with room for as many again."""
    bigger = np.empty((2 * len(trades), trades.shape[1]))
    bigger[: len(trades)] = trades
    return bigger


@kernel
def summarise_sets(states: Floats, periods: Floats, initial: float, a_year: float) -> Floats:
    """The metrics of every set, a row each."""
    first = summarise(states[0], periods[0][: int(states[0, at.S_PERIOD_ROWS])], initial, a_year)
    out = np.empty((states.shape[0], len(first)))
    for s in range(states.shape[0]):
        closed = periods[s][: int(states[s, at.S_PERIOD_ROWS])]
        out[s] = summarise(states[s], closed, initial, a_year)
    return out
