"""Bars of a coarser interval, made one by one of finer bars as they close."""

from __future__ import annotations

from collections.abc import Iterable

from tradepulse.domain.interval import Interval
from tradepulse.exchanges.bar_closing import Bar

# Venues count volume in steps of 1e-8 and coarser. Rounded so, a sum of floats is the very number
# the venue prints for the coarser bar, and a later download of it conflicts with nothing.
_VOLUME_DECIMALS = 8


class BucketFolder:
    """Folds closed bars into `coarse` ones. The first bucket it emits is the first one that it saw
    from its beginning, `accounted_ms` being the last finer bar accounted for before it began."""

    def __init__(self, fine: Interval, coarse: Interval, accounted_ms: int) -> None:
        self._fine = fine
        self._coarse = coarse
        self._bucket = coarse.floor(accounted_ms + fine.ms)
        self._whole = self._bucket == accounted_ms + fine.ms
        self._bars: list[Bar] = []

    def take(self, bars: Iterable[Bar], accounted_ms: int) -> list[Bar]:
        """The coarse bars that `bars` complete, with every finer bar up to `accounted_ms` accounted
        for. Holes in a bucket stay holes: it holds what was traded."""
        made: list[Bar] = []
        for bar in bars:
            made += self._turn(bar.open_time)
            self._bars.append(bar)
        return made + self._turn(accounted_ms + self._fine.ms)

    def _turn(self, next_ms: int) -> list[Bar]:
        """The bucket at hand, if the finer bar that opens at `next_ms` lies beyond it."""
        bucket = self._coarse.floor(next_ms)
        if bucket == self._bucket:
            return []
        made = [self._folded()] if self._whole and self._bars else []
        self._bucket, self._whole, self._bars = bucket, True, []
        return made

    def _folded(self) -> Bar:
        bars = self._bars
        return Bar(
            self._bucket,
            bars[0].open,
            max(bar.high for bar in bars),
            min(bar.low for bar in bars),
            bars[-1].close,
            round(sum(bar.volume for bar in bars), _VOLUME_DECIMALS),
        )
