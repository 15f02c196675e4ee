"""The filters of a spot symbol, each refused in Binance's words (code -1013)."""

from __future__ import annotations

from decimal import Decimal

from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.errors import VenueError, filter_failure
from tradepulse.sandbox.order_types import SPOT_STOPS
from tradepulse.sandbox.requests import OrderRequest
from tradepulse.sandbox.symbols import Filters, SymbolSpec


def check_spot_filters(
    request: OrderRequest, spec: SymbolSpec, account: Account, average: Decimal
) -> None:
    """Every filter that can be told without the book. `average`: the price of the last minutes, by
    which market orders and percentages are measured. Error -1013."""
    filters = spec.filters
    if spec.status != "TRADING":
        raise VenueError(-1013, "Market is closed.")
    for price in (request.price, request.stop_price):
        _check_price(price, filters)
    if request.price is not None:
        _check_percent(request.price, request.side, filters, average)
    if request.quantity is not None:
        _check_quantity(request, filters)
    _check_notional(request, filters, average)
    _check_counts(request, spec, account)


def is_multiple(value: Decimal, step: Decimal) -> bool:
    """Whether the value lies on the step; a step of 0 is none."""
    return not step or value % step == 0


def _check_price(price: Decimal | None, filters: Filters) -> None:
    if price is None:
        return
    inside = filters.min_price <= price <= filters.max_price
    if not inside or not is_multiple(price, filters.tick):
        raise filter_failure("PRICE_FILTER")


def _check_percent(price: Decimal, side: str, filters: Filters, average: Decimal) -> None:
    buys = side == "BUY"
    low = average * (filters.bid_down if buys else filters.ask_down)
    high = average * (filters.bid_up if buys else filters.ask_up)
    if not low <= price <= high:
        raise filter_failure("PERCENT_PRICE_BY_SIDE")


def _check_quantity(request: OrderRequest, filters: Filters) -> None:
    quantity = request.quantity
    if quantity is None or quantity <= 0:
        raise VenueError(-1013, "Invalid quantity.")
    inside = filters.min_quantity <= quantity <= filters.max_quantity
    if not inside or not is_multiple(quantity, filters.lot):
        raise filter_failure("LOT_SIZE")
    if request.type == "MARKET":
        fits = quantity <= filters.max_market_quantity
        if not fits or not is_multiple(quantity, filters.market_lot):
            raise filter_failure("MARKET_LOT_SIZE")


def _check_notional(request: OrderRequest, filters: Filters, average: Decimal) -> None:
    price = request.price or request.stop_price or average
    notional = request.quote_quantity or (request.quantity or Decimal(0)) * price
    too_large = filters.max_notional is not None and notional > filters.max_notional
    if notional < filters.min_notional or too_large:
        raise filter_failure("NOTIONAL")


def _check_counts(request: OrderRequest, spec: SymbolSpec, account: Account) -> None:
    if request.type == "MARKET":
        return
    mine = [o for o in account.files[spec.market].open.values() if o.symbol == spec.symbol]
    if len(mine) >= spec.filters.max_orders:
        raise filter_failure("MAX_NUM_ORDERS")
    if request.type in SPOT_STOPS:
        stops = sum(order.type in SPOT_STOPS for order in mine)
        if stops >= spec.filters.max_conditional_orders:
            raise filter_failure("MAX_NUM_ALGO_ORDERS")
