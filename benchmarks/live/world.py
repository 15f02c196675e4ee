"""A sandbox exchange over the bundled bars, a home of its own, and accounts with activations."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from benchmarks.live.account_laws import AccountLaws
from benchmarks.live.busy import EXCHANGE, configuration, pair_of, rules_for
from tradepulse.bootstrap import App, open_home
from tradepulse.bootstrap.trading import TradingFloor
from tradepulse.domain.connection import Connection, Credentials
from tradepulse.domain.instrument import Market
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import Mode
from tradepulse.engine.live import LiveEngine
from tradepulse.engine.supervision import TradingEngineManager
from tradepulse.sandbox.listing import SymbolBars
from tradepulse.sandbox.loading import load_series
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.server import RunningSandbox, Settings, run_in_thread
from tradepulse.simulation.rules import Rules
from tradepulse.storage.activating import request_activation
from tradepulse.storage.connecting import NewConnection, add_connection, connection_wallet
from tradepulse.strategies.strategy import Strategy

# 2025-05-20 00:00 UTC; the bundled minutes of all these reach from before it to June.
START = 1_747_699_200_000
FIVE = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT", "XRPUSDT")
CASH = Decimal(100_000)
# Hundreds of trades of a strategy that only pays fees would trip the limits on losses, and a stop
# after every loss would end the trading that is to be watched.
NO_LOSS_LIMITS = """\
[risk]
max_daily_loss_pct = 99.0
max_drawdown_pct = 99.0
max_orders_per_minute = 100000
max_correlated_entries = 1000
max_open_trades = 1000
max_exposure = 10.0
total_cap_pct = 1000.0
[risk.breakers]
volatility_floor_bps = 5000.0
# A sandbox that shares two cores with the engine falls behind the clock, and may run faster.
clock_skew_ms = 100000000.0
"""


def wall_ms() -> int:
    """Now, UTC ms."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Account:
    """One API key with its connection and wallet, and what runs on it by symbol."""

    keys: Credentials
    connection: Connection
    wallet_id: str
    running: dict[str, str] = field(default_factory=dict)


@dataclass
class LiveWorld:
    """`speed`: market seconds a second."""

    sandbox: RunningSandbox
    laws: AccountLaws
    app: App
    market: Market
    speed: float
    accounts: list[Account] = field(default_factory=list)
    manager: TradingEngineManager | None = None

    # --- accounts ---------------------------------------------------------------------------------
    def open_account(self, cash: Decimal = CASH) -> Account:
        """A funded account at the sandbox, and a wallet of all of it here."""
        number = len(self.accounts) + 1
        keys = Credentials(f"key-{number:02}-of-a-test", f"secret-{number:02}-of-a-test")
        futures = cash if self.market is Market.PERPETUAL else Decimal(0)
        self.sandbox.open_account(keys.api_key, keys.secret, {"USDT": cash}, futures)
        asked = NewConnection(
            f"box {number}", EXCHANGE, self.market, Mode.TESTNET, self.sandbox.base_url
        )
        connection = add_connection(
            self.app.database, self.app.safe, asked, keys, self.app.check_keys, now_ms=wall_ms()
        )
        with self.app.database.transaction() as tx:
            wallet = connection_wallet(
                tx, connection.id, f"wallet {number}", "USDT", cash, now_ms=wall_ms()
            )
        account = Account(keys, connection, wallet.id)
        self.accounts.append(account)
        return account

    def activate(
        self, account: Account, symbol: str, *, strategy: Strategy | None = None,
        rules: Rules | None = None, share: Decimal = Decimal(10_000), graph: Any = None,
    ) -> str:  # fmt: skip
        """The id of a new activation of a new configuration on the account."""
        name = self.configure(symbol, strategy=strategy, rules=rules, graph=graph)
        with self.app.database.transaction() as tx:
            made = request_activation(
                tx, name, account.wallet_id, now_ms=wall_ms(), mode=Mode.TESTNET, allotment=share
            )
        account.running[symbol] = made.id
        return made.id

    def configure(
        self, symbol: str, *, strategy: Strategy | None = None, rules: Rules | None = None,
        graph: Any = None,
    ) -> str:  # fmt: skip
        """The id of a new configuration."""
        pair = pair_of(symbol, self.market)
        with self.app.database.transaction() as tx:
            name = f"c{len(tx.configurations.page(limit=1000).items) + 1}"
            made = configuration(name, pair, rules or rules_for(self.market), strategy, graph)
            tx.configurations.insert(made)
        return name

    @property
    def activations(self) -> list[str]:
        return [name for account in self.accounts for name in account.running.values()]

    def keep_real_time(self) -> None:
        """Brings the market to the wall clock, from which it fell behind while it was set up."""
        self.sandbox.call(lambda exchange: exchange.step(max(wall_ms() - exchange.market.now, 0)))

    # --- the ledger -------------------------------------------------------------------------------
    def activation(self, activation_id: str) -> Activation:
        with self.app.database.reading() as tx:
            return tx.activations.get(activation_id)

    def trade_count(self) -> int:
        """Trades of all activations so far."""
        with self.app.database.reading() as tx:
            return sum(
                tx.trades.totals(activation_id=name).trade_count for name in self.activations
            )

    def log_lines(self) -> list[str]:
        """The newest lines of the ledger's log, for a message that says what went wrong."""
        with self.app.database.reading() as tx:
            return [f"{line.level} {line.message}" for line in tx.logs.page(limit=40).items]


def bundled(symbols: Sequence[str], market: Market) -> list[SymbolBars]:
    """The bundled minutes of the symbols. Spot replays those of the perpetual."""
    return load_series("bundled", symbols, [market])


@contextmanager
def live_world(
    folder: Path, market: Market = Market.SPOT, symbols: Sequence[str] = ("BTCUSDT", "ETHUSDT"), *,
    speed: float = 60.0, accounts: int = 1, start: int = START, settings: str = NO_LOSS_LIMITS,
    sandbox_settings: Settings | None = None, series: list[SymbolBars] | None = None,
) -> Iterator[LiveWorld]:  # fmt: skip
    """A running sandbox whose accounts are watched, and a fresh home with as many connections."""
    listed = bundled(symbols, market) if series is None else series
    with run_in_thread(
        SandboxMarket(listed, start), speed=speed, settings=sandbox_settings
    ) as sandbox:
        laws = sandbox.call(lambda exchange: AccountLaws(exchange).watch())
        home = open_home(folder)
        home.home.create()
        (folder / "tradepulse.toml").write_text(settings)
        app = open_home(folder)
        app.connect(upgrade=True)
        world = LiveWorld(sandbox, laws, app, market, speed)
        for _ in range(accounts):
            world.open_account()
        try:
            yield world
        finally:
            app.database.close()


@contextmanager
def engine(world: LiveWorld) -> Iterator[TradingEngineManager]:
    """The engine of the home, running in this process until the block ends."""
    with TradingFloor(world.app) as floor, floor.manager() as manager:
        world.manager = manager
        try:
            yield manager
        finally:
            world.manager = None


def live_engines(manager: TradingEngineManager) -> list[LiveEngine]:
    """The engines at venues, as they are now."""
    return [w.engine for w in manager.workers if isinstance(w.engine, LiveEngine)]
