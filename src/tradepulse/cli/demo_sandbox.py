"""The demo's exchange: the bundled bars as a venue, traded through ccxt like any other."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from tradepulse.cli.demo_training import replay_start
from tradepulse.cli.output import say, wall_clock_ms

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.configuration import Configuration
    from tradepulse.domain.connection import Connection
    from tradepulse.sandbox.server import RunningSandbox
    from tradepulse.storage.transaction import Transaction

NAME = "sandbox"
EXCHANGE = "binance"
WALLETS, CASH = 3, Decimal(10_000)
# One 15-minute bar a second: fast enough to watch, slow enough for orders to be orders.
SPEED = 900.0


@contextmanager
def sandbox_trading(app: App, shown: list[list[Configuration]]) -> Iterator[str]:
    """Within the block a sandbox replays the bars that no search has seen, and `shown` trade on it,
    a list a wallet; its address.

    Every demo has an exchange of its own: what an earlier one held is gone with it.
    """
    from tradepulse.domain.instrument import Market, Pair
    from tradepulse.sandbox.loading import load_series
    from tradepulse.sandbox.market import SandboxMarket
    from tradepulse.sandbox.server import run_in_thread

    chosen = [c for each in shown for c in each]
    symbols = sorted({str(Pair.parse(c.pair)).replace("/", "") for c in chosen})
    start = min(replay_start(app, c.exchange, c.pair) for c in chosen)
    market = SandboxMarket(load_series("bundled", symbols, [Market.SPOT]), start)
    with run_in_thread(market, speed=SPEED) as sandbox:
        _activate(app, sandbox, shown)
        say(f"trading through ccxt on a sandbox exchange at {sandbox.base_url}, {SPEED:.0f} times "
            "as fast as life")  # fmt: skip
        yield sandbox.base_url


def _activate(app: App, sandbox: RunningSandbox, shown: list[list[Configuration]]) -> None:
    """A funded account, a connection to it, and each configuration active on its wallet."""
    from tradepulse.domain.connection import Credentials
    from tradepulse.domain.instrument import Market
    from tradepulse.domain.lifecycle import Mode
    from tradepulse.storage.activating import request_activation
    from tradepulse.storage.connecting import NewConnection, add_connection, connection_wallet

    keys = Credentials(secrets.token_hex(16), secrets.token_hex(32))
    sandbox.open_account(keys.api_key, keys.secret, {"USDT": CASH * len(shown)})
    _forget_earlier(app)
    asked = NewConnection(NAME, EXCHANGE, Market.SPOT, Mode.TESTNET, sandbox.base_url)
    now = wall_clock_ms()
    made = add_connection(app.database, app.safe, asked, keys, app.check_keys, now_ms=now)
    with app.database.transaction() as tx:
        for chosen in shown:
            wallet = connection_wallet(tx, made.id, _wallet_name(tx), "USDT", CASH, now_ms=now)
            share = (CASH / len(chosen)).quantize(Decimal("0.01"), ROUND_DOWN)
            for c in chosen:
                request_activation(
                    tx, c.id, wallet.id, now_ms=now, mode=Mode.TESTNET, allotment=share
                )


def _forget_earlier(app: App) -> None:
    """Ends what an earlier demo left on its exchange, which is no more."""
    from tradepulse.domain.lifecycle import ActivationState
    from tradepulse.storage.connecting import remove_connection

    with app.database.reading() as tx:
        earlier = tx.connections.named(NAME)
        running = [] if earlier is None else _running_on(tx, earlier)
    if earlier is None:
        return
    for name in running:
        told = "its sandbox exchange ended with the demo before"
        app.journal.set_state(name, ActivationState.FAULTED, wall_clock_ms(), told)
    remove_connection(app.database, earlier.id, now_ms=wall_clock_ms())


def _running_on(tx: Transaction, connection: Connection) -> list[str]:
    wallets = {w.id for w in tx.wallets.page(connection_id=connection.id, limit=1000).items}
    return [a.id for a in tx.activations.running() if a.wallet_id in wallets]


def _wallet_name(tx: Transaction) -> str:
    count = sum(w.name.startswith(NAME) for w in tx.wallets.page(limit=1000).items)
    return f"{NAME} {count + 1}"
