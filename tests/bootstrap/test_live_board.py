"""Prices and books of a real feed on the sandbox, as they reach the database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchanges.feed_world import START, World, until, walk, world
from tradepulse.bootstrap import App, open_home
from tradepulse.bootstrap.engine_report import spread
from tradepulse.bootstrap.live_board import LEVELS, LiveBoard
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.lifecycle import Feed
from tradepulse.domain.live_market import BookWish, OrderBook, Quote
from tradepulse.engine.ports import Source

BTC = Source("binance", "BTC/USDT", "1m")


def now() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def spot(tmp_path: Path) -> Iterator[World]:
    truth = {"BTCUSDT": walk(300)}
    with world(tmp_path / "data", truth, START + 60 * MINUTE_MS) as made:
        yield made


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = open_home(tmp_path / "home")
    yield app
    app.database.close()


def quotes(app: App) -> tuple[Quote, ...]:
    with app.database.reading() as tx:
        return tx.quotes.all()


def books(app: App) -> tuple[OrderBook, ...]:
    with app.database.reading() as tx:
        return tx.order_books.all()


def test_prices_are_shown_and_books_while_somebody_looks(spot: World, app: App) -> None:
    board = LiveBoard(lambda: app.database, now)
    board.watch(Feed.SANDBOX, spot.feed)
    spot.feed.newest(BTC, 1)
    with board:
        spot.sandbox.step(MINUTE_MS)
        until(lambda: quotes(app))
        (quote,) = quotes(app)
        assert (quote.feed, quote.exchange, quote.pair) == (Feed.SANDBOX, "binance", "BTC/USDT")
        assert any(float(quote.last) == price for _, _, price, _ in spot.prices)
        assert books(app) == ()
        with app.database.transaction() as tx:
            tx.book_wishes.ask([
                BookWish(Feed.SANDBOX, "binance", "BTC/USDT", now() + 60_000),
                BookWish(Feed.SANDBOX, "binance", "NO/SUCH", now() + 60_000),
                BookWish(Feed.LIVE, "binance", "ETH/USDT", now() + 60_000),
            ])  # fmt: skip
        until(lambda: books(app))
        (book,) = books(app)
    bids, asks = book.levels["bids"], book.levels["asks"]
    assert 0 < len(bids) <= LEVELS
    assert float(bids[0][0]) < float(asks[0][0])
    assert [float(p) for p, _ in bids] == sorted((float(p) for p, _ in bids), reverse=True)


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ([], (0, None, None)),
        ([0.002], (1, 2.0, 2.0)),
        ([n / 1000 for n in range(1, 201)], (200, 101.0, 199.0)),
    ],
)
def test_a_spread_is_median_and_worst_hundredth(
    times: list[float], told: tuple[int, float | None, float | None]
) -> None:
    found = spread(times)
    assert (found["count"], found["p50_ms"], found["p99_ms"]) == told
