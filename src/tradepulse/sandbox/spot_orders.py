"""Placing orders on spot: checked whole first, then locked, told, and brought to the book."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.asked_order import asked_order
from tradepulse.sandbox.client_ids import check_client_id
from tradepulse.sandbox.endings import expire_sibling
from tradepulse.sandbox.errors import VenueError, filter_failure
from tradepulse.sandbox.events import OrderEvent
from tradepulse.sandbox.filling import arrive
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.order_types import (
    SPOT_STOPS,
    check_spot_words,
    fires_rising,
    is_limit,
)  # fmt: skip
from tradepulse.sandbox.requests import OrderRequest
from tradepulse.sandbox.resting import Resting, Waits, trailing_level
from tradepulse.sandbox.spot_filters import check_spot_filters
from tradepulse.sandbox.spot_settlement import lock_name, tell_balances
from tradepulse.sandbox.tickers import average_price
from tradepulse.sandbox.values import ZERO, SandboxOrder

_BPS = 10_000


def place_spot(floor: Floor, account: Account, request: OrderRequest) -> SandboxOrder:
    """The order after it met the book. Errors as `check_spot`."""
    check_spot(floor, account, request)
    listing = floor.listing(Market.SPOT, request.symbol)
    order = new_order(floor, listing, request)
    lock_for(account, listing, (order,))
    return admit(floor, account, listing, order)


def check_spot(floor: Floor, account: Account, request: OrderRequest, *, pays: bool = True) -> None:
    """Raises what placing would; `pays=False` leaves the balance out (a leg of a list)."""
    listing = floor.listing(Market.SPOT, request.symbol)
    check_spot_words(request, listing.spec.order_types)
    check_client_id(floor, account, Market.SPOT, request.client_id, "newClientOrderId")
    average = average_price(listing, floor.now)
    check_spot_filters(request, listing.spec, account, average)
    if request.type in SPOT_STOPS:
        _check_trigger(request, listing)
    if request.type == "LIMIT_MAKER" and would_take(listing, request):
        raise VenueError(-2010, "Order would immediately match and take.")
    if pays:
        asset, amount, _ = _cost(listing, request)
        account.spot.require(asset, amount)


def would_take(listing: Listing, request: OrderRequest) -> bool:
    """Whether a limit at the request's price meets the other side of the book at once."""
    buys = request.side == "BUY"
    limit = listing.ticks(request.price or ZERO)
    return bool(listing.depth.preview(buys=buys, lots=1, limit=limit))


def new_order(
    floor: Floor, listing: Listing, request: OrderRequest, *, list_id: int = -1,
    list_client_id: str | None = None,
) -> SandboxOrder:  # fmt: skip
    """The order as it stands before it meets anything."""
    waits = request.type in SPOT_STOPS
    sized = replace(request, quantity=request.quantity or _quantity_for(listing, request))
    return SandboxOrder(
        order_id=next(floor.numbers.orders[Market.SPOT]),
        market=Market.SPOT,
        stop_price=request.stop_price or ZERO,
        quote_quantity=request.quote_quantity or ZERO,
        list_id=list_id,
        list_client_id=list_client_id,
        working_time=None if waits else floor.now,
        is_working=not waits,
        trailing_delta=request.trailing_delta,
        **asked_order(floor, sized),
    )


def lock_for(account: Account, listing: Listing, orders: tuple[SandboxOrder, ...]) -> None:
    """Locks what the orders may spend: the legs of a list share the larger need. A market order
    locks nothing, since it is over at once. Error -2010."""
    first = orders[0]
    if first.type == "MARKET":
        return
    spec = listing.spec
    if first.side == "SELL":
        account.spot.lock(lock_name(first), spec.base, first.quantity, Decimal(1))
        return
    unit = max(order.price or order.stop_price or listing.last_price for order in orders)
    account.spot.lock(lock_name(first), spec.quote, unit * first.quantity, unit)


def admit(floor: Floor, account: Account, listing: Listing, order: SandboxOrder) -> SandboxOrder:
    """The order is on the venue: told as NEW, then it waits for its trigger or meets the book."""
    account.files[Market.SPOT].put(order)
    floor.emit(OrderEvent(account.key, Market.SPOT, floor.now, order, "NEW"))
    if lock_name(order) in account.spot.locks:
        asset = listing.spec.base if order.side == "SELL" else listing.spec.quote
        tell_balances(floor, account, asset)
    if order.type in SPOT_STOPS:
        _await_trigger(floor, account, listing, order)
        return order
    return arrive(floor, account, listing, order)


def trigger_spot(floor: Floor, account: Account, listing: Listing, order_id: int) -> None:
    """A stop's or take-profit's price was reached: it goes to the book."""
    listing.resting.remove(account.key, order_id)
    order = replace(
        account.files[Market.SPOT].open[order_id], is_working=True, working_time=floor.now,
        update_time=floor.now,
    )  # fmt: skip
    account.files[Market.SPOT].put(order)
    floor.emit(OrderEvent(account.key, Market.SPOT, floor.now, order, "TRIGGERED"))
    expire_sibling(floor, account, order)
    if not is_limit(order.type) and order.side == "BUY":
        # What was locked is an estimate at the trigger; the fills pay what they cost.
        account.spot.release(lock_name(order))
    arrive(floor, account, listing, order)


def _await_trigger(floor: Floor, account: Account, listing: Listing, order: SandboxOrder) -> None:
    rises = fires_rising(order.type, order.side)
    entry = Resting(
        next(floor.numbers.resting), account.key, order.order_id, Waits.TRIGGER, rises,
        listing.ticks(order.stop_price),
    )  # fmt: skip
    if order.trailing_delta is not None:
        entry.trail = order.trailing_delta / _BPS
        entry.activation = entry.level
        entry.active = not order.stop_price
        entry.best = listing.last
        entry.level = trailing_level(entry.best, entry.trail, up=rises)
    listing.resting.add(entry)


def _check_trigger(request: OrderRequest, listing: Listing) -> None:
    if request.stop_price is None or request.trailing_delta is not None:
        return
    stop, last = request.stop_price, listing.last_price
    reached = last >= stop if fires_rising(request.type, request.side) else last <= stop
    if reached:
        raise VenueError(-2010, "Stop price would trigger immediately.")


def _cost(listing: Listing, request: OrderRequest) -> tuple[str, Decimal, Decimal]:
    """(asset, amount, unit) that the order needs at once."""
    spec = listing.spec
    quantity = request.quantity or _quantity_for(listing, request)
    if request.side == "SELL":
        return spec.base, quantity, Decimal(1)
    if request.type != "MARKET":
        unit = request.price or request.stop_price or listing.last_price
        return spec.quote, unit * quantity, unit
    if request.quote_quantity is not None:
        return spec.quote, request.quote_quantity, ZERO
    fills = listing.depth.preview(buys=True, lots=listing.lots(quantity), limit=None)
    cost = sum((listing.price(t.price) * listing.quantity(t.lots) for t in fills), ZERO)
    return spec.quote, cost, ZERO


def _quantity_for(listing: Listing, request: OrderRequest) -> Decimal:
    """Whole lots that the quote amount of a market order buys or sells. Error -1013 for none."""
    purse, lots = request.quote_quantity or ZERO, 0
    for price, here in listing.depth.side(asks=request.side == "BUY"):
        lot_price = listing.price(price) * listing.lot
        took = min(here, int(purse / lot_price))
        lots += took
        purse -= took * lot_price
        if took < here:
            break
    if not lots:
        raise filter_failure("LOT_SIZE")
    return listing.quantity(lots)
