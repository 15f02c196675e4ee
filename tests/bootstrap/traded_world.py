"""A home, a sandbox beside it, and an engine that traded there until it had something to show."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import numpy as np

from engine.ledger_home import configuration
from exchanges.venue_world import spec
from tradepulse.bootstrap import App, open_home
from tradepulse.bootstrap.reconciling import ReconcileReport, reconcile
from tradepulse.bootstrap.trading import TradingFloor
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.connection import Connection, Credentials
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Market
from tradepulse.domain.ledger import OrderRecord, TradeRecord
from tradepulse.domain.lifecycle import Mode, Stage
from tradepulse.sandbox.market import SandboxMarket, SymbolBars
from tradepulse.sandbox.server import RunningSandbox, run_in_thread
from tradepulse.simulation.rules import Rules
from tradepulse.storage.activating import request_activation
from tradepulse.storage.connecting import NewConnection, add_connection, connection_wallet

MINUTE = 60_000
# 2025-06-10 00:00 UTC: far from now, so that the sandbox is seen to be a replay.
START = 1_749_513_600_000
KEY, SECRET = "the-key-of-the-sandbox", "its-secret-as-long-as-it-is"
PAIRS = {Market.SPOT: "BTC/USDT", Market.PERPETUAL: "BTC/USDT:USDT"}
_SPEED, _TRADES, _PATIENCE_S = 480.0, 3, 60.0


@dataclass
class TradedWorld:
    """The sandbox stands still; nothing trades any more. `beside`: what a comparison said while the
    engine was trading."""

    app: App
    sandbox: RunningSandbox
    market: Market
    connection: Connection
    wallet_id: str
    activation_id: str
    beside: list[ReconcileReport]

    @property
    def trades(self) -> tuple[TradeRecord, ...]:
        with self.app.database.reading() as tx:
            return tx.trades.of_activation(self.activation_id)

    @property
    def orders(self) -> tuple[OrderRecord, ...]:
        with self.app.database.reading() as tx:
            return tx.orders.of_activation(self.activation_id)

    def reconcile(self, **asked: str) -> ReconcileReport:
        return reconcile(self.app, now_ms=now_ms, pause=lambda _: None, **asked)  # type: ignore[arg-type]

    def events(self, kind: str) -> list[dict[str, object]]:
        with self.app.database.reading() as tx:
            return [dict(event.payload) for event in tx.events.since(types=[kind])]


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def lively(count: int = 900) -> BarSeries:
    """Minutes of a walk wide enough for stops, targets and crosses within a few bars."""
    rng = np.random.default_rng(7)
    close = np.round(60_000.0 * np.exp(np.cumsum(rng.normal(0, 0.0015, count))), 1)
    opened = np.concatenate(([60_000.0], close[:-1]))
    high = np.round(np.maximum(opened, close) * (1 + np.abs(rng.normal(0, 0.0004, count))), 1)
    low = np.round(np.minimum(opened, close) * (1 - np.abs(rng.normal(0, 0.0004, count))), 1)
    times = START + MINUTE * np.arange(count, dtype=np.int64)
    return BarSeries(times, opened, high, low, close, np.full(count, 600.0), MINUTE)


@contextmanager
def traded_world(folder: Path, market: Market) -> Iterator[TradedWorld]:
    """Trades until enough trades are closed, comparing the account meanwhile."""
    with trading_world(folder, market) as world:
        _trade(world)
        yield world


@contextmanager
def trading_world(folder: Path, market: Market) -> Iterator[TradedWorld]:
    """A sandbox that stands still, and an activation that no engine runs yet."""
    # Hourly, as no venue settles more often.
    stamps = START + MINUTE * np.arange(0, 900, 60, dtype=np.int64)
    funding = FundingSeries(stamps, np.full(len(stamps), 0.0001))
    paid = funding if market is Market.PERPETUAL else None
    listed = SymbolBars(spec(market), lively(), paid)
    with run_in_thread(SandboxMarket([listed], START + 155 * MINUTE), speed=0.0) as sandbox:
        sandbox.open_account(KEY, SECRET, {"USDT": 20_000}, 20_000)
        app = open_home(folder)
        app.database  # noqa: B018  (made here, not by the engine's threads)
        yield _activated(app, sandbox, market)
    app.database.close()


def _activated(app: App, sandbox: RunningSandbox, market: Market) -> TradedWorld:
    connection = add_connection(
        app.database, app.safe,
        NewConnection("box", "binance", market, Mode.TESTNET, sandbox.base_url),
        Credentials(KEY, SECRET), app.check_keys, now_ms=now_ms(),
    )  # fmt: skip
    shorts = market is Market.PERPETUAL
    rules = Rules(
        market=market.value, tick=0.1, lot=0.001, allow_short=shorts, leverage=2 if shorts else 1
    )
    stored = replace(
        configuration("c1", rules, PAIRS[market]), lifecycle_stage=Stage.MATURE
    )  # fmt: skip
    with app.database.transaction() as tx:
        wallet = connection_wallet(
            tx, connection.id, "desk", "USDT", Decimal(10_000), now_ms=now_ms()
        )
        tx.configurations.insert(stored)
        made = request_activation(
            tx, "c1", wallet.id, now_ms=now_ms(), mode=Mode.TESTNET, allotment=Decimal(5_000)
        )
    return TradedWorld(app, sandbox, market, connection, wallet.id, made.id, [])


def _trade(world: TradedWorld) -> None:
    with TradingFloor(world.app) as floor, floor.manager():
        world.sandbox.clock(speed=_SPEED)
        give_up = time.monotonic() + _PATIENCE_S
        while len(world.trades) < _TRADES or (
            world.market is Market.PERPETUAL and not world.events("funding.paid")
        ):
            assert time.monotonic() < give_up, f"only {len(world.trades)} trades"
            time.sleep(0.5)
            if world.trades and not world.beside:
                world.beside.append(reconcile(world.app, now_ms=now_ms))
        world.sandbox.clock(pause=True)
        time.sleep(0.5)
