"""How an order meets the book: what it takes, what it rests, and what a fill sets in motion."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.depth import Taken
from tradepulse.sandbox.endings import close_order, expire_sibling, settle_ending
from tradepulse.sandbox.events import OrderEvent
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_settlement import settle_futures
from tradepulse.sandbox.liquidation import watch_liquidation
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.order_types import is_limit
from tradepulse.sandbox.resting import Resting, Waits
from tradepulse.sandbox.spot_settlement import settle_spot, tell_balances
from tradepulse.sandbox.values import SandboxOrder


def arrive(floor: Floor, account: Account, listing: Listing, order: SandboxOrder) -> SandboxOrder:
    """The order after it took what the book offers it; the rest rests or is over."""
    fills = _offered(account, listing, order)
    whole = sum(taken.lots for taken in fills) >= listing.lots(order.remaining)
    refused = (order.time_in_force == "FOK" and not whole) or (
        order.time_in_force == "GTX" and bool(fills)
    )
    if refused:
        return close_order(floor, account, order, "EXPIRED")
    listing.depth.take(fills)
    for taken in fills:
        if not order.is_open:
            break
        order = fill(
            floor, account, listing, order, listing.price(taken.price),
            listing.quantity(taken.lots), maker=False,
        )  # fmt: skip
    if fills:
        floor.tell_book(listing)
    if not order.is_open:
        return order
    if is_limit(order.type) and order.time_in_force in ("GTC", "GTX"):
        rest(floor, account, listing, order)
        return order
    return close_order(floor, account, order, "EXPIRED")


def fill(
    floor: Floor, account: Account, listing: Listing, order: SandboxOrder, price: Decimal,
    quantity: Decimal, *, maker: bool,
) -> SandboxOrder:  # fmt: skip
    """The order after one execution, with money moved and everybody told."""
    spot = order.market is Market.SPOT
    settle = settle_spot if spot else settle_futures
    trade = settle(floor, account, listing, order, price, quantity, maker=maker)
    file = account.files[order.market]
    executed = order.executed + quantity
    order = replace(
        order, executed=executed, quote_executed=order.quote_executed + price * quantity,
        status="FILLED" if executed == order.quantity else "PARTIALLY_FILLED",
        update_time=floor.now,
    )  # fmt: skip
    file.put(order)
    file.add_trade(trade)
    floor.emit(OrderEvent(account.key, order.market, floor.now, order, "TRADE", trade))
    if spot:
        spec = listing.spec
        tell_balances(floor, account, spec.base, spec.quote, trade.commission_asset)
        expire_sibling(floor, account, order)
    if not order.is_open:
        settle_ending(floor, account, order)
    if spot:
        return order
    watch_liquidation(floor, account, listing)
    return _drop_idle_reductions(floor, account, order)


def rest(floor: Floor, account: Account, listing: Listing, order: SandboxOrder) -> None:
    """A limit order waits for the price to trade a tick beyond it (F7)."""
    sells = order.side == "SELL"
    level = listing.ticks(order.price) + (1 if sells else -1)
    number = next(floor.numbers.resting)
    entry = Resting(number, account.key, order.order_id, Waits.LIMIT, sells, level)
    listing.resting.add(entry)


def closable(account: Account, order: SandboxOrder) -> Decimal:
    """How much of the position a reduce-only order may still close."""
    amount = account.futures.position(order.symbol).amount
    return max(amount if order.side == "SELL" else -amount, Decimal(0))


def _offered(account: Account, listing: Listing, order: SandboxOrder) -> list[Taken]:
    """What the book gives to the order: within its limit, its position, and what it can pay."""
    quantity = order.remaining
    if order.reduce_only:
        quantity = min(quantity, closable(account, order))
    limit = listing.ticks(order.price) if is_limit(order.type) else None
    buys = order.side == "BUY"
    fills = listing.depth.preview(buys=buys, lots=listing.lots(quantity), limit=limit)
    if limit is None and buys and order.market is Market.SPOT:
        return _paid_for(fills, account.spot.balance(listing.spec.quote).free, listing)
    return fills


def _paid_for(fills: list[Taken], free: Decimal, listing: Listing) -> list[Taken]:
    """The fills that a purse reaches for, in whole lots."""
    paid: list[Taken] = []
    for taken in fills:
        lot_price = listing.price(taken.price) * listing.lot
        lots = min(taken.lots, int(free / lot_price))
        if lots <= 0:
            break
        paid.append(Taken(taken.price, lots))
        free -= lots * lot_price
    return paid


def _drop_idle_reductions(floor: Floor, account: Account, filled: SandboxOrder) -> SandboxOrder:
    """With the position gone there is nothing left to reduce: resting reductions expire."""
    file = account.files[Market.PERPETUAL]
    if not account.futures.position(filled.symbol).amount:
        for order in list(file.open.values()):
            if order.symbol == filled.symbol and order.reduce_only:
                close_order(floor, account, order, "EXPIRED")
    return file.orders[filled.order_id]
