"""A real database with activations to run, and what an activation left in it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import Mode, Stage
from tradepulse.domain.settings import ProtectionSettings
from tradepulse.engine.feed import GivenBars
from tradepulse.engine.lock_book import LockBook
from tradepulse.engine.ports import BarFeed, Batch, Source
from tradepulse.engine.trading import TradingEngine
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.risk import Limits
from tradepulse.simulation.rules import Rules
from tradepulse.storage.activating import request_activation
from tradepulse.storage.database import Database
from tradepulse.storage.journal import DatabaseJournal
from tradepulse.strategies.api import Bars, Signals, Strategy

MINUTE = 60_000
START = 1_700_000_040_000 // MINUTE * MINUTE
NOW = 1_800_000_000_000


class Restless(Strategy):
    """Trades often, both ways out: a cross of short averages with stop, target, trail, time
    stop."""

    def signals(self, bar: Bars) -> Signals:
        quick, slow = bar.close.sma(3), bar.close.sma(8)
        reach = bar.atr(5)
        return Signals(
            enter_long=quick.crosses_above(slow), exit_long=quick.crosses_below(slow),
            enter_short=quick.crosses_below(slow), exit_short=quick.crosses_above(slow),
            stop=2.0 * reach, target=3.0 * reach, trail=2.5 * reach, max_bars=40, tag="cross",
        )  # fmt: skip


def walk(count: int, seed: int = 1, interval_ms: int = MINUTE) -> BarSeries:
    """`count` bars of a random walk from START on."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0, 0.002, count)))
    opened = np.concatenate(([100.0], close[:-1]))
    high = np.maximum(opened, close) * np.exp(np.abs(rng.normal(0, 0.001, count)))
    low = np.minimum(opened, close) * np.exp(-np.abs(rng.normal(0, 0.001, count)))
    times = START + interval_ms * np.arange(count, dtype=np.int64)
    return BarSeries(times, opened, high, low, close, rng.uniform(1, 9, count), interval_ms)


def configuration(
    name: str, rules: Rules | None = None, pair: str = "BTC/USDT", strategy: Strategy | None = None
) -> Configuration:
    chosen = strategy or Restless()
    return Configuration(
        name, chosen.name, chosen.parameters, "binance", pair, "1m",
        (rules or Rules(tick=0.01, lot=0.0001)).as_json(), chosen.graph.to_json(), Stage.DISCOVERY,
        {}, (), 1, "f" * 64, (0, 0), chosen.graph.hash, "test", NOW,
    )  # fmt: skip


class Home:
    """A database file with one wallet, and activations on it."""

    def __init__(self, folder: Path, *, cash: int = 10_000, url: str | None = None) -> None:
        made = url or f"sqlite:///{folder / 'ledger.sqlite'}"
        self.database = Database.open(made, upgrade=True)
        self.journal = DatabaseJournal(self.database)
        with self.database.transaction() as tx:
            tx.wallets.save(Wallet("wallet", "paper", "USDT", Decimal(cash), Mode.PAPER, NOW))

    def activate(
        self, name: str = "c1", *, allotment: int = 5_000, start: int | None = START, **about: Any
    ) -> str:
        """The id of a new activation of a new configuration."""
        with self.database.transaction() as tx:
            tx.configurations.insert(configuration(name, **about))
            made = request_activation(
                tx, name, "wallet", now_ms=NOW, allotment=Decimal(allotment), session_start=start
            )
        return made.id

    def ledger(self, activation_id: str) -> dict[str, Any]:
        """Everything an activation left, without what says when it was written or by which try."""
        with self.database.reading() as tx:
            lines = tx.logs.page(limit=500, configuration_id=None).items
            return {
                "orders": tx.orders.of_activation(activation_id),
                "fills": tx.fills.of_activation(activation_id),
                "trades": tx.trades.of_activation(activation_id),
                "positions": tx.positions.open(activation_id=activation_id),
                "points": tx.portfolio.of_activation(activation_id),
                "signals": tx.signals.of_activation(activation_id),
                "last_bar": tx.activations.get(activation_id).last_bar,
                "logs": [(line.timestamp, line.message) for line in lines],
                "events": sorted(
                    (event.type, event.entity_id, repr(event.payload))
                    for event in tx.events.since(0, limit=100_000)
                    if event.type not in ("activation.state", "portfolio.updated")
                ),
            }


class Feeds:
    """Several series in memory as one feed."""

    def __init__(self, by_pair: dict[str, BarSeries], funding: Any = None) -> None:
        self._feeds = {pair: GivenBars(bars, funding) for pair, bars in by_pair.items()}

    def closed_bars(self, source: Source, after_ms: int | None, limit: int) -> BarSeries:
        return self._feeds[source.pair].closed_bars(source, after_ms, limit)

    def history(self, source: Source, start_ms: int, end_ms: int) -> BarSeries:
        return self._feeds[source.pair].history(source, start_ms, end_ms)

    def newest(self, source: Source, count: int) -> BarSeries:
        return self._feeds[source.pair].newest(source, count)

    def funding(self, source: Source, start_ms: int) -> Any:
        return self._feeds[source.pair].funding(source, start_ms)

    def wait(self, seconds: float) -> None:
        return None


class Crash(BaseException):
    """The process dies here: nothing below may catch it."""


class CrashingJournal(DatabaseJournal):
    """Dies before or after the n-th commit."""

    def __init__(self, database: Database, at: int, *, after: bool) -> None:
        super().__init__(database)
        self._left = at
        self._after = after

    def commit(self, batch: Batch) -> None:
        self._left -= 1
        if self._left < 0 and not self._after:
            raise Crash
        super().commit(batch)
        if self._left < 0:
            raise Crash


def engine_on(
    home: Home, feed: BarFeed, *, journal: DatabaseJournal | None = None, batch_bars: int = 64,
    limits: Limits | None = None, exchange: Callable[[], Any] = PaperExchange,
    protections: ProtectionSettings | None = None, locks: LockBook | None = None,
) -> TradingEngine:  # fmt: skip
    return TradingEngine(
        journal or home.journal, feed, exchange, clock=lambda: NOW, code_version="test",
        limits=limits, protections=protections, locks=locks, capital=10_000.0,
        batch_bars=batch_bars,
    )  # fmt: skip


def run_to_end(engine: TradingEngine, *activations: str) -> None:
    """Join and process all there is."""
    for activation_id in activations:
        engine.join(activation_id)
    while engine.advance():
        pass
