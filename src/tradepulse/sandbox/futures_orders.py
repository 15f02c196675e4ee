"""Placing USD-M orders: plain ones here, conditional ones in `algo_orders`."""

from __future__ import annotations

from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.asked_order import asked_order
from tradepulse.sandbox.client_ids import check_client_id
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import OrderEvent
from tradepulse.sandbox.filling import arrive
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_filters import check_futures_filters
from tradepulse.sandbox.futures_views import leverage_of, leverages
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.margin import available, highest_notional, opening_part
from tradepulse.sandbox.order_types import check_futures_words
from tradepulse.sandbox.requests import OrderRequest
from tradepulse.sandbox.values import ZERO, SandboxOrder


def place_futures(floor: Floor, account: Account, request: OrderRequest) -> SandboxOrder:
    """The order after it met the book. Errors as `check_futures`."""
    check_futures(floor, account, request)
    listing = floor.listing(Market.PERPETUAL, request.symbol)
    order = new_futures_order(floor, request)
    announce(floor, account, order)
    return arrive(floor, account, listing, order)


def check_futures(floor: Floor, account: Account, request: OrderRequest) -> None:
    """Raises what placing a plain order would."""
    listing = floor.listing(Market.PERPETUAL, request.symbol)
    check_futures_words(request, listing.spec.order_types)
    check_client_id(floor, account, Market.PERPETUAL, request.client_id, "newClientOrderId")
    check_futures_filters(request, listing.spec, account, listing.mark_price)
    check_means(floor, account, listing, request)
    _check_in_force(listing, request)


def check_means(floor: Floor, account: Account, listing: Listing, request: OrderRequest) -> None:
    """Whether position, leverage and margin allow it. Errors -2022, -2027, -2019."""
    position = account.futures.position(listing.symbol)
    quantity = request.quantity or ZERO
    opening = opening_part(position, request.side, quantity)
    if request.reduce_only:
        if opening == quantity:
            raise VenueError(-2022, "ReduceOnly Order is rejected.")
        return
    leverage = leverage_of(account, listing)
    price = _expected_price(listing, request)
    # Closing first, an order that turns the position around ends with what it opens.
    held = abs(position.amount) if opening == quantity else ZERO
    if (held + opening) * price > highest_notional(listing.spec.brackets, leverage):
        raise VenueError(-2027, "Exceeded the maximum allowable position at current leverage.")
    if not opening:
        return
    fee = quantity * price * listing.spec.taker_bps / 10_000
    if opening * price / leverage + fee > available(account, leverages(floor, account)):
        raise VenueError(-2019, "Margin is insufficient.")


def new_futures_order(
    floor: Floor, request: OrderRequest, *, algo_id: int | None = None,
    original_type: str | None = None,
) -> SandboxOrder:  # fmt: skip
    """The order as it stands before it meets the book."""
    return SandboxOrder(
        order_id=next(floor.numbers.orders[Market.PERPETUAL]),
        market=Market.PERPETUAL,
        working_time=floor.now,
        original_type=original_type or request.type,
        algo_id=algo_id,
        **asked_order(floor, request),
    )


def announce(floor: Floor, account: Account, order: SandboxOrder) -> None:
    account.files[Market.PERPETUAL].put(order)
    floor.emit(OrderEvent(account.key, Market.PERPETUAL, floor.now, order, "NEW"))


def _expected_price(listing: Listing, request: OrderRequest) -> Decimal:
    """What margin is asked for: a market order at what the book would charge, a limit at its price,
    a sell at the mark where that is higher."""
    buys = request.side == "BUY"
    if request.price is not None:
        return request.price if buys else max(request.price, listing.mark_price)
    fills = listing.depth.preview(
        buys=buys, lots=listing.lots(request.quantity or ZERO), limit=None
    )
    lots = sum(taken.lots for taken in fills)
    if not lots:
        return listing.mark_price
    return listing.tick * sum(taken.price * taken.lots for taken in fills) / lots


def _check_in_force(listing: Listing, request: OrderRequest) -> None:
    """Orders that only the book can refuse. Errors -5022, -5021, -4131."""
    buys = request.side == "BUY"
    lots = listing.lots(request.quantity or ZERO)
    limit = None if request.price is None else listing.ticks(request.price)
    fills = listing.depth.preview(buys=buys, lots=lots, limit=limit)
    if request.time_in_force == "GTX" and fills:
        raise VenueError(
            -5022,
            "Due to the order could not be executed as maker, the Post Only order will be "
            "rejected. The order will not be recorded in the order history",
        )
    if request.time_in_force == "FOK" and sum(taken.lots for taken in fills) < lots:
        raise VenueError(
            -5021,
            "Due to the order could not be filled immediately, the FOK order has been rejected. "
            "The order will not be recorded in the order history",
        )
    if limit is None and not fills:
        raise VenueError(
            -4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."
        )
