"""Last prices and order books, as engines tell them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.access import VIEWER
from tradepulse.api.asking import AskedName, AskedPair
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.live_market import BookShape, QuoteShape
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.instrument import Pair
from tradepulse.domain.lifecycle import Feed
from tradepulse.domain.live_market import BookWish, OrderBook, Quote

router = APIRouter(tags=["quotes"], dependencies=[VIEWER], route_class=ConditionalRoute)
# A book is read on for this long after it was last asked for.
BOOK_WISH_MS = 10_000


@router.get("/quotes")
def list_quotes(
    here: Here,
    pair: AskedPair,
    exchange: AskedName | None = None,
    feed: Feed | None = None,
) -> Listed[QuoteShape]:
    """The last price of every pair that an engine follows, with its age."""
    with here.database.reading() as tx:
        found = tx.quotes.all(pair=pair)
    now = here.now_ms()
    return Listed[QuoteShape](
        items=[
            quote_shape(quote, now) for quote in found
            if feed in (None, quote.feed) and exchange in (None, quote.exchange)
        ]
    )  # fmt: skip


@router.get("/depth")
def show_depth(
    here: Here,
    exchange: AskedName,
    symbol: Annotated[str, Query(examples=["BTC/USDT"])],
    feed: Feed = Feed.LIVE,
) -> BookShape:
    """The order book of a pair. Engines read it while somebody asks: the first answer may be
    empty."""
    now, pair = here.now_ms(), str(Pair.parse(symbol))
    with here.database.transaction() as tx:
        tx.book_wishes.ask([BookWish(feed, exchange, pair, now + BOOK_WISH_MS)])
        known = [
            book for book in tx.order_books.all()
            if (book.feed, book.exchange, book.pair) == (feed, exchange, pair)
        ]  # fmt: skip
    return book_shape(known[0], now) if known else no_book(feed, exchange, pair)


def quote_shape(quote: Quote, now_ms: int) -> QuoteShape:
    """The quote with its age at `now_ms`."""
    return QuoteShape.model_validate({**vars(quote), "age_ms": max(now_ms - quote.written_at, 0)})


def book_shape(book: OrderBook, now_ms: int) -> BookShape:
    """The book with its age at `now_ms`."""
    held = {name: value for name, value in vars(book).items() if name != "levels"}
    age = max(now_ms - book.written_at, 0)
    return BookShape.model_validate({**held, **book.levels, "age_ms": age})


def no_book(feed: Feed, exchange: str, pair: str) -> BookShape:
    """What is known of a book that nobody has read yet."""
    return BookShape(
        feed=feed, exchange=exchange, pair=pair, bids=[], asks=[], time=None, written_at=None,
        age_ms=None,
    )  # fmt: skip
