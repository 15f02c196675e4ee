"""A sandbox exchange and a live feed on it, for the tests of the feed and of downloads."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.settings import ExchangeSettings
from tradepulse.engine.ports import Source
from tradepulse.exchanges.feed_reports import FeedEvent, FeedPace
from tradepulse.exchanges.live_feed import LiveFeed
from tradepulse.exchanges.loop import IoLoop
from tradepulse.exchanges.public_client import open_public
from tradepulse.marketdata.folding import FoldingStore
from tradepulse.sandbox.market import SandboxMarket, SymbolBars
from tradepulse.sandbox.server.threaded import RunningSandbox, run_in_thread
from tradepulse.sandbox.symbols import Filters, LeverageBracket, SymbolSpec
from tradepulse.storage.parquet_bars import ParquetBarStore

# 2025-06-10 00:00 UTC: on every grid up to a day.
START = 1_749_513_600_000
QUICK = FeedPace(
    silent_s=1.5, mark_s=0.15, retry_s=0.1, longest_retry_s=1.0, look_s=0.05, clock_s=0.5,
    redial_s=0.05, longest_redial_s=0.5, stale_s=0.5,
)  # fmt: skip
SPOT_TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")


def spec(symbol: str = "BTCUSDT", market: Market = Market.SPOT) -> SymbolSpec:
    """A symbol with filters that let everything through."""
    filters = Filters(
        tick=Decimal("0.01"), lot=Decimal("0.00001"), min_price=Decimal("0.01"),
        max_price=Decimal(1_000_000), min_quantity=Decimal("0.00001"),
        max_quantity=Decimal(9000), market_lot=Decimal("0.00001"),
        max_market_quantity=Decimal(100), min_notional=Decimal(5),
    )  # fmt: skip
    brackets = (
        LeverageBracket(1, 125, Decimal(0), Decimal(50_000), Decimal("0.004"), Decimal(0)),
        LeverageBracket(2, 50, Decimal(50_000), Decimal(500_000), Decimal("0.01"), Decimal(300)),
    )
    return SymbolSpec(
        symbol, market, symbol.removesuffix("USDT"), "USDT", filters, SPOT_TYPES,
        Decimal(10), Decimal(10), brackets if market is Market.PERPETUAL else (),
    )  # fmt: skip


def walk(minutes: int, seed: int = 1, start: int = START, without: Sequence[int] = ()) -> BarSeries:
    """Minute bars of a random walk on whole cents and lots, less the rows in `without`."""
    random = np.random.default_rng(seed)
    close = np.round(60_000 * np.exp(np.cumsum(random.normal(0, 5e-4, minutes))), 2)
    opened = np.concatenate([[60_000.0], close[:-1]])
    high = np.round(np.maximum(opened, close) + random.random(minutes) * 20, 2)
    low = np.round(np.minimum(opened, close) - random.random(minutes) * 20, 2)
    volume = np.round(random.random(minutes) * 10 + 0.001, 5)
    rows = np.setdiff1d(np.arange(minutes), without)
    times = start + MINUTE_MS * np.arange(minutes, dtype=np.int64)
    columns = [column[rows] for column in (times, opened, high, low, close, volume)]
    return BarSeries(*columns, interval_ms=MINUTE_MS)


@dataclass
class World:
    """A running sandbox, its bars, and a feed on it with everything it reported."""

    sandbox: RunningSandbox
    feed: LiveFeed
    store: FoldingStore
    truth: dict[str, BarSeries]
    events: list[FeedEvent] = field(default_factory=list)
    prices: list[tuple[str, str, float, int]] = field(default_factory=list)

    def told(self, kind: str) -> list[FeedEvent]:
        return [event for event in self.events if event.type == kind]

    def read_until(
        self, source: Source, last_ms: int, within_s: float = 20.0, after: int | None = None
    ) -> list[tuple[float, ...]]:
        """The rows given out one call after another, as an engine asks, up to the bar `last_ms`."""
        rows: list[tuple[float, ...]] = []
        give_up = time.monotonic() + within_s
        at = after
        while not rows or rows[-1][0] < last_ms:
            bars = self.feed.closed_bars(source, at, 100)
            rows += rows_of(bars)
            if rows:
                at = int(rows[-1][0])
            if not len(bars):
                assert time.monotonic() < give_up, f"only {len(rows)} bars: {self.events}"
                self.feed.wait(0.05)
        return rows


def rows_of(bars: BarSeries) -> list[tuple[float, ...]]:
    names = ("open_time", "open", "high", "low", "close", "volume")
    return list(zip(*(getattr(bars, name).tolist() for name in names), strict=True))


def until(condition: Callable[[], Any], within_s: float = 15.0) -> None:
    """Waits until `condition` holds."""
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.02)


@contextmanager
def sandbox_of(
    truth: dict[str, BarSeries], start_ms: int, *, speed: float = 0.0,
    markets: Sequence[Market] = (Market.SPOT,),
) -> Iterator[RunningSandbox]:  # fmt: skip
    series = [
        SymbolBars(spec(symbol, market), bars) for symbol, bars in truth.items()
        for market in markets
    ]  # fmt: skip
    with run_in_thread(SandboxMarket(series, start_ms), speed=speed) as sandbox:
        yield sandbox


@contextmanager
def world(
    folder: Path, truth: dict[str, BarSeries], start_ms: int, *, speed: float = 0.0,
    pace: FeedPace = QUICK, markets: Sequence[Market] = (Market.SPOT,),
    tails: Path | None = None, prepare: Callable[[Any], None] = lambda _client: None,
) -> Iterator[World]:  # fmt: skip
    """A sandbox over `truth` from `start_ms` on and a feed on it; `prepare` sees its clients."""
    logging.getLogger("tradepulse").setLevel(logging.CRITICAL)
    store = FoldingStore(ParquetBarStore(folder))
    with ExitStack() as stack:
        sandbox = stack.enter_context(sandbox_of(truth, start_ms, speed=speed, markets=markets))
        loop = stack.enter_context(IoLoop("feed-test"))
        addresses = {"binance": ExchangeSettings(base_url=sandbox.base_url)}
        events: list[FeedEvent] = []

        def opened(exchange: str, market: Market) -> Any:
            client = open_public(exchange, market, addresses)
            prepare(client)
            return client

        feed = LiveFeed(
            store, opened, loop, on_event=events.append, pace=pace, patience_s=30.0, tails=tails
        )
        stack.callback(feed.close)
        made = World(sandbox, feed, store, truth, events)
        feed.listen_prices(lambda *price: made.prices.append(price))
        yield made
