"""What the kernel reads, as named tuples of arrays: bars, signals, funding and finer bars, terms.

Arrays of bars, funding and detail are read-only and C-contiguous (`frozen`), arrays of signals
writeable: one array type each, so that the kernel is compiled once. A column that is absent has
length 0.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import OHLCV, BarSeries, Floats, Times
from tradepulse.domain.interval import DAY_MS
from tradepulse.signals.jit import kernel
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES, Flags, SignalBlock
from tradepulse.simulation import layout as at
from tradepulse.simulation.hot import inlined_kernel
from tradepulse.simulation.rules import Rules

SUB_BLOCK = 64


class Terms(NamedTuple):
    """What stays the same for a run. `has_mark`: liquidation looks at marks of their own."""

    rules: Floats
    tiers: Floats
    interval_ms: int
    period_ms: int
    has_mark: bool


class Bars(NamedTuple):
    """Bars of a run or of a stretch of it; the marks are the bars' own columns without a mark."""

    open_time: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    mark_open: Floats
    mark_high: Floats
    mark_low: Floats


class Signals(NamedTuple):
    """Signals of consecutive bars: flags of 0 or 1, levels with NaN for none, tag codes."""

    enter_long: Flags
    exit_long: Flags
    enter_short: Flags
    exit_short: Flags
    stop: Floats
    target: Floats
    trail: Floats
    stop_price: Floats
    target_price: Floats
    max_bars: Floats
    strength: Floats
    tag: Times


class Bar(NamedTuple):
    """One bar as scalars: what the rules see of it. Passing whole columns down would cost more time
    than the rules themselves."""

    time: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    mark_open: float
    mark_high: float
    mark_low: float


class Signal(NamedTuple):
    """The signals of one bar as scalars; levels are NaN for none, `tag` is -1 for none."""

    enter_long: bool
    exit_long: bool
    enter_short: bool
    exit_short: bool
    stop: float
    target: float
    trail: float
    stop_price: float
    target_price: float
    max_bars: float
    strength: float
    tag: int


class Feed(NamedTuple):
    """Funding stamps (floored to the second) with their rates, and finer bars, of the whole run."""

    funding_time: Times
    funding_rate: Floats
    detail_time: Times
    detail_open: Floats
    detail_high: Floats
    detail_low: Floats
    detail_volume: Floats


class Skips(NamedTuple):
    """Where the kernel may hurry, per `Bars`: extremes of each whole run of SUB_BLOCK bars, the
    bars that may start a period, the bars that hold a funding stamp. Shared by all sets of a
    sweep."""

    low_min: Floats
    high_max: Floats
    close_min: Floats
    close_max: Floats
    mark_low_min: Floats
    mark_high_max: Floats
    period_starts: Times
    funding_bars: Times


class Record(NamedTuple):
    """Where the kernel writes: trade rows (T_COLUMNS wide), equity per bar, equity per period.

    Length 0 means not wanted. `S_TRADE_ROWS` and `S_PERIOD_ROWS` count what is in the buffers.
    """

    trades: Floats
    equity: Floats
    periods: Floats


def frozen(array: npt.NDArray[Any], dtype: type) -> npt.NDArray[Any]:
    """`array` as a read-only C-contiguous view of `dtype`; copied only if it is not that
    already."""
    view: npt.NDArray[Any] = np.ascontiguousarray(array, dtype=dtype).view()
    view.flags.writeable = False
    return view


@inlined_kernel
def bar_at(bars: Bars, i: int) -> Bar:
    """Row `i` of the bars."""
    return Bar(
        bars.open_time[i], bars.open[i], bars.high[i], bars.low[i], bars.close[i], bars.volume[i],
        bars.mark_open[i], bars.mark_high[i], bars.mark_low[i],
    )  # fmt: skip


@inlined_kernel
def signal_at(signals: Signals, row: int) -> Signal:
    """Row `row` of the signals."""
    return Signal(
        signals.enter_long[row] != 0, signals.exit_long[row] != 0,
        signals.enter_short[row] != 0, signals.exit_short[row] != 0,
        _level(signals.stop, row), _level(signals.target, row), _level(signals.trail, row),
        _level(signals.stop_price, row), _level(signals.target_price, row),
        _level(signals.max_bars, row), _level(signals.strength, row),
        int(signals.tag[row]) if len(signals.tag) > 0 else -1,
    )  # fmt: skip


@inlined_kernel
def _level(column: Floats, row: int) -> float:
    return column[row] if len(column) > 0 else np.nan


NO_FLOATS: Floats = frozen(np.empty(0), np.float64)
NO_TIMES: Times = frozen(np.empty(0, np.int64), np.int64)
NO_FEED = Feed(NO_TIMES, NO_FLOATS, NO_TIMES, NO_FLOATS, NO_FLOATS, NO_FLOATS, NO_FLOATS)


