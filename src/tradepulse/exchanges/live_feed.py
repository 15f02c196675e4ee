"""The live feed of exchanges as the engine's `BarFeed`: closed bars, each kept before it is seen.

The engine's threads read; sockets and REST live on the exchange loop. Whoever follows the same
source shares its stream: two hundred activations on five instruments are five subscriptions.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import FailedError, NotFoundError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.interval import HOUR_MS, Interval
from tradepulse.engine.feed import empty_bars
from tradepulse.engine.ports import Source
from tradepulse.exchanges.bar_closing import Span
from tradepulse.exchanges.feed_reports import DEFAULT_PACE, FeedEvent, FeedHealth, FeedPace
from tradepulse.exchanges.funding_reading import fetch_funding
from tradepulse.exchanges.live_series import LiveSeries
from tradepulse.exchanges.loop import IoLoop
from tradepulse.exchanges.market_reader import Levels
from tradepulse.exchanges.venue_feed import VenueFeed
from tradepulse.marketdata.store import BarStore, traded_pair

_LOG = logging.getLogger(__name__)
T = TypeVar("T")
OpenVenue = Callable[[str, Market], Any]
PriceListener = Callable[[str, str, float, int], None]

# A wallet waits this long for what an activation needs of the past, and its other activations with
# it; the fetching goes on, and the next try finds what it has brought.
_PATIENCE_S = 10.0
_TRY_AGAIN_S = 5.0
# Market time after which a bar that is missing means that the feed is not to be trusted: if the
# venue is silent about the instrument meanwhile, and whatever it says.
_STALE_MS, _STALE_WHATEVER_MS = 60_000, 600_000


class _Opening(NamedTuple):
    """A source on its way to being followed."""

    future: Future[tuple[VenueFeed, LiveSeries]]
    since: float


class LiveFeed:
    """The `BarFeed` port over venues through ccxt. Thread-safe.

    `open_venue(exchange, market)` makes a public ccxt.pro client; it is called on the loop.
    `on_event` hears of `feed.*` events, on the loop. `tails`: a folder for the newest bars, from
    which the store takes them in half a second later; without it the store has each before it is
    seen, which costs some ten milliseconds more.
    """

    def __init__(
        self,
        store: BarStore,
        open_venue: OpenVenue,
        loop: IoLoop,
        *,
        on_event: Callable[[FeedEvent], None] | None = None,
        pace: FeedPace = DEFAULT_PACE,
        patience_s: float = _PATIENCE_S,
        tails: Path | None = None,
    ) -> None:
        self._store, self._open_venue, self._loop = store, open_venue, loop
        self._on_event = on_event
        self._pace = pace
        self._patience_s = patience_s
        self._tails = tails
        self._venues: dict[tuple[str, Market], Future[VenueFeed]] = {}
        self._feeds: list[VenueFeed] = []
        self._sources: dict[Source, _Opening] = {}
        self._filling: dict[tuple[Source, Span], Future[int]] = {}
        self._price_listeners: tuple[PriceListener, ...] = ()
        self._listeners: tuple[Callable[[], None], ...] = ()
        self._lock = threading.Lock()
        self._news = threading.Condition()
        self._edition = 0
        self._read = threading.local()

    # --- the port ---------------------------------------------------------------------------------
    def closed_bars(self, source: Source, after_ms: int | None, limit: int) -> BarSeries:
        """At most `limit` closed bars that open after `after_ms`, as many as have closed by now.

        The first call for a source follows it and waits until what was missed has been fetched.
        Errors: `symbol_not_found`, `unknown_interval`, `exchange_unavailable`, `rate_limited`.
        """
        _, series = self._following(source)
        length, last = series.interval.ms, series.last_bar
        if after_ms is None:
            return series.kept.read(Span(0, last + 1)).slice(0, limit)
        if after_ms >= last:
            return empty_bars(length)
        remembered = series.memory.after(after_ms, limit)
        if remembered is not None:
            return remembered
        # From before the feed began: what is not kept of it is fetched, lest bars be left out.
        span = _on_grid(after_ms + 1, min(last + 1, after_ms + limit * length + 1), series.interval)
        self._filled(source, span)
        return series.kept.read(Span(after_ms + 1, last + 1)).slice(0, limit)

    def history(self, source: Source, start_ms: int, end_ms: int) -> BarSeries:
        """All closed bars that open in [start_ms, end_ms); those not kept are fetched first."""
        _, series = self._following(source)
        span = _on_grid(start_ms, min(end_ms, series.last_bar + 1), series.interval)
        self._filled(source, span)
        return series.kept.read(span)

    def newest(self, source: Source, count: int) -> BarSeries:
        """The last `count` closed bars, fewer if the venue has fewer; fetched where not kept."""
        _, series = self._following(source)
        end, back = series.last_bar + series.interval.ms, count
        while True:
            span = Span(max(end - back * series.interval.ms, 0), end)
            added = self._filled(source, span)
            found = series.kept.read(span)
            if len(found) >= count or (added == 0 and back > count) or span.start_ms == 0:
                return found.slice(max(len(found) - count, 0), len(found))
            back *= 2  # holes: as many bars lie further back

    def funding(self, source: Source, start_ms: int) -> FundingSeries:
        """Settlements from `start_ms` on, as far as the venue knows them. Error
        `funding_not_found`."""
        venue, series = self._following(source)
        pair = source.pair
        if Pair.parse(pair).settle is not None:
            until = venue.clock.now()
            if self._funding_is_due(source, start_ms, until):
                told = self._wait_for(
                    fetch_funding(venue.history, series.symbol, start_ms, until + 1)
                )
                if len(told):
                    self._store.append_funding(source.exchange, pair, told)
        return self._store.read_funding(source.exchange, pair, start_ms=start_ms)

    def wait(self, seconds: float) -> None:
        """Until there are bars or prices that this thread has not been woken for, or `seconds`."""
        seen = getattr(self._read, "edition", -1)
        with self._news:
            self._news.wait_for(lambda: self._edition != seen, seconds)
            self._read.edition = self._edition

    # --- more than the port -----------------------------------------------------------------------
    def wake(self) -> None:
        """Somebody wants the engine's attention."""
        with self._news:
            self._edition += 1
            self._news.notify_all()
        for listener in self._listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Has `listener` called, on the loop, whenever there are bars or prices; it must not
        wait."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def market_now(self, source: Source | None = None) -> int:
        """The venue's market time, UTC ms: of `source`, or of the venue that was opened first;
        the wall clock before that."""
        if source is not None:
            return self._following(source)[0].clock.now()
        for opened in list(self._venues.values()):
            if opened.done() and opened.exception() is None:
                return opened.result().clock.now()
        return time.time_ns() // 1_000_000

    def last_price(self, source: Source) -> float | None:
        """The last traded price that was heard of the pair; None before the first."""
        return self._following(source)[0].prices.get(source.pair)

    def listen_prices(self, listener: PriceListener) -> None:
        """Has `listener(exchange, pair, price, market_ms)` called on the loop for every price."""
        with self._lock:
            self._price_listeners = (*self._price_listeners, listener)

    def health(self, source: Source) -> FeedHealth:
        """How the source is doing."""
        venue, series = self._following(source)
        return FeedHealth(
            venue.streams.connected, series.last_bar, series.last_message_ms,
            series.late_ms(venue.clock.now()), venue.streams.reconnects, series.back_filled,
        )  # fmt: skip

    def is_stale(self, source: Source, market_ms: int | None = None) -> bool:
        """Whether the source's bars are overdue, so that nothing should be entered on them."""
        venue, series = self._following(source)
        late = series.late_ms(venue.clock.now() if market_ms is None else market_ms)
        heard = series.last_message_ms
        silent_s = float("inf") if heard is None else time.time() - heard / 1000
        if late > max(_STALE_WHATEVER_MS, 3 * series.interval.ms) and venue.clock.is_live:
            return True
        return late > _STALE_MS and silent_s > self._pace.stale_s

    def sources(self) -> tuple[Source, ...]:
        """What is followed by now."""
        return tuple(
            source for source, opening in list(self._sources.items())
            if opening.future.done() and not opening.future.cancelled()
            and opening.future.exception() is None
        )  # fmt: skip

    def book(self, exchange: str, pair: str, levels: int) -> Levels:
        """The order book of a pair, read now. Errors: `exchange_unavailable` where the venue is not
        followed or does not answer, `symbol_not_found`, `rate_limited`."""
        traded = traded_pair(exchange, pair)
        opened = self._venues.get((exchange, traded.market))
        if opened is None or not opened.done() or opened.exception() is not None:
            raise FailedError("exchange_unavailable", f"{exchange} is not followed here")
        reader = opened.result().history
        return self._wait_for(reader.book(reader.symbol(traded), levels))

    def unlisten(self, listener: Callable[[], None]) -> None:
        """Stops calling a listener; one that never listened is no matter."""
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each != listener)

    def silence_ms(self, exchange: str, pair: str) -> int | None:
        """For how long nothing was heard of the pair, wall clock; None before its first word."""
        heard = [
            opening.future.result()[1].last_message_ms
            for source, opening in list(self._sources.items())
            if (source.exchange, source.pair) == (exchange, pair) and opening.future.done()
            and not opening.future.cancelled() and opening.future.exception() is None
        ]  # fmt: skip
        known = [word for word in heard if word is not None]
        return time.time_ns() // 1_000_000 - max(known) if known else None

    def close(self) -> None:
        """Ends every stream."""
        for opening in list(self._sources.values()):
            opening.future.cancel()
        for feed in self._feeds:
            self._loop.run(feed.close(), timeout_s=10.0)
        self._feeds.clear()
        self._venues.clear()
        self._sources.clear()
        self.wake()

    # --- inside -----------------------------------------------------------------------------------
    def _following(self, source: Source) -> tuple[VenueFeed, LiveSeries]:
        """The venue and the series of `source`, followed from the first call on."""
        with self._lock:
            opening = self._sources.get(source)
            failed = opening is not None and opening.future.done() and opening.future.exception()
            if opening is None or (failed and time.monotonic() - opening.since > _TRY_AGAIN_S):
                future = self._loop.submit(self._open(source))
                opening = self._sources[source] = _Opening(future, time.monotonic())
        return self._patiently(opening.future)

    async def _open(self, source: Source) -> tuple[VenueFeed, LiveSeries]:
        pair = traded_pair(source.exchange, source.pair)
        venue = await self._venue(source.exchange, pair.market)
        return venue, await venue.follow(pair, Interval.parse(source.interval))

    async def _venue(self, exchange: str, market: Market) -> VenueFeed:
        key = (exchange, market)
        known = self._venues.get(key)
        if known is None or (known.done() and known.exception() is not None):
            known = self._venues[key] = Future()
            feed = VenueFeed(
                exchange, self._open_venue(exchange, market), self._store, self._pace,
                report=self._tell, price=self._tell_price, news=self.wake,
                tails=self._tails,
            )  # fmt: skip
            self._feeds.append(feed)
            try:
                await feed.open()
            except BaseException as error:
                self._feeds.remove(feed)
                known.set_exception(error)
                await feed.close()
                raise
            known.set_result(feed)
        return await asyncio.wrap_future(known)

    def _filled(self, source: Source, span: Span) -> int:
        """How many bars of `span` had to be fetched. Whoever asks again while that goes on waits
        for the same."""
        venue, series = self._following(source)
        with self._lock:
            future = self._filling.get((source, span))
            if future is None:
                future = self._filling[source, span] = self._loop.submit(venue.fill(series, span))
        try:
            return self._patiently(future)
        finally:
            if future.done():
                self._filling.pop((source, span), None)

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return self._patiently(self._loop.submit(work))

    def _patiently(self, future: Future[T]) -> T:
        try:
            return future.result(self._patience_s)
        except CancelledError:
            raise FailedError("exchange_unavailable", "the feed was closed meanwhile") from None
        except TimeoutError:
            raise FailedError(
                "exchange_unavailable", "the venue takes too long",
                expected=f"an answer within {self._patience_s:g} s", found="none yet",
            ) from None  # fmt: skip

    def _funding_is_due(self, source: Source, start_ms: int, until_ms: int) -> bool:
        """Whether a settlement may be missing: none is kept near either end."""
        try:
            kept = self._store.read_funding(source.exchange, source.pair, start_ms=start_ms)
        except NotFoundError:
            return True
        if not len(kept):
            return True
        first, last = int(kept.time[0]), int(kept.time[-1])
        return until_ms - last >= HOUR_MS or first - start_ms > 8 * HOUR_MS

    def _tell(self, event: FeedEvent) -> None:
        if self._on_event is not None:
            _hand_over(self._on_event, event)

    def _tell_price(self, exchange: str, pair: str, price: float, market_ms: int) -> None:
        for listener in self._price_listeners:
            _hand_over(listener, exchange, pair, price, market_ms)


def _hand_over(listener: Callable[..., None], *words: Any) -> None:
    """Calls a listener. Its trouble (a database away) is written down and stops no bars."""
    try:
        listener(*words)
    except Exception:  # noqa: BLE001  (whatever it is, it is the listener's)
        _LOG.exception("a listener of the feed failed")


def _on_grid(start_ms: int, end_ms: int, interval: Interval) -> Span:
    first = interval.floor(start_ms)
    last = interval.floor(end_ms)
    return Span(
        first if first == start_ms else first + interval.ms,
        last if last == end_ms else last + interval.ms,
    )
