"""A bar store that also answers for intervals it does not keep, made of finer ones it does."""

from __future__ import annotations

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.resample import resample
from tradepulse.marketdata.store import AppendReport, BarStore, SeriesInfo, traded_pair


class FoldingStore:
    """The `BarStore` port over another store: reads fold the coarsest finer series where needed.

    A configuration found on 1h bars made of 5m bars is thus replayed on the same bars. `series`
    lists what is kept, not what could be made of it.
    """

    def __init__(self, kept: BarStore) -> None:
        self._kept = kept

    def series(self) -> list[SeriesInfo]:
        """Every kept series."""
        return self._kept.series()

    def read(
        self,
        exchange: str,
        pair: str | Pair,
        interval: str | Interval,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> BarSeries:
        """Bars with an open time in [start_ms, end_ms), closed ones only where they are made."""
        try:
            return self._kept.read(exchange, pair, interval, start_ms, end_ms)
        except NotFoundError:
            wanted = Interval.parse(interval)
            finer = self._finer(exchange, str(traded_pair(exchange, pair)), wanted)
            if finer is None:
                raise
        # A bar that opens before `end_ms` is made of finer bars after it, and one that opens
        # before `start_ms` is not asked for.
        low = None if start_ms is None else wanted.floor(start_ms)
        high = None if end_ms is None else wanted.floor(end_ms - 1) + wanted.ms
        bars = self._kept.read(exchange, pair, finer, low, high)
        return resample(bars, wanted).between(start_ms, end_ms)

    def append(
        self,
        exchange: str,
        pair: str | Pair,
        interval: str | Interval,
        bars: BarSeries,
        *,
        overwrite: bool = False,
    ) -> AppendReport:
        """What the kept store says of it."""
        return self._kept.append(exchange, pair, interval, bars, overwrite=overwrite)

    def read_funding(
        self,
        exchange: str,
        pair: str | Pair,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> FundingSeries:
        """Settlements in [start_ms, end_ms). Error `funding_not_found`."""
        return self._kept.read_funding(exchange, pair, start_ms, end_ms)

    def append_funding(
        self,
        exchange: str,
        pair: str | Pair,
        funding: FundingSeries,
        *,
        overwrite: bool = False,
    ) -> AppendReport:
        """What the kept store says of it."""
        return self._kept.append_funding(exchange, pair, funding, overwrite=overwrite)

    def _finer(self, exchange: str, pair: str, wanted: Interval) -> Interval | None:
        """The coarsest kept interval that divides `wanted`."""
        kept = [
            Interval.parse(info.interval) for info in self._kept.series()
            if (info.exchange, info.pair) == (exchange, pair)
        ]  # fmt: skip
        return max((i for i in kept if wanted.ms % i.ms == 0), default=None)