def terms(rules: Rules, interval_ms: int, *, has_mark: bool = False) -> Terms:
    """The kernel's terms. Periods of the period-equity series are UTC days, or bars from 1d up."""
    return Terms(
        rules.as_vector(), rules.tiers(), interval_ms, max(interval_ms, DAY_MS), has_mark
    )  # fmt: skip


def kernel_bars(bars: BarSeries, mark: BarSeries | None = None) -> Bars:
    """The bars as the kernel reads them; `mark` is aligned to them already."""
    open_, high, low, close, volume = (frozen(getattr(bars, name), np.float64) for name in OHLCV)
    mark_open, mark_high, mark_low = open_, high, low
    if mark is not None:
        mark_open, mark_high, mark_low = (
            frozen(getattr(mark, name), np.float64) for name in ("open", "high", "low")
        )
    return Bars(
        frozen(bars.open_time, np.int64), open_, high, low, close, volume,
        mark_open, mark_high, mark_low,
    )  # fmt: skip


def kernel_signals(block: SignalBlock, tags: Times | None = None) -> Signals:
    """The signals as the kernel reads them, without copying what has the right type already."""
    columns: dict[str, Any] = {
        name: _writeable(getattr(block, name), np.uint8) for name in FLAG_NAMES
    }
    for name in LEVEL_NAMES:
        level = getattr(block, name)
        columns[name] = np.empty(0) if level is None else _writeable(level, np.float64)
    return Signals(**columns, tag=np.empty(0, np.int64) if tags is None else tags)


def prepare(bars: Bars, terms: Terms, funding_time: Times = NO_TIMES) -> Skips:
    """The skip tables of `bars`. A trailing run shorter than SUB_BLOCK gets no entry."""
    starts = _period_starts(bars.open_time, terms.period_ms)
    paying = _funding_bars(bars.open_time, terms.interval_ms, funding_time)
    if len(bars.open_time) < SUB_BLOCK:
        return Skips(*(NO_FLOATS,) * 6, starts, paying)
    low_min, high_max = _lowest(bars.low), _highest(bars.high)
    marks = low_min, high_max
    if terms.has_mark:
        marks = _lowest(bars.mark_low), _highest(bars.mark_high)
    return Skips(
        low_min, high_max, _lowest(bars.close), _highest(bars.close), *marks, starts, paying
    )


def _lowest(column: Floats) -> Floats:
    return frozen(run_extremes(column, 1.0), np.float64)


def _highest(column: Floats) -> Floats:
    return frozen(run_extremes(column, -1.0), np.float64)


@kernel
def run_extremes(column: Floats, sign: float) -> Floats:
    """The lowest (sign 1) or highest (-1) value of each whole run of SUB_BLOCK bars.

    Four minima at a time: one alone would wait for itself on every bar.
    """
    out = np.empty(len(column) // SUB_BLOCK)
    for row in range(len(out)):
        i = row * SUB_BLOCK
        a, b = sign * column[i], sign * column[i + 1]
        c, d = sign * column[i + 2], sign * column[i + 3]
        for k in range(i + 4, i + SUB_BLOCK, 4):
            a, b = min(a, sign * column[k]), min(b, sign * column[k + 1])
            c, d = min(c, sign * column[k + 2]), min(d, sign * column[k + 3])
        out[row] = sign * min(a, b, c, d)
    return out


def new_record(trades: int, equity: int = 0, periods: int = 0) -> Record:
    """Empty buffers of the given lengths."""
    return Record(np.empty((trades, at.T_COLUMNS)), np.empty(equity), np.empty(periods))


def _period_starts(open_time: Times, period_ms: int) -> Times:
    # The first bar is always listed: whether it starts a period depends on the bar before, which
    # only the state knows.
    if len(open_time) == 0:
        return NO_TIMES
    first, last = int(open_time[0]) // period_ms, int(open_time[-1]) // period_ms
    # Looked up, not divided bar by bar: a division of integers costs more than a bar's rules.
    rows = np.searchsorted(open_time, np.arange(first + 1, last + 1) * period_ms)
    return frozen(np.unique(np.concatenate(([0], rows))), np.int64)


def _funding_bars(open_time: Times, interval_ms: int, funding_time: Times) -> Times:
    if len(funding_time) == 0:
        return NO_TIMES
    rows = np.unique(np.searchsorted(open_time + interval_ms, funding_time, side="right"))
    return frozen(rows[rows < len(open_time)], np.int64)


def _writeable(array: npt.NDArray[Any], dtype: type) -> npt.NDArray[Any]:
    ready: npt.NDArray[Any] = np.ascontiguousarray(array, dtype=dtype)
    return ready if ready.flags.writeable else ready.copy()
