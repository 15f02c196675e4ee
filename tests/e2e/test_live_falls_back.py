"""Real money against a sandbox: a drawdown that its backtest never had ends it, on paper it goes
on."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tradepulse.bootstrap import App, open_home
from tradepulse.bootstrap.guard_watch import GuardWatch
from tradepulse.bootstrap.trading import TradingFloor
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.connection import Credentials
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.interval import DAY_MS, MINUTE_MS
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import ActivationState, Mode, Stage
from tradepulse.sandbox.known_symbols import spec_of
from tradepulse.sandbox.market import SandboxMarket, SymbolBars
from tradepulse.sandbox.server import RunningSandbox, run_in_thread
from tradepulse.simulation.rules import Rules
from tradepulse.storage.activating import request_activation
from tradepulse.storage.connecting import NewConnection, add_connection, connection_wallet
from tradepulse.storage.guarding import Guard
from tradepulse.storage.live_bands import LiveBands
from tradepulse.storage.measuring import stored_data
from tradepulse.strategies.api import Bars, Signals, Strategy

pytestmark = pytest.mark.slow
PAIR = "BTC/USDT"
KEYS = Credentials("a-key-of-real-money", "its-secret")
FIRST = 1_749_513_600_000
TRAINED_DAYS = 20
START = FIRST + TRAINED_DAYS * DAY_MS
FALL_BARS = 60


class Holding(Strategy):
    """Always long, for half a day at a time."""

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.close > 1.0, stop=bar.close * 0.35, max_bars=720)


def market_bars() -> BarSeries:
    """Twenty days that earn something by and by, and an hour in which a fifth is lost."""
    rng = np.random.default_rng(5)
    days = np.repeat(rng.normal(0.006, 0.008, TRAINED_DAYS) / 1440, 1440)
    fall = np.concatenate([np.zeros(10), np.full(FALL_BARS, np.log(0.8) / FALL_BARS)])
    still = np.zeros(3_000)
    steps = np.concatenate([days, fall, still])
    close = np.round(60_000.0 * np.exp(np.cumsum(steps)), 1)
    opened = np.concatenate([[60_000.0], close[:-1]])
    times = FIRST + MINUTE_MS * np.arange(len(close), dtype=np.int64)
    high, low = np.maximum(opened, close) + 1.0, np.minimum(opened, close) - 1.0
    return BarSeries(times, opened, high, low, close, np.full(len(close), 900.0), MINUTE_MS)


class Home(NamedTuple):
    app: App
    sandbox: RunningSandbox
    live: str
    configuration: str

    def activation(self, name: str) -> Activation:
        with self.app.database.reading() as tx:
            return tx.activations.get(name)

    def paper(self) -> Activation | None:
        with self.app.database.reading() as tx:
            return next(iter(tx.activations.page(mode=Mode.PAPER).items), None)

    def entries(self) -> int:
        with self.app.database.reading() as tx:
            return sum(order.role == "entry" for order in tx.orders.of_activation(self.live))


def found_on(app: App, bars: BarSeries) -> Configuration:
    """A configuration whose backtest ran over the days before now, as training leaves it."""
    strategy, rules = Holding(), Rules(tick=0.1, lot=0.00001, initial_cash=4_000.0)
    trained = bars.between(FIRST, START)
    app.bars.append("binance", PAIR, "1m", trained)
    made = Configuration(
        "found", strategy.name, {}, "binance", PAIR, "1m", rules.as_json(),
        strategy.graph.to_json(), Stage.MATURE, {}, (), 1, "f" * 64,
        (FIRST, int(trained.open_time[-1])), strategy.graph.hash, "test", FIRST,
    )  # fmt: skip
    data = stored_data(app.bars, made, *[FIRST, START])
    return dataclasses.replace(made, data_fingerprint=data.fingerprint)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    logging.getLogger("tradepulse").setLevel(logging.CRITICAL)
    bars = market_bars()
    spec = spec_of(Pair("BTC", "USDT"), Market.SPOT, bars)
    with run_in_thread(SandboxMarket([SymbolBars(spec, bars)], START), speed=0.0) as sandbox:
        sandbox.open_account(KEYS.api_key, KEYS.secret, {"USDT": Decimal(20_000)})
        open_home(tmp_path).home.create()
        app = open_home(tmp_path)
        app.connect(upgrade=True)
        asked = NewConnection("real", "binance", Market.SPOT, Mode.LIVE, sandbox.base_url)
        now = time.time_ns() // 1_000_000
        connection = add_connection(app.database, app.safe, asked, KEYS, app.check_keys, now_ms=now)
        with app.database.transaction() as tx:
            configuration = found_on(app, bars)
            tx.configurations.insert(configuration)
            wallet = connection_wallet(
                tx, connection.id, "real", "USDT", Decimal(10_000), now_ms=now
            )
            made = request_activation(
                tx,
                configuration.id,
                wallet.id,
                now_ms=now,
                mode=Mode.LIVE,
                allotment=Decimal(4_000),
            )
        yield Home(app, sandbox, made.id, configuration.id)
        app.database.close()
    logging.getLogger("tradepulse").setLevel(logging.NOTSET)


def until(condition: Callable[[], object], within_s: float = 40.0) -> None:
    give_up = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.05)


def test_a_breached_band_takes_real_money_back_to_paper(home: Home) -> None:
    app = home.app
    with TradingFloor(app) as floor, floor.manager() as manager:
        guard = Guard(app.database, app.bars, app.settings.risk, floor._bands)
        watch = GuardWatch(
            app.database, guard, manager.reload_active_configurations,
            lambda: time.time_ns() // 1_000_000, every_ms=300,
        )  # fmt: skip
        with watch:
            until(lambda: home.activation(home.live).state is ActivationState.RUNNING)
            home.sandbox.clock(speed=600)
            until(lambda: home.activation(home.live).state is ActivationState.DRAINING)
            paper = home.paper()
            assert paper is not None
            until(lambda: home.activation(paper.id).state is ActivationState.RUNNING)
            entries = home.entries()
            last = home.activation(home.live).last_bar
            until(lambda: (home.activation(home.live).last_bar or 0) > (last or 0) + 20 * MINUTE_MS)
    check_what_is_left(home, entries)


def check_what_is_left(home: Home, entries: int) -> None:
    left = home.activation(home.live)
    assert (left.blocked, left.fault) == ("fallback", None)
    assert home.entries() == entries == 1
    with home.app.database.reading() as tx:
        (alert,) = tx.alerts.page().items
        (order,) = [o for o in tx.orders.of_activation(home.live) if o.role == "entry"]
        moved = [e.type for e in tx.events.since(entity_id=home.live, limit=10_000)]
        book = tx.risk_states.find(left.wallet_id)
    assert (alert.code, alert.level) == ("drawdown_band", "critical")
    assert "Holding" in alert.message or "holding" in alert.message
    assert "activation.rolled_back" in moved
    # It had the first step of its capital, and the band was that of so much, not of all of it.
    assert order.decided_at is not None
    assert 150 < order.quantity * order.decided_at <= 200
    assert book is not None
    assert book.latches["staged"][home.live]["step"] == 0
    band = LiveBands(home.app.database, home.app.bars, 30).band(left, alert.time)
    assert band is not None
    assert 0.0 < band.inner_pct < band.outer_pct < 1.0
