"""Cancelling, replacing and amending orders."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.endings import close_algo, close_order, open_legs
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import OrderEvent
from tradepulse.sandbox.filling import arrive
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_filters import check_futures_filters
from tradepulse.sandbox.order_types import missing
from tradepulse.sandbox.requests import OrderRequest, ReplaceRequest
from tradepulse.sandbox.spot_orders import place_spot
from tradepulse.sandbox.values import AlgoOrder, SandboxOrder


def cancel_order(
    floor: Floor, account: Account, market: Market, symbol: str, order_id: int | None,
    client_id: str | None, command_id: str | None = None,
) -> SandboxOrder:  # fmt: skip
    """The cancelled order; a leg of a list takes the other with it. Errors -1102, -2011."""
    floor.listing(market, symbol)
    if order_id is None and client_id is None:
        raise missing("orderId")
    order = account.files[market].find(symbol, order_id, client_id)
    if order is None or not order.is_open:
        raise VenueError(-2011, "Unknown order sent.")
    legs = [order] if order.list_id == -1 else open_legs(account, order.list_id)
    over = [close_order(floor, account, leg, "CANCELED", command_id=command_id) for leg in legs]
    return next(each for each in over if each.order_id == order.order_id)


def cancel_all_orders(
    floor: Floor, account: Account, market: Market, symbol: str
) -> list[SandboxOrder]:
    """Every open plain order of the symbol, cancelled. Spot: -2011 when there is none."""
    floor.listing(market, symbol)
    mine = [o for o in account.files[market].open.values() if o.symbol == symbol]
    if not mine and market is Market.SPOT:
        raise VenueError(-2011, "Unknown order sent.")
    return [close_order(floor, account, order, "CANCELED") for order in mine]


def cancel_algo_order(
    floor: Floor, account: Account, algo_id: int | None, client_id: str | None
) -> AlgoOrder:
    """The cancelled conditional order. Errors -1102, -2011."""
    if algo_id is None and client_id is None:
        raise missing("algoId")
    algo = account.find_algo(algo_id, client_id)
    if algo is None or not algo.is_open:
        raise VenueError(-2011, "Unknown order sent.")
    return close_algo(floor, account, algo, "CANCELED")


def cancel_all_algos(floor: Floor, account: Account, symbol: str) -> list[AlgoOrder]:
    floor.listing(Market.PERPETUAL, symbol)
    return [close_algo(floor, account, a, "CANCELED") for a in account.open_algos(symbol)]


def replace_order(
    floor: Floor, account: Account, request: ReplaceRequest
) -> tuple[SandboxOrder | VenueError, SandboxOrder | VenueError | None]:
    """(cancelled, placed), as spot's cancelReplace: not one step, the cancel may stand alone."""
    if request.mode not in ("STOP_ON_FAILURE", "ALLOW_FAILURE"):
        raise VenueError(-1130, "Data sent for parameter 'cancelReplaceMode' is not valid.")
    cancelled: SandboxOrder | VenueError
    try:
        cancelled = cancel_order(
            floor, account, Market.SPOT, request.new.symbol, request.cancel_order_id,
            request.cancel_client_id, request.cancel_new_client_id,
        )  # fmt: skip
    except VenueError as refused:
        if request.mode == "STOP_ON_FAILURE":
            return refused, None
        cancelled = refused
    try:
        return cancelled, place_spot(floor, account, request.new)
    except VenueError as refused:
        return cancelled, refused


def amend_order(
    floor: Floor, account: Account, symbol: str, order_id: int | None, client_id: str | None,
    side: str | None, quantity: Decimal | None, price: Decimal | None,
) -> SandboxOrder:  # fmt: skip
    """USD-M's PUT order: the same id at a new price or quantity, last in the queue. Errors -2013,
    -5027 (nothing changes), -4xxx of the filters, -2010."""
    market = Market.PERPETUAL
    listing = floor.listing(market, symbol)
    order = account.files[market].find(symbol, order_id, client_id)
    if order is None or not order.is_open or (side is not None and side != order.side):
        raise VenueError(-2013, "Order does not exist.")
    wanted, asked = price or order.price, quantity or order.quantity
    if (wanted, asked) == (order.price, order.quantity):
        raise VenueError(-5027, "No need to modify the order.")
    shape = OrderRequest(
        symbol, order.side, order.type, asked, wanted, time_in_force=order.time_in_force,
        reduce_only=order.reduce_only,
    )  # fmt: skip
    check_futures_filters(shape, listing.spec, account, listing.mark_price)
    if asked <= order.executed:
        return close_order(floor, account, order, "CANCELED")
    listing.resting.remove(account.key, order.order_id)
    order = replace(order, price=wanted, quantity=asked, update_time=floor.now)
    account.files[market].put(order)
    floor.emit(OrderEvent(account.key, market, floor.now, order, "AMENDMENT"))
    return arrive(floor, account, listing, order)
