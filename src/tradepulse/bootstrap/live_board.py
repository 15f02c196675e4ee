"""What people see of the moment, written down once a second by the process that has it.

The API may be another process: it reads prices and books from the database. None of it belongs to
the ledger, all of a second is one transaction, and a database that is away costs nothing but the
view.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import Feed
from tradepulse.domain.live_market import OrderBook, Quote
from tradepulse.domain.money import to_decimal, to_text

if TYPE_CHECKING:
    from tradepulse.domain.live_market import BookWish
    from tradepulse.exchanges.live_feed import LiveFeed
    from tradepulse.storage.database import Database

_log = logging.getLogger(__name__)
_EVERY_S = 1.0
_AWAY_S = 5.0
# Requests of a book come out of the address's budget: so many pairs at most are read a second.
BOOKS_AT_ONCE, LEVELS = 5, 20
_Key = tuple[Feed, str, str]


class LiveBoard:
    """Writes what feeds tell, as long as it is open. `watch` a feed before or after."""

    def __init__(self, database: Callable[[], Database], clock: Callable[[], int]) -> None:
        self._database, self._clock = database, clock
        self._feeds: dict[Feed, LiveFeed] = {}
        self._changed: dict[_Key, Quote] = {}
        self._lock = Lock()
        self._stop = Event()
        self._thread = Thread(target=self._work, name="board", daemon=True)

    def __enter__(self) -> LiveBoard:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(_EVERY_S * 2)

    def watch(self, feed: Feed, source: LiveFeed) -> None:
        """Shows the prices of a feed from now on, and its books when they are asked for."""
        self._feeds[feed] = source

        def heard(exchange: str, pair: str, price: float, market_ms: int) -> None:
            quote = Quote(feed, exchange, pair, to_decimal(price), market_ms, self._clock())
            with self._lock:
                self._changed[feed, exchange, pair] = quote

        source.listen_prices(heard)

    def _work(self) -> None:
        pause = 0.0
        with ThreadPoolExecutor(BOOKS_AT_ONCE, "books") as readers:
            while not self._stop.wait(pause):
                began = time.monotonic()
                try:
                    self._write(readers)
                    pause = max(_EVERY_S - (time.monotonic() - began), 0.0)
                except TradePulseError as error:
                    _log.warning("prices could not be shown: %s", error)
                    pause = _AWAY_S

    def _write(self, readers: ThreadPoolExecutor) -> None:
        with self._lock:
            quotes, self._changed = list(self._changed.values()), {}
        with self._database().reading() as tx:
            wished = tx.book_wishes.standing(self._clock())
        wished = tuple(wish for wish in wished if wish.feed in self._feeds)[:BOOKS_AT_ONCE]
        books = [book for book in readers.map(self._book, wished) if book is not None]
        if not quotes and not books:
            return
        with self._database().transaction() as tx:
            tx.quotes.save_many(quotes)
            tx.order_books.save_many(books)

    def _book(self, wish: BookWish) -> OrderBook | None:
        try:
            found = self._feeds[wish.feed].book(wish.exchange, wish.pair, LEVELS)
        except TradePulseError as error:
            _log.info("the book of %s could not be read: %s", wish.pair, error)
            return None
        levels = {
            side: [
                [to_text(to_decimal(price)), to_text(to_decimal(amount))] for price, amount in row
            ]
            for side, row in (("bids", found.bids), ("asks", found.asks))
        }
        return OrderBook(wish.feed, wish.exchange, wish.pair, levels, found.time, self._clock())
