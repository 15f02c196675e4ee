"""Last prices, order books somebody looks at, and the reports of engines."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tradepulse.domain.live_market import BookWish, EngineReport, OrderBook, Quote
from tradepulse.storage.bulk import write_many
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.repositories.rows import Rows, same
from tradepulse.storage.tables import book_wishes, engine_reports, order_books, quotes


class Quotes(Rows[Quote]):
    """Rows of `quotes`; the key is (feed, exchange, pair)."""

    _codec = dataclass_codec(quotes, Quote)

    def save_many(self, told: Iterable[Quote]) -> int:
        """How many were written."""
        return write_many(self._connection, self._codec, told, "replace")

    def all(self, *, since_ms: int = 0, pair: str | None = None) -> tuple[Quote, ...]:
        """Those written from `since_ms` on, by pair."""
        query = self._select(quotes.c.written_at >= since_ms, same(quotes.c.pair, pair))
        return self._fetch(query.order_by(quotes.c.exchange, quotes.c.pair, quotes.c.feed))


class OrderBooks(Rows[OrderBook]):
    """Rows of `order_books`; the key is (feed, exchange, pair)."""

    _codec = dataclass_codec(order_books, OrderBook)

    def save_many(self, told: Iterable[OrderBook]) -> int:
        """How many were written."""
        return write_many(self._connection, self._codec, told, "replace")

    def all(self, *, since_ms: int = 0) -> tuple[OrderBook, ...]:
        """Those written from `since_ms` on."""
        return self._fetch(self._select(order_books.c.written_at >= since_ms))


class BookWishes(Rows[BookWish]):
    """Rows of `book_wishes`; the key is (feed, exchange, pair)."""

    _codec = dataclass_codec(book_wishes, BookWish)

    def ask(self, wishes: Iterable[BookWish]) -> int:
        """Has the engines read these books until their wishes end."""
        return write_many(self._connection, self._codec, wishes, "replace")

    def standing(self, now_ms: int) -> tuple[BookWish, ...]:
        """Wishes that have not ended."""
        query = self._select(book_wishes.c.until_ms > now_ms)
        return self._fetch(query.order_by(book_wishes.c.exchange, book_wishes.c.pair))


class EngineReports(Rows[EngineReport]):
    """Rows of `engine_reports`: a row a report, pruned by age."""

    _codec = dataclass_codec(engine_reports, EngineReport)

    def write(self, report: EngineReport, *, keep_since_ms: int) -> None:
        """Adds a report and forgets those written before `keep_since_ms`."""
        write_many(self._connection, self._codec, [report], "replace")
        old = engine_reports.c.written_at < keep_since_ms
        self._connection.execute(sa.delete(engine_reports).where(old))

    def newest(self, since_ms: int) -> tuple[EngineReport, ...]:
        """The last report of every engine that wrote one from `since_ms` on."""
        last = (
            sa.select(engine_reports.c.owner, sa.func.max(engine_reports.c.written_at).label("at"))
            .where(engine_reports.c.written_at >= since_ms)
            .group_by(engine_reports.c.owner)
            .subquery()
        )
        query = sa.select(*self._codec.columns).join(
            last,
            sa.and_(
                engine_reports.c.owner == last.c.owner, engine_reports.c.written_at == last.c.at
            ),
        )
        return self._fetch(query.order_by(engine_reports.c.owner))

    def history(self, since_ms: int, limit: int) -> tuple[EngineReport, ...]:
        """At most `limit` reports written from `since_ms` on, oldest first."""
        query = self._select(engine_reports.c.written_at >= since_ms)
        return self._fetch(query.order_by(engine_reports.c.written_at).limit(limit))
