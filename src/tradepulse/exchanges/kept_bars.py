"""One source's bars in the bar store, as a live feed adds to them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tradepulse.domain.bars import OHLCV, BarSeries, Times
from tradepulse.domain.errors import DataError, NotFoundError
from tradepulse.domain.interval import Interval
from tradepulse.engine.ports import Source
from tradepulse.exchanges.bar_closing import Bar, Span
from tradepulse.exchanges.bar_tail import BarTail
from tradepulse.exchanges.market_reader import bars_of, series_of
from tradepulse.marketdata.checks import check_bars
from tradepulse.marketdata.store import BarStore

_LOOK_BACK_BARS = 512
# Two ways to the same number (a sum of floats, a printed decimal) may differ in the last bits.
_SAME = 1e-9


class Kept(NamedTuple):
    """Bars as the store holds them now, and how many of them it held differently before."""

    bars: tuple[Bar, ...]
    replaced: int


class KeptBars:
    """The bars of `source` in `store`. Blocking: called on worker threads, several at once.

    With a `tail`, new bars go there first, and into the store by the next `take_in`, which every
    reading here does.
    """

    def __init__(self, store: BarStore, source: Source, tail: BarTail | None = None) -> None:
        self._store = store
        self._tail = tail
        self._lock = threading.RLock()
        self._waiting: list[Bar] = []
        self._newest: int | None = None
        self.source = source
        self.interval = Interval.parse(source.interval)

    def settle(self) -> None:
        """Takes in what an earlier process left in the tail, and has the store keep this very
        interval, if it so far makes it of a finer one: with the first live bar kept, it would know
        that bar alone."""
        with self._lock:
            kept = {(info.exchange, info.pair, info.interval) for info in self._store.series()}
            if (self.source.exchange, self.source.pair, str(self.interval)) not in kept:
                folded = self.read(None)
                if len(folded):
                    self._store.append(*self.source, folded)
            if self._tail is not None:
                self._waiting = self._tail.read()
                self.take_in()
            bars = self.read(None)
            self._newest = int(bars.open_time[-1]) if len(bars) else None

    def take_in(self) -> None:
        """Moves what waits in the tail into the store."""
        with self._lock:
            if self._waiting and self._tail is not None:
                self._agree(self._waiting)
                self._waiting = []
                self._tail.clear()

    def read(self, span: Span | None) -> BarSeries:
        """The kept bars of `span` (None: all), perhaps none."""
        start, end = (None, None) if span is None else span
        self.take_in()
        try:
            return self._store.read(*self.source, start_ms=start, end_ms=end)
        except NotFoundError:
            return series_of((), self.interval)

    def times(self, span: Span) -> Times:
        """Open times of the kept bars of `span`."""
        return self.read(span).open_time

    def last_before(self, end_ms: int) -> int | None:
        """Open time of the newest kept bar that opens before `end_ms`."""
        back = _LOOK_BACK_BARS * self.interval.ms
        while True:
            times = self.times(Span(end_ms - back, end_ms))
            if len(times):
                return int(times[-1])
            if back > end_ms:
                return None
            back *= 8

    def keep(self, bars: Sequence[Bar]) -> Kept:
        """The bars, kept for good. Where the store holds one of them already, it stays as it is
        unless the venue now tells it differently; then the venue's word replaces it.

        Errors: `disk_full`, `read_only`, `write_failed` and those of `check_bars`.
        """
        with self._lock:
            newest = self._newest
            follows = newest is None or bars[0].open_time > newest
            self._newest = max(newest or 0, bars[-1].open_time)
            if self._tail is None or not follows:
                return self._agree(bars)
            # Checked here: what the store would refuse must not be shown.
            check_bars(series_of(bars, self.interval))
            self._tail.append(bars)
            self._waiting += bars
            return Kept(tuple(bars), 0)

    def keep_at_once(self, bars: Sequence[Bar]) -> Kept | None:
        """The bars, kept for good, where that takes no longer than a write to the tail; else None,
        and nothing was done. Errors: those of `keep`."""
        follows = self._newest is None or bars[0].open_time > self._newest
        if self._tail is None or not follows or not self._lock.acquire(blocking=False):
            return None
        try:
            return self.keep(bars)
        finally:
            self._lock.release()

    def _agree(self, bars: Sequence[Bar]) -> Kept:
        fresh = series_of(bars, self.interval)
        try:
            self._store.append(*self.source, fresh)
        except DataError as error:
            if error.code != "conflicting_bars":
                raise
        else:
            return Kept(tuple(bars), 0)
        start, end = bars[0].open_time, bars[-1].open_time + self.interval.ms
        held = self._store.read(*self.source, start_ms=start, end_ms=end)
        same = _alike(held, fresh)
        agreed = {bar.open_time: bar for bar in bars_of(held) if bar.open_time in same}
        told = [agreed.get(bar.open_time, bar) for bar in bars]
        report = self._store.append(*self.source, series_of(told, self.interval), overwrite=True)
        return Kept(tuple(told), report.replaced)


def _alike(held: BarSeries, fresh: BarSeries) -> frozenset[int]:
    """Open times at which both tell the same bar, but for the last bits."""
    common, at, of = np.intersect1d(
        held.open_time, fresh.open_time, assume_unique=True, return_indices=True
    )
    alike = np.ones(len(common), dtype=bool)
    for name in OHLCV:
        left, right = getattr(held, name)[at], getattr(fresh, name)[of]
        alike &= np.isclose(left, right, rtol=_SAME, atol=_SAME)
    return frozenset(common[alike].tolist())
