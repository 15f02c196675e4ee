"""Positions that the venue closes by itself: where they would be, and what happens there (F12)."""

from __future__ import annotations

import math
from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account, Position
from tradepulse.sandbox.endings import close_algo, close_order
from tradepulse.sandbox.events import OrderEvent
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_settlement import QUOTE, book_income, tell_position
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.margin import liquidation_price, rounded_down
from tradepulse.sandbox.resting import Resting, Waits
from tradepulse.sandbox.values import ZERO, SandboxOrder, Trade

# A position has no order id; on the book of waiting things it stands under this one.
POSITION = -1
_BPS = Decimal(10_000)


def watch_liquidation(floor: Floor, account: Account, listing: Listing) -> None:
    """The position's liquidation waits at its present price; after every change of it."""
    book = listing.mark_resting
    book.remove(account.key, POSITION)
    position = account.futures.position(listing.symbol)
    if position.amount:
        listing.holders.add(account.key)
    else:
        listing.holders.discard(account.key)
    price = liquidation_price(position, listing.spec.brackets)
    if price is None:
        return
    shorts = position.amount < 0
    ticks = price / listing.tick
    level = math.ceil(ticks) if shorts else math.floor(ticks)
    number = next(floor.numbers.resting)
    book.add(Resting(number, account.key, POSITION, Waits.LIQUIDATION, shorts, level))


def liquidate(floor: Floor, account: Account, listing: Listing) -> None:
    """Closes the position at its liquidation price. All of its margin is lost: what the loss leaves
    of it is the insurance fund's, and the taker fee is paid as far as the wallet reaches."""
    position = account.futures.position(listing.symbol)
    price = liquidation_price(position, listing.spec.brackets)
    if price is None:
        return
    _clear_symbol(floor, account, listing)
    size, sold = abs(position.amount), position.amount > 0
    realised = rounded_down((1 if sold else -1) * (size * price - position.cost))
    rest = max(position.margin + realised, ZERO)
    left = account.futures.balance - position.margin
    fee = min(rounded_down(size * price * listing.spec.taker_bps / _BPS), max(left, ZERO))
    account.futures.positions[listing.symbol] = Position(update_time=floor.now)
    _tell(floor, account, listing, "SELL" if sold else "BUY", size, price, realised, fee, rest)
    watch_liquidation(floor, account, listing)


def _tell(
    floor: Floor, account: Account, listing: Listing, side: str, size: Decimal, price: Decimal,
    realised: Decimal, fee: Decimal, rest: Decimal,
) -> None:  # fmt: skip
    """The books and events of a liquidation, told as an order that the venue placed."""
    market, symbol, now = Market.PERPETUAL, listing.symbol, floor.now
    number = next(floor.numbers.trades[market])
    order_id = next(floor.numbers.orders[market])
    order = SandboxOrder(
        order_id, f"autoclose-{now}{order_id}", market, symbol, side, "LIQUIDATION", "FILLED",
        "IOC", size, price, now, now, executed=size, quote_executed=size * price,
        working_time=now, reduce_only=True, original_type="LIQUIDATION",
    )  # fmt: skip
    trade = Trade(
        number, order_id, -1, market, symbol, side, price, size, size * price, fee + rest, QUOTE,
        now, False, realised,
    )  # fmt: skip
    file = account.files[market]
    file.put(order)
    file.add_trade(trade)
    info = str(number)
    book_income(floor, account, symbol, "REALIZED_PNL", realised, info, number)
    book_income(floor, account, symbol, "COMMISSION", -fee, info, number)
    book_income(floor, account, symbol, "INSURANCE_CLEAR", -rest, info, number)
    tell_position(floor, account, listing, "ORDER")
    floor.emit(OrderEvent(account.key, market, now, order, "CALCULATED", trade))


def _clear_symbol(floor: Floor, account: Account, listing: Listing) -> None:
    """Before it takes a position the venue cancels everything open in the symbol."""
    for order in list(account.files[Market.PERPETUAL].open.values()):
        if order.symbol == listing.symbol:
            close_order(floor, account, order, "CANCELED")
    for algo in account.open_algos(listing.symbol):
        close_algo(floor, account, algo, "CANCELED")
