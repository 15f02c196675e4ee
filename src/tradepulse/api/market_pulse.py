"""The newest price and book of every pair, read once for all sockets that want them.

Kept is the newest alone: a socket that was busy gets the state of now, not a queue of the past.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import Feed
from tradepulse.domain.live_market import BookWish, OrderBook, Quote
from tradepulse.storage.database import Database

_log = logging.getLogger(__name__)
POLL_S, RETRY_S = 0.5, 2.0
_WISH_MS = 10_000


class MarketKey(NamedTuple):
    """A pair on a feed, as a subscription names it: `live/binance:BTC/USDT`, or without the feed
    for the venue's own."""

    feed: Feed
    exchange: str
    pair: str

    @classmethod
    def parse(cls, text: str) -> MarketKey:
        """The key that `text` names. ValueError for anything else."""
        feed, slash, rest = text.partition("/")
        if not slash or feed not in set(Feed):
            feed, rest = Feed.LIVE, text
        exchange, colon, pair = rest.partition(":")
        if not colon or not exchange or "/" not in pair:
            raise ValueError(f"expected exchange:BASE/QUOTE, found {text[:80]!r}")
        return cls(Feed(feed), exchange.lower(), pair)


class MarketPulse:
    """What engines wrote last, while somebody watches."""

    def __init__(self) -> None:
        self.quotes: dict[MarketKey, Quote] = {}
        self.books: dict[MarketKey, OrderBook] = {}
        self._watched: dict[MarketKey, int] = {}
        self._watchers = 0
        self._wanted = asyncio.Event()
        self._beat = asyncio.Event()
        self._seen_ms = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Prices are read within this block."""
        self._watchers += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._watchers -= 1
            if self._watchers == 0:
                self._wanted.clear()

    def want_book(self, key: MarketKey, change: int) -> None:
        """One more (1) or one less (-1) who looks at a book."""
        count = self._watched.get(key, 0) + change
        if count > 0:
            self._watched[key] = count
        else:
            self._watched.pop(key, None)

    async def beat(self) -> None:
        """Returns after the next reading."""
        await self._beat.wait()

    async def run(self, database: Callable[[], Database], now_ms: Callable[[], int]) -> None:
        """Reads while anybody watches, until cancelled."""
        while True:
            await self._wanted.wait()
            pause = POLL_S
            try:
                quotes, books = await run_in_threadpool(self._read, database(), now_ms())
            except TradePulseError as error:
                _log.warning("prices cannot be read: %s", error)
                pause = RETRY_S
            else:
                self.quotes |= {MarketKey(q.feed, q.exchange, q.pair): q for q in quotes}
                self.books |= {MarketKey(b.feed, b.exchange, b.pair): b for b in books}
                beat, self._beat = self._beat, asyncio.Event()
                beat.set()
            await asyncio.sleep(pause)

    def _read(
        self, database: Database, now_ms: int
    ) -> tuple[tuple[Quote, ...], tuple[OrderBook, ...]]:
        # A commit may become visible a moment after its time: a second is read twice.
        since, watched = max(self._seen_ms - 1_000, 0), list(self._watched)
        wishes = [BookWish(*key, now_ms + _WISH_MS) for key in watched]
        with database.reading() as tx:
            quotes = tx.quotes.all(since_ms=since)
            books = tx.order_books.all(since_ms=since) if watched else ()
        if wishes:
            with database.transaction() as tx:
                tx.book_wishes.ask(wishes)
        self._seen_ms = max(
            [self._seen_ms, *(q.written_at for q in quotes), *(b.written_at for b in books)]
        )
        return quotes, books
