"""The same minutes through kernel, paper engine and sandbox: the same signals; only prices slip."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from benchmarks.live.busy import Busy, pair_of, rules_for
from benchmarks.live.engine_process import until
from benchmarks.live.truths import settled
from benchmarks.live.world import START, LiveWorld, bundled, engine

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.ledger import FillRecord, OrderRecord
from tradepulse.domain.lifecycle import Mode
from tradepulse.signals.graph import Graph
from tradepulse.signals.program import Program

pytestmark = pytest.mark.slow
# Four at once, so that a quarter of the time has as much to say.
SYMBOLS = ("BTCUSDT", "ETHUSDT", "BNBUSDT", "SOLUSDT")
_MINUTES = 36
# What a cross downwards is to whoever is long, and to whoever is flat.
HELD_BY_ONE = {"exit_long", "enter_short"}


def minutes(symbol: str, start: int, end: int) -> BarSeries:
    """The bundled minutes that open in [start, end)."""
    bars = bundled([symbol], Market.SPOT)[0].bars
    first, last = np.searchsorted(bars.open_time, [start, end])
    return bars.slice(int(first), int(last))


def kernel_words(bars: BarSeries) -> dict[int, tuple[bool, bool]]:
    """(enter long, exit long) by bar, as the compiled graph says it over all bars at once."""
    block = Program(Graph.from_json(Busy().graph.to_json()), MINUTE_MS).advance(bars)
    flags = zip(block.enter_long.tolist(), block.exit_long.tolist(), strict=True)
    return {
        int(time): (bool(enter), bool(leave))
        for time, (enter, leave) in zip(bars.open_time.tolist(), flags, strict=True)
    }


def ledger_of(world: LiveWorld, name: str) -> dict[str, Any]:
    with world.app.database.reading() as tx:
        return {
            "signals": {s.bar_time: s for s in tx.signals.of_activation(name)},
            "orders": tx.orders.of_activation(name),
            "fills": tx.fills.of_activation(name),
            "first": tx.activations.get(name).session_start,
            "last": tx.activations.get(name).last_bar,
        }


def test_kernel_paper_and_venue_say_the_same(
    open_world: Callable[..., LiveWorld], record_property: Callable[[str, object], None]
) -> None:
    world = open_world(Market.SPOT, SYMBOLS, speed=0.0)
    names = {symbol: world.activate(world.accounts[0], symbol) for symbol in SYMBOLS}
    end = START + _MINUTES * MINUTE_MS
    with engine(world):
        until(lambda: all(world.activation(name).session_start for name in names.values()))
        # Not before: what closed while the engine was starting would be stale to it.
        world.sandbox.clock(speed=240)
        until(lambda: all((world.activation(n).last_bar or 0) >= end for n in names.values()))
        assert settled(world) == []
    said, entered = 0, 0
    slips: list[Decimal] = []
    for symbol, name in names.items():
        at_venue = ledger_of(world, name)
        bars = minutes(symbol, at_venue["first"], at_venue["last"] + MINUTE_MS)
        check_kept(world, symbol, bars)
        words = kernel_words(bars)
        there, here = at_venue["signals"], on_paper(world, symbol, bars)["signals"]
        for time, signal in (*there.items(), *here.items()):
            if signal.action in ("enter_long", "exit_long"):
                assert words[time][signal.action == "exit_long"], (symbol, time, signal)
                said += 1
        # Whoever is flat enters where the kernel says so: paper and venue part only by their fills.
        for time in there.keys() & here.keys():
            assert there[time].close == here[time].close
            actions = {there[time].action, here[time].action}
            assert len(actions) == 1 or actions == HELD_BY_ONE, (symbol, time)
            entered += actions == {"enter_long"}
        slips += slippage_bps(at_venue["orders"], at_venue["fills"])
    assert said > 10
    assert entered > 5
    record_property("slippage_bps", [round(float(s), 2) for s in slips])
    # The book around the price: an order pays its half spread, and what the price did meanwhile.
    assert slips
    print(f"slippage of {len(slips)} market orders, bps: mean {float(sum(slips) / len(slips)):.2f},"
          f" worst {float(max(slips)):.2f}; {said} signals, {entered} entered by both")  # fmt: skip
    assert max(abs(s) for s in slips) < 50


def check_kept(world: LiveWorld, symbol: str, bars: BarSeries) -> None:
    """The feed kept what the sandbox told: the very bars it was made of."""
    span = {"start_ms": int(bars.open_time[0]), "end_ms": int(bars.open_time[-1]) + MINUTE_MS}
    kept = world.app.bars.read("binance", pair_of(symbol, Market.SPOT), "1m", **span)
    assert np.array_equal(kept.open_time, bars.open_time)
    for column in ("open", "high", "low", "close"):
        assert np.array_equal(getattr(kept, column), getattr(bars, column)), column


def on_paper(world: LiveWorld, symbol: str, bars: BarSeries) -> dict[str, Any]:
    """The ledger of a paper activation that replayed the same bars."""
    from tradepulse.domain.ledger import Wallet
    from tradepulse.engine.feed import GivenBars
    from tradepulse.engine.trading import TradingEngine
    from tradepulse.exchanges.paper import PaperExchange
    from tradepulse.storage.activating import request_activation

    first, wallet = int(bars.open_time[0]), f"paper {symbol}"
    name = world.configure(symbol, rules=rules_for(Market.SPOT))
    with world.app.database.transaction() as tx:
        tx.wallets.save(Wallet(wallet, wallet, "USDT", Decimal(10_000), Mode.PAPER, first))
        made = request_activation(
            tx, name, wallet, now_ms=first, allotment=Decimal(10_000), session_start=first
        )
    paper = TradingEngine(
        world.app.journal, GivenBars(bars), PaperExchange, clock=lambda: first, code_version="test",
        capital=10_000.0,
    )  # fmt: skip
    paper.join(made.id)
    while paper.advance():
        pass
    return ledger_of(world, made.id)


def slippage_bps(orders: tuple[OrderRecord, ...], fills: tuple[FillRecord, ...]) -> list[Decimal]:
    """What each market order paid beyond the price it was decided at, basis points."""
    found = []
    for order in orders:
        mine = [f for f in fills if f.order_id == order.id]
        if order.role not in ("entry", "exit") or not mine or order.decided_at is None:
            continue
        quantity = sum((f.quantity for f in mine), Decimal(0))
        paid = sum((f.quantity * f.price for f in mine), Decimal(0)) / quantity
        sign = 1 if order.side == "buy" else -1
        found.append(sign * (paid / order.decided_at - 1) * 10_000)
    return found
