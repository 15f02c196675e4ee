"""The sandbox's own books beside the ledger: what differs, to the last unit.

Nothing here asks the code under test what is true: amounts are summed anew from rows and deposits.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from benchmarks.live.busy import pair_of
from benchmarks.live.world import Account, LiveWorld
from tradepulse.domain.instrument import Market
from tradepulse.domain.ledger import FillRecord, OrderRecord, PositionRecord, TradeRecord
from tradepulse.domain.lifecycle import OrderState

_NOTHING = Decimal(0)
_RESTS = frozenset({"NEW", "PARTIALLY_FILLED"})
_SIGN = {"long": 1, "short": -1}


class Ledger:
    """All rows of one account's activations."""

    def __init__(self, world: LiveWorld, account: Account) -> None:
        names = list(account.running.values())
        with world.app.database.reading() as tx:
            self.orders: list[OrderRecord] = []
            self.fills: list[FillRecord] = []
            self.trades: list[TradeRecord] = []
            self.positions: list[PositionRecord] = []
            for name in names:
                self.orders += tx.orders.of_activation(name)
                self.fills += tx.fills.of_activation(name)
                self.trades += tx.trades.of_activation(name)
                self.positions += tx.positions.open(activation_id=name)


def differences(world: LiveWorld) -> list[str]:
    """Everything in which the ledger and the sandbox differ, now."""
    state = world.sandbox.state()
    found = []
    for account in world.accounts:
        truth = state["accounts"][account.keys.api_key]
        told = _of_account(world, account, truth)
        found += [f"{account.connection.name}: {each}" for each in told]
    return found


def settled(world: LiveWorld, within_s: float = 20.0) -> list[str]:
    """What still differs when market time has been stopped and everything that was under way had
    time to arrive."""
    world.sandbox.clock(speed=0)
    give_up = time.monotonic() + within_s
    while (left := differences(world)) and time.monotonic() < give_up:
        time.sleep(0.05)
    return left


def refusals(world: LiveWorld) -> int:
    """How often the sandbox answered that too much was asked of it."""
    state = world.sandbox.state()
    answers = {int(status): count for status, count in state["answers"].items()}
    return int(state["rate_refusals"]) + answers.get(429, 0) + answers.get(418, 0)


def _of_account(world: LiveWorld, account: Account, truth: Mapping[str, Any]) -> Iterator[str]:
    ledger = Ledger(world, account)
    yield from _orders(world.market, ledger, truth)
    yield from _fills(world.market, ledger, truth)
    yield from _positions(world.market, ledger, truth)
    yield from _money(world.market, ledger, truth)


def _orders(market: Market, ledger: Ledger, truth: Mapping[str, Any]) -> Iterator[str]:
    """Each order at the venue was intended, none is there twice, and both say that it rests."""
    known = {order.client_order_id: order for order in ledger.orders}
    plain = [o for o in truth["orders"][market] if o["algo_id"] is None]
    there = [(o["client_id"], o["status"]) for o in (*plain, *truth["algo_orders"])]
    for name, count in Counter(name for name, _ in there).items():
        if count > 1:
            yield f"order {name} was placed {count} times"
    for name, status in there:
        order = known.get(name)
        if order is None:
            yield f"order {name} ({status}) is not in the ledger"
        elif status in _RESTS and order.state.is_over:
            yield f"{order.role} {name} is {order.state} here, and {status} at the venue"
    resting = {name for name, status in there if status in _RESTS}
    for order in ledger.orders:
        if not order.state.is_over and order.client_order_id not in resting:
            queued = order.state is OrderState.INTENDED and order.reason == "queued"
            if not queued:
                yield f"{order.role} {order.client_order_id} is {order.state} here, not there"


