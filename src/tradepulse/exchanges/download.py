"""Market history from a venue into the bar store: paged, resumable, never a bar in the making.

What is asked for is what the store lacks, so a download that was killed goes on where it was, and
one that is run again asks for nothing but the venue's own holes. The files depend on the bars
alone: however often it was interrupted, they come out the same, byte for byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tradepulse.domain.bars import Times
from tradepulse.domain.errors import DataError, NotFoundError, RefusedError, TradePulseError
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.interval import Interval
from tradepulse.domain.settings import ExchangeSettings
from tradepulse.engine.ports import Source
from tradepulse.exchanges.bar_closing import SETTLE_MS, Bar, Span
from tradepulse.exchanges.funding_reading import fetch_funding
from tradepulse.exchanges.kept_bars import KeptBars
from tradepulse.exchanges.loop import IoLoop
from tradepulse.exchanges.market_reader import MarketReader, series_of
from tradepulse.exchanges.paging import Cursor, bar_pages, missing_spans, whole_bars
from tradepulse.exchanges.public_client import open_public
from tradepulse.marketdata.audit import Finding, audit
from tradepulse.marketdata.gaps import Gaps, find_gaps
from tradepulse.marketdata.importing import NO_GAPS
from tradepulse.marketdata.store import BarStore, mark_exchange, traded_pair

# A month's file is written anew with each append: often enough that little is lost, seldom enough
# that the writing costs less than the asking.
_BARS_AN_APPEND = 5_000
_AT_ONCE = 4


class DownloadKind(StrEnum):
    BARS = "bars"
    MARK = "mark"
    FUNDING = "funding"


@dataclass(frozen=True)
class DownloadSpec:
    """What to download. Without `pairs` it is the `top` busiest ones of `market` in `quote`.

    Bars that open in [since_ms, until_ms); `until_ms` None: up to the last closed one.
    """

    exchange: str
    interval: Interval
    since_ms: int
    until_ms: int | None = None
    pairs: tuple[Pair, ...] = ()
    top: int | None = None
    quote: str = "USDT"
    market: Market = Market.SPOT
    funding: bool = False
    mark: bool = False


@dataclass(frozen=True)
class Downloaded:
    """One series: `added` rows, and what is kept of the asked span: `rows` from `first` to `last`
    (None without any), its holes, and what the audit found odd."""

    exchange: str
    pair: str
    kind: DownloadKind
    interval: str | None
    added: int
    rows: int
    first: int | None
    last: int | None
    gaps: Gaps
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Failed:
    """A series that could not be downloaded; what was kept of it until then stays."""

    exchange: str
    pair: str
    kind: DownloadKind
    error: TradePulseError


@dataclass(frozen=True)
class DownloadReport:
    """What came of a download, in the order of the pairs."""

    series: tuple[Downloaded, ...]
    failed: tuple[Failed, ...]


Progress = Callable[[int, int], None]


def download_history(
    store: BarStore,
    spec: DownloadSpec,
    exchanges: Mapping[str, ExchangeSettings] | None = None,
    progress: Progress | None = None,
) -> DownloadReport:
    """The report of `spec`, done; `exchanges` are the settings of that name. Waits.

    Errors: `unknown_exchange`, `unknown_interval`, `exchange_unavailable`, `rate_limited`.
    """

    async def work() -> DownloadReport:
        markets = sorted({pair.market for pair in _traded(spec)} or {spec.market})
        reports = [await _of_market(market) for market in markets]
        return DownloadReport(
            tuple(done for report in reports for done in report.series),
            tuple(failed for report in reports for failed in report.failed),
        )

    async def _of_market(market: Market) -> DownloadReport:
        client = open_public(spec.exchange, market, exchanges)
        try:
            return await download(MarketReader(client), store, spec, market, progress)
        finally:
            await client.close()

    with IoLoop("download") as loop:
        return loop.run(work())


async def download(
    reader: MarketReader,
    store: BarStore,
    spec: DownloadSpec,
    market: Market = Market.SPOT,
    progress: Progress | None = None,
) -> DownloadReport:
    """The part of `spec` that is of `market`, done. `progress(done, all)` counts bars; the most is
    known only once every series has begun. Errors: see `download_history`."""
    await reader.load()
    reader.served(spec.interval)
    pairs = [pair for pair in _traded(spec) if pair.market is market]
    if not pairs and spec.top is not None:
        pairs = await reader.busiest(spec.top, spec.quote, market)
    kinds = [DownloadKind.BARS]
    if market is Market.PERPETUAL:
        kinds += [DownloadKind.MARK] * spec.mark + [DownloadKind.FUNDING] * spec.funding
    tally = _Tally(progress)
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(pair: Pair, kind: DownloadKind) -> Downloaded | Failed:
        async with turn:
            try:
                job = _Job(reader, store, spec, pair, kind, tally)
                return await (job.settlements() if kind is DownloadKind.FUNDING else job.bars())
            except (NotFoundError, RefusedError) as error:
                return Failed(spec.exchange, str(pair), kind, error)

    done = await asyncio.gather(*(one(pair, kind) for pair in pairs for kind in kinds))
    return DownloadReport(
        tuple(d for d in done if isinstance(d, Downloaded)),
        tuple(f for f in done if isinstance(f, Failed)),
    )


class _Tally:
    """Adds up what all series have to do and have done."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._done = self._all = 0

    def more(self, count: int) -> None:
        self._all += count

    def step(self, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(self._done, self._all)


@dataclass(frozen=True)
class _Job:
    """One series of a download."""

    reader: MarketReader
    store: BarStore
    spec: DownloadSpec
    pair: Pair
    kind: DownloadKind
    tally: _Tally

    @property
    def name(self) -> str:
        """The exchange's name in the store."""
        exchange = self.spec.exchange
        return mark_exchange(exchange) if self.kind is DownloadKind.MARK else exchange

    async def bars(self) -> Downloaded:
        """Bars or mark prices."""
        symbol = self.reader.symbol(self.pair)
        span = await self._span(symbol)
        source = Source(self.name, str(self.pair), str(self.spec.interval))
        kept = KeptBars(self.store, source)
        holes = await asyncio.to_thread(self._holes, kept, span)
        self.tally.more(_length(holes, self.spec.interval))
        added = sum([await self._fetch(symbol, hole, counts=True) for hole in holes])
        # A page can come back short of what there is; what is missing is asked for once more
        # before it is called a hole of the venue.
        left = [hole for hole in await asyncio.to_thread(self._holes, kept, span)
                if hole not in holes]  # fmt: skip
        added += sum([await self._fetch(symbol, hole, counts=False) for hole in left])
        return await asyncio.to_thread(self._looked_over, kept, span, added)

    async def settlements(self) -> Downloaded:
        """Funding: little enough to be read whole every time."""
        symbol = self.reader.symbol(self.pair)
        span = await self._span(symbol)
        until = self.spec.until_ms or await self.reader.time()
        told = await fetch_funding(self.reader, symbol, self.spec.since_ms, until)
        added = 0
        if len(told):
            report = await asyncio.to_thread(self.store.append_funding, self.name, self.pair, told)
            added = report.added
        first, last = _ends(told.time)
        self.tally.more(_length([span], self.spec.interval))
        self.tally.step(_length([span], self.spec.interval))
        return Downloaded(self.name, str(self.pair), self.kind, None, added, len(told), first,
                          last, NO_GAPS, ())  # fmt: skip

    async def _span(self, symbol: str) -> Span:
        """The bars that are asked for, over by the venue's clock, from its listing on."""
        now = await self.reader.time() - SETTLE_MS
        since = max(self.spec.since_ms, self.reader.listed_ms(symbol) or 0)
        # The bar in which it was listed opens before that.
        since = since if since == self.spec.since_ms else self.spec.interval.floor(since)
        until = now if self.spec.until_ms is None else self.spec.until_ms
        return whole_bars(since, max(until, since), now, self.spec.interval)

    def _holes(self, kept: KeptBars, span: Span) -> list[Span]:
        is_kept = any(
            (info.exchange, info.pair, info.interval) == kept.source for info in self.store.series()
        )
        # The store would make what it does not keep of finer bars: those are not the venue's own.
        times = kept.times(span) if is_kept else np.empty(0, np.int64)
        return missing_spans(times, span, self.spec.interval)

    async def _fetch(self, symbol: str, hole: Span, *, counts: bool) -> int:
        """How many bars of `hole` the venue had; they are kept as they come."""
        interval, served = self.spec.interval, self.reader.served(self.spec.interval)
        if served != interval:
            return await self._fetch_folded(symbol, hole, counts=counts)
        cursor = Cursor(hole, interval.ms, bar_pages(self.reader.exchange))
        price = "mark" if self.kind is DownloadKind.MARK else None
        added, waiting = 0, []
        while (page := cursor.page()) is not None:
            rows = await self.reader.bars(symbol, interval, page, price)
            before = cursor.at_ms
            cursor.answered([row.open_time for row in rows])
            waiting += [row for row in rows if hole.start_ms <= row.open_time < hole.end_ms]
            if len(waiting) >= _BARS_AN_APPEND:
                added, waiting = added + await self._keep(waiting), []
            if counts:
                self.tally.step((cursor.at_ms - before) // interval.ms)
        return added + await self._keep(waiting)

    async def _fetch_folded(self, symbol: str, hole: Span, *, counts: bool) -> int:
        if self.kind is DownloadKind.MARK:
            raise RefusedError(
                "not_supported", f"{self.reader.exchange} has no {self.spec.interval} mark prices",
                expected="an interval it serves", found=str(self.spec.interval),
            )  # fmt: skip
        bars = await self.reader.all_bars(symbol, self.spec.interval, hole)
        if counts:
            self.tally.step(_length([hole], self.spec.interval))
        return await self._keep(bars)

    async def _keep(self, bars: list[Bar]) -> int:
        if not bars:
            return 0
        report = await asyncio.to_thread(
            self.store.append, self.name, self.pair, self.spec.interval,
            series_of(bars, self.spec.interval),
        )  # fmt: skip
        return report.added

    def _looked_over(self, kept: KeptBars, span: Span, added: int) -> Downloaded:
        bars = kept.read(span)
        first, last = _ends(bars.open_time)
        findings = audit(bars, volumes=self.kind is DownloadKind.BARS) if len(bars) else []
        return Downloaded(
            self.name, str(self.pair), self.kind, str(self.spec.interval), added, len(bars), first,
            last, find_gaps(bars.open_time, bars.interval_ms), tuple(findings),
        )  # fmt: skip


def _traded(spec: DownloadSpec) -> list[Pair]:
    """The pairs as they are traded there: a venue of perpetuals settles them in their quote."""
    return [traded_pair(spec.exchange, pair) for pair in spec.pairs]


def _length(spans: list[Span], interval: Interval) -> int:
    return sum((span.end_ms - span.start_ms) // interval.ms for span in spans)


def _ends(times: Times) -> tuple[int | None, int | None]:
    return (int(times[0]), int(times[-1])) if len(times) else (None, None)


def refuse_empty(report: DownloadReport) -> None:
    """Nothing, or the one error of a download of which nothing came.

    Errors: that one; `empty` where there was nothing to download.
    """
    if report.series:
        return
    if len(report.failed) == 1:
        raise report.failed[0].error
    if not report.failed:
        raise DataError("empty", "nothing to download", expected="pairs that are traded there",
                        found="none")  # fmt: skip
