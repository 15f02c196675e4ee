"""USD-M conditional orders: they wait beside the book and place an order when triggered.

The order that is placed carries the client id of the conditional one; what the real venue does here
is not known, and clients should link the two by `actual_order_id`.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.asked_order import asked_order
from tradepulse.sandbox.client_ids import check_algo_client_id
from tradepulse.sandbox.endings import close_algo
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import AlgoEvent
from tradepulse.sandbox.filling import arrive
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.futures_filters import check_futures_filters
from tradepulse.sandbox.futures_orders import announce, check_means, new_futures_order
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.order_types import check_futures_words, fires_rising
from tradepulse.sandbox.requests import OrderRequest
from tradepulse.sandbox.resting import Resting, RestingBook, Waits, trailing_level
from tradepulse.sandbox.values import ZERO, AlgoOrder

_TRAILING = "TRAILING_STOP_MARKET"
_PERCENT = Decimal(100)


def place_algo(floor: Floor, account: Account, request: OrderRequest) -> AlgoOrder:
    """The conditional order, waiting. Errors as `check_algo`."""
    check_algo(floor, account, request)
    listing = floor.listing(Market.PERPETUAL, request.symbol)
    algo = AlgoOrder(
        algo_id=next(floor.numbers.algos),
        trigger_price=request.stop_price or ZERO,
        activation_price=request.activation_price,
        callback_rate=request.callback_rate,
        **asked_order(floor, request),
    )
    account.put_algo(algo)
    book, price = _watched(listing, algo.working_type)
    book.add(_waiting(floor, account, listing, algo, price))
    floor.emit(AlgoEvent(account.key, floor.now, algo))
    return algo


def check_algo(floor: Floor, account: Account, request: OrderRequest) -> None:
    """Raises what placing a conditional order would. Margin is asked for when it triggers."""
    listing = floor.listing(Market.PERPETUAL, request.symbol)
    check_futures_words(request, listing.spec.order_types)
    check_algo_client_id(floor, account, request.client_id)
    check_futures_filters(request, listing.spec, account, listing.mark_price)
    if request.close_position:
        for other in account.open_algos(request.symbol):
            same = (other.side, other.type) == (request.side, request.type)
            if other.close_position and same:
                raise VenueError(
                    -4130,
                    "An open stop or take profit order with GTE and closePosition in the direction "
                    "is existing.",
                )
    _, price = _watched(listing, request.working_type)
    rises = fires_rising(request.type, request.side)
    stop = request.activation_price if request.type == _TRAILING else request.stop_price
    if stop is None:
        return
    if request.type == _TRAILING:
        rises = not rises
    level = listing.ticks(stop)
    if (price >= level) if rises else (price <= level):
        raise VenueError(-2021, "Order would immediately trigger.")


def trigger_algo(floor: Floor, account: Account, listing: Listing, algo_id: int) -> None:
    """The trigger was reached: places the order, or says why it cannot be placed."""
    algo = replace(account.algos[algo_id], trigger_time=floor.now)
    account.put_algo(algo)
    algo = close_algo(floor, account, algo, "TRIGGERING")
    request = _order_of(account, algo)
    if request is None:
        close_algo(floor, account, algo, "EXPIRED", "There is no position to close.")
        return
    try:
        check_means(floor, account, listing, request)
    except VenueError as refused:
        close_algo(floor, account, algo, "REJECTED", refused.message)
        return
    order = new_futures_order(floor, request, algo_id=algo_id, original_type=algo.type)
    order = replace(order, stop_price=algo.trigger_price)
    announce(floor, account, order)
    algo = replace(algo, status="TRIGGERED", update_time=floor.now, actual_order_id=order.order_id)
    account.put_algo(algo)
    floor.emit(AlgoEvent(account.key, floor.now, algo))
    arrive(floor, account, listing, order)


def _order_of(account: Account, algo: AlgoOrder) -> OrderRequest | None:
    """What the conditional order asks for now; None where there is nothing to close."""
    limit = algo.type in ("STOP", "TAKE_PROFIT")
    request = OrderRequest(
        algo.symbol, algo.side, "LIMIT" if limit else "MARKET", quantity=algo.quantity,
        price=algo.price if limit else None, client_id=algo.client_id,
        time_in_force=algo.time_in_force if limit else None, reduce_only=algo.reduce_only,
        working_type=algo.working_type, price_protect=algo.price_protect,
    )  # fmt: skip
    if not algo.close_position:
        return request
    amount = account.futures.position(algo.symbol).amount
    held = max(amount if algo.side == "SELL" else -amount, ZERO)
    return replace(request, quantity=held, reduce_only=True) if held else None


def _watched(listing: Listing, working_type: str) -> tuple[RestingBook, int]:
    """The book of waiting things and the price now that such an order is triggered by."""
    if working_type == "MARK_PRICE":
        return listing.mark_resting, listing.mark
    return listing.resting, listing.last


def _waiting(
    floor: Floor, account: Account, listing: Listing, algo: AlgoOrder, price: int
) -> Resting:
    rises = fires_rising(algo.type, algo.side)
    entry = Resting(
        next(floor.numbers.resting), account.key, algo.algo_id, Waits.TRIGGER, rises,
        listing.ticks(algo.trigger_price), conditional=True,
    )  # fmt: skip
    if algo.callback_rate is not None:
        entry.trail = float(algo.callback_rate / _PERCENT)
        entry.active = algo.activation_price is None
        entry.activation = listing.ticks(algo.activation_price or ZERO)
        entry.best = price
        entry.level = trailing_level(price, entry.trail, up=rises)
    return entry
