"""The newest bars of a series, where an engine thread reads while the feed adds."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.exchanges.bar_closing import Bar

_CAPACITY = 4_096


class BarMemory:
    """The bars given out since the feed began, the newest few thousand of them.

    What was handed to a reader never changes: new bars are written behind it, and when the room is
    used up the newer half moves to new arrays. Thread-safe.
    """

    def __init__(self, interval_ms: int, after_ms: int, capacity: int = _CAPACITY) -> None:
        self._lock = threading.Lock()
        self._interval_ms = interval_ms
        self._capacity = capacity
        self._reaches_back_to = after_ms
        self._count = 0
        self._allocate()

    def extend(self, bars: Sequence[Bar]) -> None:
        """Adds bars, which follow those that are there."""
        with self._lock:
            for bar in bars:
                if self._count == self._capacity:
                    self._make_room()
                self._times[self._count] = bar.open_time
                for column, value in zip(self._columns, bar[1:], strict=True):
                    column[self._count] = value
                self._count += 1

    def after(self, after_ms: int, limit: int) -> BarSeries | None:
        """At most `limit` bars that open after `after_ms`; None where they begin before what is
        remembered."""
        with self._lock:
            if after_ms < self._reaches_back_to:
                return None
            times = self._times[: self._count]
            start = int(np.searchsorted(times, after_ms, side="right"))
            cut = slice(start, min(start + limit, self._count))
            o, h, low, c, v = (column[cut] for column in self._columns)
            return BarSeries(self._times[cut], o, h, low, c, v, self._interval_ms)

    def _make_room(self) -> None:
        half = self._count // 2
        times, columns = self._times, self._columns
        self._reaches_back_to = int(times[half - 1])
        self._count -= half
        self._allocate()
        self._times[: self._count] = times[half:]
        for fresh, old in zip(self._columns, columns, strict=True):
            fresh[: self._count] = old[half:]

    def _allocate(self) -> None:
        self._times = np.empty(self._capacity, np.int64)
        self._columns = tuple(np.empty(self._capacity) for _ in range(5))
