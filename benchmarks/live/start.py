"""Start-up to RUNNING with 20,000 stored trades: `python -m benchmarks live_start`.

An activation that has traded before, with all the rows of its trades, and a sandbox to go on at. In
a fresh process: from its first instruction to the engine having taken the activation in, and to the
first bar it takes.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from benchmarks.live.busy import Patient
from benchmarks.live.engine_process import ServingProcess, end_leases, start_engine, until
from benchmarks.live.world import LiveWorld, live_world
from tradepulse.domain.instrument import Market
from tradepulse.domain.ledger import FillRecord, OrderRecord, PortfolioPoint, TradeRecord
from tradepulse.domain.lifecycle import ExitReason, Feed, Mode, OrderState, Side

GOAL_S = 5.0
_PAGE = 1_000
_DAY_AGO = 86_400_000


def fill_ledger(world: LiveWorld, activation_id: str, trades: int) -> None:
    """That many finished trades, each with its orders, fills and a point of the portfolio."""
    made = world.activation(activation_id)
    ids = (made.id, made.configuration_id, made.wallet_id)
    begin = world.sandbox.clock()["start"] - _DAY_AGO * 30
    for first in range(0, trades, _PAGE):
        rows = [_rows(ids, begin + 60_000 * n, n) for n in range(first, min(first + _PAGE, trades))]
        with world.app.database.transaction() as tx:
            tx.orders.save_many([order for orders, _, _, _ in rows for order in orders])
            tx.fills.insert_many([fill for _, fills, _, _ in rows for fill in fills])
            tx.trades.insert_many([trade for _, _, trade, _ in rows])
            tx.portfolio.insert_many([point for _, _, _, point in rows])


def _rows(
    ids: tuple[str, str, str], time_ms: int, number: int
) -> tuple[list[OrderRecord], list[FillRecord], TradeRecord, PortfolioPoint]:
    activation, configuration, wallet = ids
    one, price = Decimal("0.001"), Decimal(100_000)
    orders, fills = [], []
    for role, side in (("entry", "buy"), ("stop", "sell"), ("exit", "sell")):
        name = uuid4().hex
        state = OrderState.CANCELLED if role == "stop" else OrderState.FILLED
        done = one if state is OrderState.FILLED else Decimal(0)
        orders.append(
            OrderRecord(
                name, f"tp{name}", activation, configuration, wallet, Mode.TESTNET, "BTC/USDT",
                "market", role, side, one, None, done, state, None, None, time_ms, time_ms, "test",
                str(number * 3 + len(orders)), price, None, time_ms, time_ms,
            )
        )  # fmt: skip
        if done:
            fills.append(
                FillRecord(
                    uuid4().hex, name, activation, configuration, wallet, "BTC/USDT", side, price,
                    one, Decimal("0.1"), "taker", time_ms, "test", f"t{number}-{role}", "USDT",
                    Decimal("0.1"),
                )
            )  # fmt: skip
    trade = TradeRecord(
        uuid4().hex, configuration, activation, wallet, Mode.TESTNET, Feed.SANDBOX, "BTC/USDT",
        Side.LONG, time_ms, price, one, time_ms + 30_000, price, ExitReason.SIGNAL, Decimal("0.2"),
        Decimal(0), Decimal("-0.2"), Decimal("-0.2"), Decimal("-0.1"), Decimal("0.1"), 1, None,
        "test",
    )  # fmt: skip
    equity = Decimal(10_000) - number * Decimal("0.2")
    point = PortfolioPoint(
        wallet, activation, configuration, time_ms, equity, equity, Decimal(0), Decimal(0), "test"
    )
    return orders, fills, trade, point


def main(argv: list[str] | None = None) -> int:
    """Prints the seconds. Exit code 3 where the goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks live_start", description=__doc__)
    parser.add_argument("--trades", type=int, default=20_000)
    wanted = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory() as folder,
        live_world(Path(folder), Market.SPOT, ("BTCUSDT",), speed=600.0) as world,
    ):
        name = world.activate(world.accounts[0], "BTCUSDT", strategy=Patient())
        # Once, so that it is RUNNING and has a session; then its past is put behind it.
        first = start_engine(world)
        until(lambda: world.activation(name).last_bar)
        first.terminate()
        fill_ledger(world, name, wanted.trades)
        end_leases(world)
        bar = world.activation(name).last_bar
        began = time.monotonic()
        engine = ServingProcess(world.app.home.path, "engine")
        engine.ready()
        ready = time.monotonic() - began
        until(lambda: world.activation(name).last_bar != bar)
        trading = time.monotonic() - began
        engine.terminate()
    print(json.dumps({
        "trades": wanted.trades, "ready_s": round(ready, 2), "first_bar_s": round(trading, 2),
        "goal_s": GOAL_S, "load": round(os.getloadavg()[0], 1),
    }))  # fmt: skip
    return 0 if trading <= GOAL_S else 3


if __name__ == "__main__":
    raise SystemExit(main())
