"""Columns that are later bars: shifted back, or the value of a longer bar that has not closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.domain.interval import DAY_MS, WEEK_MS, WEEK_ORIGIN_MS, Interval
from tradepulse.training.lookahead.report import Leak

CHECK = "matches"
FARTHEST = 48
_SUMS = (4, 12, 24, 48)
# Longer bars people join to shorter ones.
_FRAMES = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "1w")
# Coarse ticks make a price come back by chance, on a third of the bars at worst.
_SHARE, _SAMPLE_SHARE = 0.9, 0.6
_FEWEST, _SAMPLE = 30, 600
_RELATIVE = 1e-9

Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]


class Series(NamedTuple):
    """What a column may be `ahead` bars too early; `now`: what it would then be taken for."""

    meaning: str
    ahead: int
    values: Floats
    now: Floats


@dataclass(frozen=True, eq=False)
class LaterBars:
    """Everything of the later bars that a column could be, computed once for all columns."""

    bars: BarSeries

    def match(self, name: str, column: Floats) -> Leak | None:
        """The later series that `column` equals on nine of ten bars that can tell, if any."""
        known = np.flatnonzero(np.isfinite(column))
        sample = known[:: max(1, len(known) // _SAMPLE)]
        for series in self._series():
            equal, telling = _compared(column, series, sample)
            if equal.sum() < _SAMPLE_SHARE * telling.sum() or not telling.any():
                continue
            equal, telling = _compared(column, series, known)
            count, found = int(telling.sum()), int(equal.sum())
            if count >= _FEWEST and found >= _SHARE * count:
                message = (
                    f"{name} is {series.meaning}, on {found:,} of the {count:,} bars that can tell"
                )
                return Leak(CHECK, name, int(known[np.flatnonzero(equal)[0]]), message)
        return None

    def _series(self) -> Iterator[Series]:
        """Shifted series first: a shift by one is also the close of a bucket of two."""
        for ahead in range(1, FARTHEST + 1):
            when = "the next bar" if ahead == 1 else f"the bar {ahead} bars later"
            for name, values, now in self._shifted:
                yield Series(f"the {name} of {when}", ahead, values, now)
        for ahead, name, values, now in self._sums:
            yield Series(f"the {name} of the next {ahead} bars", ahead, values, now)
        yield from self._unclosed

    @cached_property
    def _shifted(self) -> list[tuple[str, Floats, Floats]]:
        bars, close = self.bars, self.bars.close
        before = np.concatenate((close[:1], close[:-1]))
        prices = [(name, getattr(bars, name)) for name in ("close", "high", "low", "volume")]
        prices += [("return", close / before - 1.0), ("log return", np.log(close / before))]
        # Where nothing trades between them, the next bar's open is this bar's close.
        return [("open", bars.open, np.concatenate((close[:-1], close[-1:])))] + [
            (name, values, values) for name, values in prices
        ]

    @cached_property
    def _sums(self) -> list[tuple[int, str, Floats, Floats]]:
        made = []
        for ahead in _SUMS:
            if len(self.bars) > ahead:
                ratio = np.ones(len(self.bars))
                ratio[ahead:] = self.bars.close[ahead:] / self.bars.close[:-ahead]
                made.append((ahead, "return", ratio - 1.0, ratio - 1.0))
                made.append((ahead, "log return", np.log(ratio), np.log(ratio)))
        return made

    @cached_property
    def _unclosed(self) -> list[Series]:
        interval = self.bars.interval_ms
        lengths = [(frame, Interval.parse(frame).ms) for frame in _FRAMES]
        return [
            series
            for frame, length in lengths
            if length > interval and length % interval == 0
            for series in _running_bars(self.bars, frame, length)
        ]


def _compared(column: Floats, series: Series, places: Places) -> tuple[Flags, Flags]:
    """(equal, telling) at `places`: telling where the later value is not also the present one."""
    later = places + series.ahead
    inside = later < len(column)
    later = np.where(inside, later, 0)
    found = series.values[later]
    # The close before the next open is this bar's: its own place, one before the open's.
    now = series.now[np.maximum(later - 1, 0) if series.meaning.startswith("the open") else places]
    telling = inside & np.isfinite(found) & ~_equal(found, now)
    return telling & _equal(column[places], found), telling


def _running_bars(bars: BarSeries, frame: str, length: int) -> Iterator[Series]:
    """The final values of the longer bar that each bar lies in; those so far as what is known."""
    origin = WEEK_ORIGIN_MS if length % WEEK_MS == 0 else 0
    bucket = (bars.open_time - origin) // length
    starts = np.flatnonzero(np.diff(bucket, prepend=bucket[0] - 1))
    sizes = np.diff(np.append(starts, len(bars)))
    ends = starts + sizes - 1
    name = "day" if length == DAY_MS else f"{frame} bar"
    total = np.cumsum(bars.volume)
    whole = {
        "close": (bars.close[ends], bars.close),
        "high": (np.maximum.reduceat(bars.high, starts), _so_far(bars.high, starts, np.maximum)),
        "low": (np.minimum.reduceat(bars.low, starts), _so_far(bars.low, starts, np.minimum)),
        "volume": (np.add.reduceat(bars.volume, starts),
                   total - np.repeat(total[starts] - bars.volume[starts], sizes)),
    }  # fmt: skip
    for what, (values, now) in whole.items():
        final = np.repeat(values, sizes)
        yield Series(f"the {what} of a {name} that has not closed", 0, final, now)


def _so_far(values: Floats, starts: Places, best: np.ufunc) -> Floats:
    made = np.empty(len(values))
    for start, stop in zip(starts, np.append(starts[1:], len(values)), strict=True):
        made[start:stop] = best.accumulate(values[start:stop])
    return made


def _equal(a: Floats, b: Floats) -> Flags:
    return np.asarray(np.abs(a - b) <= _RELATIVE * np.maximum(np.abs(a), np.abs(b)))