def _fills(market: Market, ledger: Ledger, truth: Mapping[str, Any]) -> Iterator[str]:
    ours = Counter(
        (fill.pair, fill.venue_trade_id, fill.side, fill.quantity, fill.price, fill.fee_amount)
        for fill in ledger.fills
    )
    theirs = Counter(
        (
            pair_of(t["symbol"], market), str(t["trade_id"]), t["side"].lower(),
            Decimal(t["quantity"]), Decimal(t["price"]), Decimal(t["commission"]),
        )
        for t in truth["trades"][market]
    )  # fmt: skip
    for fill in (ours - theirs).elements():
        yield f"a fill that the venue does not have: {fill}"
    for fill in (theirs - ours).elements():
        yield f"a fill that the ledger does not have: {fill}"
    filled: dict[str, Decimal] = {}
    for row in ledger.fills:
        filled[row.order_id] = filled.get(row.order_id, _NOTHING) + row.quantity
    for order in ledger.orders:
        if order.filled != filled.get(order.id, _NOTHING):
            yield (
                f"{order.role} {order.client_order_id} says {order.filled} filled,"
                f" its fills {filled.get(order.id, _NOTHING)}"
            )


def _positions(market: Market, ledger: Ledger, truth: Mapping[str, Any]) -> Iterator[str]:
    held = {p.pair: _SIGN[p.side] * p.quantity for p in ledger.positions}
    if market is Market.PERPETUAL:
        theirs = {pair_of(p["symbol"], market): Decimal(p["amount"])
                  for p in truth["positions"]}  # fmt: skip
        for pair in sorted(held.keys() | theirs.keys()):
            ours, there = held.get(pair, _NOTHING), theirs.get(pair, _NOTHING)
            if ours != there:
                yield f"{pair}: the ledger holds {ours}, the venue {there}"
    stops = [o for o in ledger.orders if o.role == "stop" and o.state is OrderState.OPEN]
    for name, count in Counter(stop.activation_id for stop in stops).items():
        if count > 1:
            yield f"{count} stops of {name} rest"
    for position in ledger.positions:
        if position.activation_id not in {stop.activation_id for stop in stops}:
            yield f"{position.pair}: {position.quantity} are held without a stop"


def _money(market: Market, ledger: Ledger, truth: Mapping[str, Any]) -> Iterator[str]:
    """Balances are the deposits and what the ledger's rows say came and went."""
    if market is Market.SPOT:
        yield from _coins(ledger, truth)
        return
    gained = sum((trade.pnl for trade in ledger.trades), _NOTHING)
    opened = sum(
        (Decimal(str((p.state or {}).get("funding", 0))) - Decimal(str((p.state or {})["fees"]))
         for p in ledger.positions), _NOTHING,
    )  # fmt: skip
    partly = sum((_sold(p) for p in ledger.positions), _NOTHING)
    deposit = Decimal(truth["deposits"].get("USDT", "0"))
    wallet = Decimal(truth["futures"]["wallet"])
    ours = deposit + gained + opened + partly
    if abs(ours - wallet) > Decimal("1e-6"):
        yield f"the wallet holds {wallet} USDT, deposits and trades make {ours}"


def _sold(position: PositionRecord) -> Decimal:
    """What the closed parts of an open position have earned."""
    state = position.state or {}
    sold = Decimal(str(state["exit_value"])) - Decimal(str(state["exit_quantity"])) * (
        position.entry_price
    )
    return _SIGN[position.side] * sold


def _coins(ledger: Ledger, truth: Mapping[str, Any]) -> Iterator[str]:
    moved: dict[str, Decimal] = {
        asset: Decimal(amount) for asset, amount in truth["deposits"].items()
    }
    for fill in ledger.fills:
        base, quote = fill.pair.split("/")
        sign = 1 if fill.side == "buy" else -1
        moved[base] = moved.get(base, _NOTHING) + sign * fill.quantity
        moved[quote] = moved.get(quote, _NOTHING) - sign * fill.quantity * fill.price
        if fill.fee_currency is not None and fill.fee_amount is not None:
            moved[fill.fee_currency] = moved.get(fill.fee_currency, _NOTHING) - fill.fee_amount
    there = {b["asset"]: Decimal(b["free"]) + Decimal(b["locked"]) for b in truth["balances"]}
    for asset in sorted(moved.keys() | there.keys()):
        ours, theirs = moved.get(asset, _NOTHING), there.get(asset, _NOTHING)
        if ours != theirs:
            yield f"{asset}: the ledger makes {ours}, the venue holds {theirs}"
