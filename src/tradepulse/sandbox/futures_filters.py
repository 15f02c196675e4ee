"""The filters of a USD-M symbol: Binance has a code of its own for each."""

from __future__ import annotations

from decimal import Decimal

from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.requests import OrderRequest
from tradepulse.sandbox.spot_filters import is_multiple
from tradepulse.sandbox.symbols import Filters, SymbolSpec


def check_futures_filters(
    request: OrderRequest, spec: SymbolSpec, account: Account, mark: Decimal
) -> None:
    """Every filter that can be told without the book. Errors -4140, -40xx, -4164, -2025, -4045."""
    filters = spec.filters
    if spec.status != "TRADING":
        raise VenueError(-4140, "Invalid symbol status for opening position.")
    for price in (request.price, request.stop_price, request.activation_price):
        if price is not None:
            _check_price(price, filters)
    if request.price is not None:
        _check_percent(request.price, request.side, filters, mark)
    if not request.close_position:
        _check_quantity(request, filters)
        _check_notional(request, filters, mark)
    if request.callback_rate is not None and not Decimal("0.1") <= request.callback_rate <= 10:
        raise VenueError(-2007, "Invalid callBack rate.")
    _check_counts(request, spec, account)


def _check_price(price: Decimal, filters: Filters) -> None:
    if price <= 0:
        raise VenueError(-4001, "Price less than 0.")
    if price > filters.max_price:
        raise VenueError(-4002, "Price greater than max price.")
    if price < filters.min_price:
        raise VenueError(-4013, "Price less than min price.")
    if not is_multiple(price, filters.tick):
        raise VenueError(-4014, "Price not increased by tick size.")


def _check_percent(price: Decimal, side: str, filters: Filters, mark: Decimal) -> None:
    highest, lowest = mark * filters.bid_up, mark * filters.ask_down
    if side == "BUY" and price > highest:
        raise VenueError(-4016, f"Limit price can't be higher than {highest.normalize():f}.")
    if side == "SELL" and price < lowest:
        raise VenueError(-4024, f"Limit price can't be lower than {lowest.normalize():f}.")


def _check_quantity(request: OrderRequest, filters: Filters) -> None:
    quantity = request.quantity
    if quantity is None or quantity <= 0:
        raise VenueError(-4003, "Quantity less than or equal to zero.")
    most = filters.max_market_quantity if request.price is None else filters.max_quantity
    if quantity < filters.min_quantity:
        raise VenueError(-4004, "Quantity less than min quantity.")
    if quantity > most:
        raise VenueError(-4005, "Quantity greater than max quantity.")
    if not is_multiple(quantity, filters.lot):
        raise VenueError(-1111, "Precision is over the maximum defined for this asset.")


def _check_notional(request: OrderRequest, filters: Filters, mark: Decimal) -> None:
    price = request.price or request.stop_price or mark
    notional = (request.quantity or Decimal(0)) * price
    if notional < filters.min_notional and not request.reduce_only:
        raise VenueError(
            -4164,
            f"Order's notional must be no smaller than {filters.min_notional.normalize():f} "
            "(unless you choose reduce only).",
        )


def _check_counts(request: OrderRequest, spec: SymbolSpec, account: Account) -> None:
    if request.conditional:
        if len(account.open_algos(spec.symbol)) >= spec.filters.max_conditional_orders:
            raise VenueError(-4045, "Reach max stop order limit.")
    elif request.type != "MARKET":
        mine = account.files[spec.market].open.values()
        if sum(order.symbol == spec.symbol for order in mine) >= spec.filters.max_orders:
            raise VenueError(-2025, "Reach max open order limit.")
