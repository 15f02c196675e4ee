"""Prices that leave their neighbours by a huge factor and come back: most likely bad prints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries

# A wick must leave the neighbours' median close by this factor to be looked at at all ...
LEAST_FACTOR = 1.25
# ... and be this many times as long as bars around it usually are, ...
TIMES_TYPICAL = 20.0
# ... or leave by this factor, however wild the market is. The crashes of March 2020, May 2021 and
# November 2022 pass below both in the reference bars; LINKUSDT's wick is 139 times a usual bar.
SURE_FACTOR = 3.0
_NEAR, _WIDE = 5, 20
# Neighbours on the far side of a hole say nothing about this bar.
_REACH_INTERVALS = 40


@dataclass(frozen=True)
class Outlier:
    """A price far from the `median` close of its neighbours, by `factor` either way."""

    time: int
    column: str
    price: float
    median: float
    factor: float


def find_outliers(bars: BarSeries) -> list[Outlier]:
    """The outliers, oldest first. Bars without neighbours on both sides are not judged."""
    return [found for row in _candidates(bars) if (found := _judge(bars, int(row))) is not None]


def _candidates(bars: BarSeries) -> npt.NDArray[np.intp]:
    """Rows with a long wick, or a close far from the one before: cheap, and misses nothing."""
    body_low, body_high = np.minimum(bars.open, bars.close), np.maximum(bars.open, bars.close)
    before = np.concatenate([bars.close[:1], bars.close[:-1]])
    far = (body_low > LEAST_FACTOR * bars.low) | (bars.high > LEAST_FACTOR * body_high)
    far |= (bars.close > LEAST_FACTOR * before) | (before > LEAST_FACTOR * bars.close)
    return np.flatnonzero(far)


def _judge(bars: BarSeries, row: int) -> Outlier | None:
    near = [k for side in _neighbours(bars, row, _NEAR) for k in side]
    sides = _neighbours(bars, row, 1)
    if not all(sides):
        return None
    median = float(np.median(bars.close[near]))
    wide = [k for side in _neighbours(bars, row, _WIDE) for k in side]
    typical = float(np.median(np.log(bars.high[wide] / bars.low[wide])))
    column, price = max(
        (("low", float(bars.low[row])), ("high", float(bars.high[row]))),
        key=lambda side: abs(np.log(side[1] / median)),
    )
    distance = abs(float(np.log(price / median)))
    # It came back: the closes on both sides are nearer the median than halfway to the price.
    returned = all(abs(np.log(bars.close[k] / median)) < distance / 2 for (k,) in sides)
    huge = distance >= np.log(LEAST_FACTOR) and distance >= TIMES_TYPICAL * typical
    if not returned or not (huge or distance >= np.log(SURE_FACTOR)):
        return None
    return Outlier(int(bars.open_time[row]), column, price, median, float(np.exp(distance)))


def _neighbours(bars: BarSeries, row: int, count: int) -> tuple[list[int], list[int]]:
    """Rows up to `count` before and after `row`, none beyond reach in time."""

    def near(rows: range) -> list[int]:
        reach = _REACH_INTERVALS * bars.interval_ms
        return [k for k in rows if abs(int(bars.open_time[k] - bars.open_time[row])) <= reach]

    after = range(row + 1, min(len(bars), row + count + 1))
    return near(range(max(0, row - count), row)), near(after)
