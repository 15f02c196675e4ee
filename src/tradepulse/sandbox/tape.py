"""The path of a symbol's price: each bar walked from its open through both extremes to its close.

The extreme nearest the open comes first (the low when both are as near), so what the bars leave
open is decided once and the same way for everybody. Prices are whole ticks, volumes whole lots.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats, Times


class Point(NamedTuple):
    """One print: the price in ticks and what traded there in lots; `opens`: the first of a bar,
    where the price jumps instead of moving."""

    price: int
    lots: int
    opens: bool


class BarTicks(NamedTuple):
    """A bar in ticks and lots."""

    open: int
    high: int
    low: int
    close: int
    lots: int


def path_of(bar: BarTicks, steps_per_leg: int) -> list[int]:
    """Prices in ticks: the open, then `steps_per_leg` of each of the three legs."""
    low_first = bar.open - bar.low <= bar.high - bar.open
    corners = (bar.open, *((bar.low, bar.high) if low_first else (bar.high, bar.low)), bar.close)
    path = [bar.open]
    for start, stop in pairwise(corners):
        span = stop - start
        path += [start + span * i // steps_per_leg for i in range(1, steps_per_leg)]
        path.append(stop)
    return path


class Tape:
    """Bars as integers, and where the replay stands in them.

    `next_time` is when the next thing happens: a print, or the end of the bar at hand; None after
    the last bar.
    """

    def __init__(
        self,
        bars: BarSeries,
        tick: Decimal,
        lot: Decimal,
        steps_per_leg: int,
        mark: BarSeries | None = None,
    ) -> None:
        self.interval_ms = bars.interval_ms
        self.times: list[int] = bars.open_time.tolist()
        self.bars = bars
        self.columns = [_steps(c, tick) for c in (bars.open, bars.high, bars.low, bars.close)]
        self.volumes = _steps(bars.volume, lot)
        self.mark_columns = None if mark is None else _aligned_marks(bars, mark, tick)
        # Stepping reads one element at a time, at which lists are ten times quicker.
        self._columns: list[list[int]] = [column.tolist() for column in self.columns]
        self._volumes: list[int] = self.volumes.tolist()
        self._marks: list[list[int]] | None = (
            None if self.mark_columns is None else [c.tolist() for c in self.mark_columns]
        )
        self._steps_per_leg = steps_per_leg
        self.points = 3 * steps_per_leg + 1
        self.row = 0
        self.point = 0
        self.path: list[int] = []
        self.mark_path: list[int] = []
        self.next_time: int | None = None

    def seek(self, time_ms: int) -> None:
        """Stand before the first bar that is not over at `time_ms`."""
        self.row = int(np.searchsorted(self.bars.open_time, time_ms - self.interval_ms, "right"))
        self.point = 0
        self.next_time = self.times[self.row] if self.row < len(self.times) else None

    def bar(self, row: int) -> BarTicks:
        opens, highs, lows, closes = self._columns
        return BarTicks(opens[row], highs[row], lows[row], closes[row], self._volumes[row])

    def opening_mark(self, row: int) -> int | None:
        """The mark in ticks at the open of a bar, None where there is no bar."""
        if row >= len(self.times):
            return None
        return (self._columns if self._marks is None else self._marks)[0][row]

    def at_open(self) -> bool:
        """Whether the bar at `row` has not begun."""
        return self.point == 0

    def at_close(self) -> bool:
        """Whether the bar at `row` has printed all its points."""
        return self.point == self.points

    def print(self) -> tuple[Point, int]:
        """The next point and the mark there; moves on by one."""
        j, row = self.point, self.row
        if j == 0:
            self.path = path_of(self.bar(row), self._steps_per_leg)
            self.mark_path = self.path if self._marks is None else self._mark_path(row)
        self.point = j + 1
        self.next_time = self.times[row] + self.point * self.interval_ms // self.points
        return Point(self.path[j], self._share(row, j), j == 0), self.mark_path[j]

    def past_prints(self, count: int) -> list[tuple[int, Point]]:
        """(time, point) of at most `count` prints before the bar at hand, oldest first."""
        bars = -(-count // self.points)
        found = []
        for row in range(max(self.row - bars, 0), self.row):
            path = path_of(self.bar(row), self._steps_per_leg)
            for j, price in enumerate(path):
                lots = self._share(row, j)
                if lots:
                    time = self.times[row] + j * self.interval_ms // self.points
                    found.append((time, Point(price, lots, j == 0)))
        return found[-count:]

    def close(self) -> None:
        """Leave the bar that has printed all its points."""
        self.row += 1
        self.point = 0
        self.next_time = self.times[self.row] if self.row < len(self.times) else None

    def _share(self, row: int, j: int) -> int:
        """The lots of print `j` of a bar. Where a bar traded each trades something, so that a level
        that was reached can fill."""
        volume, n = self._volumes[row], self.points
        return max(volume * (j + 1) // n - volume * j // n, 1) if volume else 0

    def _mark_path(self, row: int) -> list[int]:
        if self._marks is None:
            return self.path
        opens, highs, lows, closes = self._marks
        bar = BarTicks(opens[row], highs[row], lows[row], closes[row], 0)
        return path_of(bar, self._steps_per_leg)


def _steps(values: Floats, step: Decimal) -> Times:
    # Bars of one venue replayed on another's ticks are rounded to the nearest.
    return np.rint(values / float(step)).astype(np.int64)


def _aligned_marks(bars: BarSeries, mark: BarSeries, tick: Decimal) -> list[Times]:
    """Mark columns in ticks, a row a bar; where the mark is not known it is the traded price."""
    rows = np.searchsorted(mark.open_time, bars.open_time)
    inside = np.minimum(rows, len(mark) - 1)
    known = mark.open_time[inside] == bars.open_time
    names = ("open", "high", "low", "close")
    return [
        _steps(np.where(known, getattr(mark, name)[inside], getattr(bars, name)), tick)
        for name in names
    ]
