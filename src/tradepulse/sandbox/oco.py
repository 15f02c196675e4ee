"""OCO lists on spot: a limit and a stop over one lock, of which one at most trades."""

from __future__ import annotations

from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.client_ids import check_client_id
from tradepulse.sandbox.endings import close_order, open_legs
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import ListStatus
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.order_types import SPOT_STOPS
from tradepulse.sandbox.requests import OcoRequest, OrderRequest
from tradepulse.sandbox.spot_orders import admit, check_spot, lock_for, new_order
from tradepulse.sandbox.values import OcoList, SandboxOrder

# What may stand above and below the price: one leg a stop in the order's way, one a better price.
_ABOVE = {
    "SELL": ("LIMIT_MAKER", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"),
    "BUY": ("STOP_LOSS", "STOP_LOSS_LIMIT"),
}
_BELOW = {"SELL": _ABOVE["BUY"], "BUY": _ABOVE["SELL"]}


def place_oco(floor: Floor, account: Account, request: OcoRequest) -> OcoList:
    """The list, both legs resting. Errors as for each leg; -2010 for legs on the wrong sides, and
    nothing of it is placed then."""
    _check_list(floor, account, request)
    listing = floor.listing(Market.SPOT, request.symbol)
    number = next(floor.numbers.lists)
    name = request.list_client_id or floor.client_id(None)
    legs = tuple(
        new_order(floor, listing, leg, list_id=number, list_client_id=name)
        for leg in (request.below, request.above)
    )
    lock_for(account, listing, legs)
    oco = OcoList(
        number, name, request.symbol, "EXEC_STARTED", "EXECUTING", floor.now,
        tuple((leg.order_id, leg.client_id) for leg in legs),
    )  # fmt: skip
    account.put_list(oco)
    floor.emit(ListStatus(account.key, floor.now, oco))
    # The stop first: the limit, which could never take, then waits beside it.
    for leg in sorted(legs, key=lambda leg: leg.type not in SPOT_STOPS):
        admit(floor, account, listing, leg)
    return account.lists[number]


def cancel_list(
    floor: Floor, account: Account, list_id: int, command_id: str | None = None
) -> tuple[OcoList, list[SandboxOrder]]:
    """The list and the legs that this cancelled. Error -2011 when none was open."""
    legs = open_legs(account, list_id)
    if not legs:
        raise VenueError(-2011, "Unknown order sent.")
    over = [close_order(floor, account, leg, "CANCELED", command_id=command_id) for leg in legs]
    return account.lists[list_id], over


def _check_list(floor: Floor, account: Account, request: OcoRequest) -> None:
    _check_sides(request)
    for leg in (request.above, request.below):
        check_spot(floor, account, leg, pays=False)
    if request.above.client_id is not None and request.above.client_id == request.below.client_id:
        raise VenueError(-2010, "Duplicate order sent.")
    check_client_id(floor, account, Market.SPOT, request.list_client_id, "listClientOrderId")
    held = account.find_list(None, request.list_client_id)
    if held is not None and (held.order_status == "EXECUTING" or floor.strict_client_ids):
        raise VenueError(-2010, "Duplicate order sent.")
    listing = floor.listing(Market.SPOT, request.symbol)
    prices = [leg.price or leg.stop_price for leg in (request.above, request.below)]
    unit = max((price for price in prices if price is not None), default=listing.last_price)
    buys = request.side == "BUY"
    asset = listing.spec.quote if buys else listing.spec.base
    account.spot.require(asset, request.quantity * unit if buys else request.quantity)


def _check_sides(request: OcoRequest) -> None:
    above, below = request.above, request.below
    for leg in (above, below):
        same = (leg.symbol, leg.side, leg.quantity)
        if same != (request.symbol, request.side, request.quantity):
            raise VenueError(-1128, "Combination of optional parameters invalid.")
    if request.side not in _ABOVE:
        raise VenueError(-1117, "Invalid side.")
    if above.type not in _ABOVE[request.side] or below.type not in _BELOW[request.side]:
        raise VenueError(-1158, "Order type not supported in OCO.")
    high, low = _level(above), _level(below)
    if high is not None and low is not None and high <= low:
        raise VenueError(
            -2010, "The relationship of the prices for the orders is not correct."
        )  # fmt: skip


def _level(leg: OrderRequest) -> Decimal | None:
    """The price that the leg waits for."""
    return leg.stop_price if leg.type in SPOT_STOPS else leg.price
