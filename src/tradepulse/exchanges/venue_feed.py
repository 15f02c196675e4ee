"""The live feed of one market of one venue, on the exchange loop.

Sockets tell quickly, REST tells surely. Frames go to the `BarCloser` of their source; a supervisor
looks ten times a second at what is over and untold, asks REST for it, and gives up sockets that
fell silent. A bar is in the bar store before anybody sees it.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval
from tradepulse.engine.ports import Source
from tradepulse.exchanges.bar_buckets import BucketFolder
from tradepulse.exchanges.bar_closing import SETTLE_MS, Bar, BarCloser, Closed, Span
from tradepulse.exchanges.bar_streams import BarStreams, Key
from tradepulse.exchanges.bar_tail import BarTail
from tradepulse.exchanges.feed_memory import BarMemory
from tradepulse.exchanges.feed_reports import FeedEvent, FeedPace
from tradepulse.exchanges.kept_bars import KeptBars
from tradepulse.exchanges.live_series import LiveSeries
from tradepulse.exchanges.market_clock import MarketClock
from tradepulse.exchanges.market_reader import MarketReader
from tradepulse.exchanges.paging import bar_pages, missing_spans
from tradepulse.marketdata.store import BarStore

_LOG = logging.getLogger(__name__)
# ccxt's message hash there forgets the interval: a second one for the same symbol is never told.
_ONE_INTERVAL_A_SYMBOL = ("kraken",)
_QUESTIONS_AT_ONCE = 4
_ASK_BARS = 500
_SECOND_LOOK_S = 0.3

PriceListener = Callable[[str, str, float, int], None]


class VenueFeed:
    """Follows sources of one venue. Every method but the constructor runs on the loop.

    `report` hears of events, `price` of every last price (exchange, pair, price, market time),
    `news` when new bars can be read; they are called on the loop and must not wait.
    """

    def __init__(
        self,
        exchange: str,
        client: Any,
        store: BarStore,
        pace: FeedPace,
        *,
        report: Callable[[FeedEvent], None],
        price: PriceListener,
        news: Callable[[], None],
        tails: Path | None = None,
    ) -> None:
        self.exchange = exchange
        self.clock = MarketClock()
        self.series: dict[Source, LiveSeries] = {}
        self.prices: dict[str, float] = {}
        self.history = MarketReader(client)
        self.streams = BarStreams(client, pace, self._heard, self._lost)
        self._client = client
        self._reader = MarketReader(client, patient=False)
        self._store = store
        self._pace = pace
        self._report, self._price, self._news = report, price, news
        self._tails = tails
        self._streamed: dict[Key, LiveSeries] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._questions = asyncio.Semaphore(_QUESTIONS_AT_ONCE)
        self._opening = asyncio.Lock()
        self._look = asyncio.Event()
        self._clock_read_at = -1e9
        self._down_since: float | None = None
        self._filled_while_down = 0

    # --- from outside -----------------------------------------------------------------------------
    async def open(self) -> None:
        """Learns the venue's markets and its time, and begins to look after what is followed."""
        await self.history.load()
        await self._read_clock()
        if self.clock.needs_second_look:
            await asyncio.sleep(_SECOND_LOOK_S)
            await self._read_clock()
        self._spawn(self._supervise())

    async def follow(self, pair: Pair, interval: Interval) -> LiveSeries:
        """The series of the pair, from now on kept up to date; what was missed since its newest
        kept bar has been fetched. Errors: `symbol_not_found`, `unknown_interval`, those of REST."""
        async with self._opening:
            return await self._follow(pair, interval)

    async def fill(self, series: LiveSeries, span: Span) -> int:
        """How many bars of `span` REST could add to the store. A hole is asked for once."""
        span = Span(span.start_ms, min(span.end_ms, series.closer.next_ms))
        times = await asyncio.to_thread(series.kept.times, span)
        holes = [h for h in missing_spans(times, span, series.interval) if h not in series.asked]
        added = 0
        for hole in holes:
            added += await self._fetch(series, hole)
            series.asked |= {hole}
        return added

    async def close(self) -> None:
        """Ends its tasks and its sockets."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.streams.close()
        await self._client.close()
        for series in self.series.values():
            await asyncio.to_thread(series.kept.take_in)

    # --- opening a series -------------------------------------------------------------------------
    async def _follow(self, pair: Pair, interval: Interval) -> LiveSeries:
        source = Source(self.exchange, str(pair), str(interval))
        if source in self.series:
            return self.series[source]
        symbol = self._reader.symbol(pair)
        root = self._root(symbol, interval)
        base = None if root == interval else await self._follow(pair, root)
        series = await self._begin(source, symbol, interval, streamed=base is None)
        if base is not None:
            folder = BucketFolder(root, interval, base.closer.accounted_ms)
            base.folds.append((folder, series))
        elif self.streams.possible:
            self._streamed[symbol, str(interval)] = series
            self.streams.add((symbol, str(interval)))
        self.series[source] = series
        return series

    def _root(self, symbol: str, interval: Interval) -> Interval:
        """The interval that bars of `interval` are told by or folded from."""
        if self._client.id in _ONE_INTERVAL_A_SYMBOL:
            return self._reader.served(Interval.parse("1m"))
        told = [Interval.parse(name) for at, name in self._streamed if at == symbol]
        fitting = [length for length in told if interval.ms % length.ms == 0]
        return max(fitting, default=self._reader.served(interval))

    async def _begin(
        self, source: Source, symbol: str, interval: Interval, *, streamed: bool
    ) -> LiveSeries:
        kept = KeptBars(self._store, source, self._tail(source))
        await asyncio.to_thread(kept.settle)
        now = await self.history.time()
        over = interval.floor(now - SETTLE_MS)
        # What an earlier run kept was closed then, however short ago: it is not waited for again.
        last = await asyncio.to_thread(kept.last_before, interval.floor(now))
        accounted = max(over - interval.ms, last or 0)
        series = LiveSeries(
            source, symbol, kept, BarCloser(interval, accounted),
            BarMemory(interval.ms, accounted), streamed, accounted,
        )  # fmt: skip
        if last is None:
            # Nothing is kept: a look at the newest shows at once whether the venue tells such bars.
            await self._fetch(series, Span(accounted - interval.ms, over))
        elif last < accounted:
            missed = await self._fetch(series, Span(last + interval.ms, over))
            self._tell(series, "feed.gap", bars=missed, first=last + interval.ms, filled=True)
        return series

    def _tail(self, source: Source) -> BarTail | None:
        if self._tails is None:
            return None
        name = "_".join((source.exchange, re.sub("[/:]", "-", source.pair), source.interval))
        return BarTail(self._tails / f"{name}.tail")

    async def _fetch(self, series: LiveSeries, span: Span) -> int:
        """Reads `span` by REST into the store; how many bars it held."""
        length = series.interval.ms
        step = max(bar_pages(self.history.exchange).limit, 1) * length
        found = 0
        for start in range(span.start_ms, span.end_ms, step):
            part = Span(start, min(start + step, span.end_ms))
            bars = await self.history.all_bars(series.symbol, series.interval, part)
            if bars:
                await asyncio.to_thread(series.kept.keep, bars)
                found += len(bars)
        return found

    # --- what the sockets say ---------------------------------------------------------------------
    def _heard(self, key: Key, bar: Bar, final: bool, sent_ms: int | None) -> None:
        series = self._streamed.get(key)
        if series is None:
            return
        if sent_ms is not None:
            self.clock.hint(sent_ms)
        heard_ms = time.time_ns() // 1_000_000
        for told in (series, *(coarse for _, coarse in series.folds)):
            told.last_message_ms = heard_ms
        self.prices[series.source.pair] = bar.close
        self._price(self.exchange, series.source.pair, bar.close, sent_ms or self.clock.now())
        awaited = series.closer.next_ms
        self._take(series, series.closer.seen(bar, final=final))
        if bar.open_time > awaited and not final:
            self._look.set()  # its successor is here: no need to wait for the next look

    def _lost(self, reason: str) -> None:
        if self._down_since is None:
            self._down_since = time.monotonic()
            self._filled_while_down = 0
            self._tell(None, "feed.stale", reason=reason)

    # --- what is due ------------------------------------------------------------------------------
    async def _supervise(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._look.wait(), self._pace.look_s)
            except TimeoutError:
                await self._keep_time()
            self._look.clear()
            try:
                self._ask_for_what_is_due()
                self.streams.watch_for_silence()
            except Exception:  # noqa: BLE001
                # Without this task nobody would notice a dead stream any more.
                _LOG.exception("%s: a look at the feed failed", self.exchange)

    def _ask_for_what_is_due(self) -> None:
        market, now = self.clock.now(), time.monotonic()
        caught_up = True
        for series in tuple(self.series.values()):
            wait = self._pace.mark_s if self.streams.marks or not series.streamed else 0.0
            span = series.due(market, now, wait)
            caught_up = caught_up and series.due_since is None
            if span is not None:
                series.asking = True
                self._spawn(self._ask(series, span))
        back = self.streams.connected and self._down_since is not None
        if caught_up and back and self._down_since is not None:
            silent = round(time.monotonic() - self._down_since, 3)
            self._tell(None, "feed.recovered", seconds=silent, bars=self._filled_while_down)
            self._down_since = None

    async def _ask(self, series: LiveSeries, span: Span) -> None:
        """One question to REST for bars that are over."""
        moved = 0
        try:
            async with self._questions:
                length = series.interval.ms
                part = Span(span.start_ms, min(span.end_ms, span.start_ms + _ASK_BARS * length))
                # The first time, that a later bar follows is proof enough; the venue's clock is
                # asked when there was none.
                now = await self._read_clock() if series.tries or not series.streamed else 0
                beyond = Span(part.start_ms, part.end_ms + length)
                told = await self._reader.all_bars(series.symbol, series.interval, beyond)
                closed = series.closer.answered(part, told, now)
            moved = len(closed.bars) + len(closed.absent)
            self._note_filled(series, closed)
            self._take(series, closed)
        except TradePulseError as error:
            _LOG.warning("%s %s: %s", self.exchange, series.symbol, error)
        finally:
            series.asking = False
            series.answered(moved, time.monotonic(), self._pace)

    def _note_filled(self, series: LiveSeries, closed: Closed) -> None:
        count = len(closed.bars)
        if count and (self._down_since is not None or count > 1):
            self._filled_while_down += count
            first, last = closed.bars[0].open_time, closed.bars[-1].open_time
            self._tell(series, "feed.gap", bars=count, first=first, last=last, filled=True)

    async def _keep_time(self) -> None:
        pause = self._pace.clock_live_s if self.clock.is_live else self._pace.clock_s
        if time.monotonic() - self._clock_read_at < pause:
            return
        try:
            await self._read_clock()
        except TradePulseError as error:
            self._clock_read_at = time.monotonic()
            _LOG.warning("%s: the clock could not be read: %s", self.exchange, error)

    async def _read_clock(self) -> int:
        asked = time.monotonic() * 1000
        told = await self._reader.time()
        self.clock.observe(told, asked, time.monotonic() * 1000)
        self._clock_read_at = time.monotonic()
        return told

    # --- giving out -------------------------------------------------------------------------------
    def _take(self, series: LiveSeries, closed: Closed) -> None:
        if closed.absent:
            self._tell(series, "feed.gap", bars=len(closed.absent), first=closed.absent[0],
                       last=closed.absent[-1], filled=False)  # fmt: skip
        if closed.bars:
            series.outbox += closed.bars
            if not series.publishing:
                series.publishing = True
                self._spawn(self._publish(series))
        if not (closed.bars or closed.absent):
            return
        for folder, coarse in series.folds:
            for bar in folder.take(closed.bars, series.closer.accounted_ms):
                self._take(coarse, coarse.closer.seen(bar, final=True))

    async def _publish(self, series: LiveSeries) -> None:
        """Keeps the closed bars, then shows them; tried again until it works."""
        tries = 0
        try:
            while series.outbox:
                batch = tuple(series.outbox)
                try:
                    # A thread of its own would wait for the processor as long as the wallets do.
                    kept = series.kept.keep_at_once(batch)
                    if kept is None:
                        kept = await asyncio.to_thread(series.kept.keep, batch)
                except TradePulseError as error:
                    tries += 1
                    self._tell(series, "feed.stale", reason=f"{error.code}: {error}")
                    await asyncio.sleep(min(self._pace.retry_s * 2**tries, 60.0))
                    continue
                del series.outbox[: len(batch)]
                if kept.replaced:
                    self._tell(series, "feed.conflict", bars=kept.replaced)
                series.memory.extend(kept.bars)
                series.last_bar = kept.bars[-1].open_time
                self._news()
        finally:
            series.publishing = False
        if self._tails is not None:
            await self._take_in(series)

    async def _take_in(self, series: LiveSeries) -> None:
        """Has the store take in what waits in the tail, a moment later: orders go first."""
        await asyncio.sleep(self._pace.take_in_s)
        try:
            await asyncio.to_thread(series.kept.take_in)
        except TradePulseError as error:
            self._tell(series, "feed.stale", reason=f"{error.code}: {error}")

    def _tell(self, series: LiveSeries | None, kind: str, **payload: Any) -> None:
        source = None if series is None else series.source
        if source is not None:
            payload = {"interval": source.interval, **payload}
        pair = None if source is None else source.pair
        self._report(FeedEvent(kind, self.clock.now(), self.exchange, pair, payload))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
