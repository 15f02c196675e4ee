"""Bars of a higher interval from bars of a lower one: closed ones only, weeks from Monday UTC."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries, Times
from tradepulse.domain.errors import UsageError
from tradepulse.domain.interval import Interval


def resample(bars: BarSeries, interval: str | Interval) -> BarSeries:
    """The closed higher bars, on the grid of `Interval.floor`.

    A bucket whose first moment the bars do not reach back to, and one that has not closed by the
    last bar's end, are dropped. Holes inside a bucket stay holes: it holds what was there. Named
    columns keep their last value. UsageError `unknown_interval` unless a multiple.
    """
    target = Interval.parse(interval)
    if target.ms == bars.interval_ms:
        return bars
    _refuse_unless_multiple(Interval(bars.interval_ms), target)
    opens = (bars.open_time - target.origin_ms) // target.ms * target.ms + target.origin_ms
    starts = np.flatnonzero(np.diff(opens, prepend=-1))
    edges = np.append(starts, len(bars))
    low, high = _closed(bars, opens, len(starts), target)
    if low >= high:
        return replace(bars.slice(0, 0), interval_ms=target.ms)
    whole = bars.slice(int(edges[low]), int(edges[high]))
    return _fold(whole, starts[low:high] - edges[low], opens[starts[low:high]], target)


def _refuse_unless_multiple(base: Interval, target: Interval) -> None:
    if target.ms % base.ms:
        raise UsageError(
            "unknown_interval", f"{target} bars cannot be made of {base} bars",
            expected=f"a multiple of {base}", found=str(target),
        )  # fmt: skip


def _closed(bars: BarSeries, opens: Times, buckets: int, target: Interval) -> tuple[int, int]:
    """The range of buckets that are whole at both ends of the series."""
    if buckets == 0:
        return 0, 0
    leading = bars.open_time[0] != opens[0]
    trailing = bars.open_time[-1] + bars.interval_ms < opens[-1] + target.ms
    return int(leading), buckets - int(trailing)


def _fold(
    bars: BarSeries, starts: npt.NDArray[np.intp], opens: Times, target: Interval
) -> BarSeries:
    """One bar from each run of rows that begins at `starts`."""
    last = np.append(starts[1:], len(bars)) - 1
    return BarSeries(
        opens,
        bars.open[starts],
        np.maximum.reduceat(bars.high, starts),
        np.minimum.reduceat(bars.low, starts),
        bars.close[last],
        np.add.reduceat(bars.volume, starts),
        target.ms,
        {name: column[last] for name, column in bars.columns.items()},
    )
