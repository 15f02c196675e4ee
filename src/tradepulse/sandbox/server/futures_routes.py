"""USD-M routes of orders and trades, plain ones; conditional orders are `algo_routes`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.requests import OrderRequest
from tradepulse.sandbox.server import futures_json
from tradepulse.sandbox.server.order_lookup import (
    all_orders,
    my_trades,
    one_order,
    open_orders,
    order_ids,
)
from tradepulse.sandbox.server.routing import (
    Access,
    Call,
    Route,
    Weight,
    by_symbol,
    missing,
)
from tradepulse.sandbox.values import SandboxOrder

_USDM = Market.PERPETUAL
_CONDITIONAL = (
    "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET",
)  # fmt: skip
_MOST_IN_A_BATCH = 5
_ALL_CANCELLED = {"code": 200, "msg": "The operation of cancel all open order is done."}


def _read_order(call: Call) -> OrderRequest:
    return OrderRequest(
        symbol=call.text("symbol"), side=call.text("side").upper(), type=call.text("type").upper(),
        quantity=call.decimal("quantity"), price=call.decimal("price"),
        time_in_force=call.maybe("timeInForce"), client_id=call.maybe("newClientOrderId"),
        reduce_only=call.flag("reduceOnly"), position_side=call.maybe("positionSide") or "BOTH",
        working_type=call.maybe("workingType") or "CONTRACT_PRICE",
        price_protect=call.maybe("priceProtect") in ("true", "TRUE"),
    )  # fmt: skip


def place(call: Call) -> Any:
    """Places the order in the call's parameters. Error -4120 for a conditional one."""
    if call.text("type").upper() in _CONDITIONAL:
        raise VenueError(
            -4120,
            "Order type not supported for this endpoint. Please use the Algo Order API endpoints "
            "instead.",
        )
    order = call.exchange.market.place(call.key, _USDM, _read_order(call))
    assert isinstance(order, SandboxOrder)  # noqa: S101  (not conditional)
    call.exchange.remember_placed(call.key, order.order_id, order.client_id)
    return futures_json.order_row(order)


def _test(call: Call) -> Any:
    call.exchange.market.check(call.key, _USDM, _read_order(call))
    return {}


def _batch(call: Call) -> Any:
    """Each order by itself: those refused leave a hole with code and words."""
    orders = _documents(call.text("batchOrders"))
    if not orders or len(orders) > _MOST_IN_A_BATCH:
        raise VenueError(-4082, f"Invalid number of batch place orders: {len(orders)}.")
    answers = []
    for order in orders:
        try:
            params = {name: _as_text(value) for name, value in order.items()}
            _ORDER_ROUTE.check(params)
            answers.append(place(Call(call.exchange, call.market, params, call.key)))
        except VenueError as refusal:
            answers.append({"code": refusal.code, "msg": refusal.message})
    return answers


def _documents(text: str) -> list[dict[str, Any]]:
    try:
        rows = orjson.loads(text)
    except orjson.JSONDecodeError:
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise VenueError(-1130, "Data sent for parameter 'batchOrders' is not valid.")
    return rows


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cancel_batch(call: Call) -> Any:
    numbers = call.maybe("orderIdList") or call.maybe("orderidlist")
    names = call.maybe("origClientOrderIdList") or call.maybe("origclientorderidlist")
    if numbers is None and names is None:
        raise missing("orderIdList")
    wanted = [{"order_id": int(n)} for n in orjson.loads(numbers)] if numbers else [
        {"client_id": str(n)} for n in orjson.loads(names or "[]")
    ]  # fmt: skip
    answers: list[Any] = []
    for which in wanted:
        try:
            order = call.exchange.market.cancel(call.key, _USDM, call.text("symbol"), **which)
            answers.append(futures_json.order_row(order))
        except VenueError as refusal:
            answers.append({"code": refusal.code, "msg": refusal.message})
    return answers


def _cancel(call: Call) -> Any:
    order_id, client_id = order_ids(call)
    order = call.exchange.market.cancel(
        call.key, _USDM, call.text("symbol"), order_id=order_id, client_id=client_id
    )
    return futures_json.order_row(order)


def _amend(call: Call) -> Any:
    order_id, client_id = order_ids(call)
    order = call.exchange.market.amend(
        call.key, call.text("symbol"), order_id=order_id, client_id=client_id,
        side=call.maybe("side"), quantity=call.decimal("quantity"), price=call.decimal("price"),
    )  # fmt: skip
    return futures_json.order_row(order)


def _cancel_open(call: Call) -> Any:
    call.exchange.market.cancel_all(call.key, _USDM, call.text("symbol"))
    return _ALL_CANCELLED


def signed(
    method: str, path: str, handle: Any, reads: str, weight: Weight = 1, orders: Weight = 0
) -> Route:
    """A signed USD-M route."""
    return Route(method, path, _USDM, handle, reads, Access.SIGNED, weight, orders)


def _count(params: Mapping[str, str]) -> int:
    return max(1, params.get("batchOrders", "").count('"symbol"'))


_ORDER = (
    "symbol* side* type* positionSide timeInForce quantity reduceOnly price newClientOrderId "
    "stopPrice closePosition activationPrice callbackRate workingType priceProtect "
    "newOrderRespType priceMatch selfTradePreventionMode goodTillDate"
)
_QUERY = one_order("/fapi/v1/order", futures_json.order_row)
_ORDER_ROUTE = signed("POST", "/fapi/v1/order", place, _ORDER, 1, 1)
_IDS = "symbol* orderId origClientOrderId"
_SPAN = "startTime endTime limit"

ROUTES = (
    _ORDER_ROUTE,
    signed("POST", "/fapi/v1/order/test", _test, _ORDER),
    signed("GET", "/fapi/v1/order", _QUERY, _IDS),
    signed("PUT", "/fapi/v1/order", _amend, _IDS + " side quantity price priceMatch", 1, 1),
    signed("DELETE", "/fapi/v1/order", _cancel, _IDS),
    signed("POST", "/fapi/v1/batchOrders", _batch, "batchOrders*", 5, _count),
    signed("DELETE", "/fapi/v1/batchOrders", _cancel_batch,
           # In small letters as ccxt writes them.
           "symbol* orderIdList origClientOrderIdList orderidlist origclientorderidlist"),
    signed("GET", "/fapi/v1/openOrder", _QUERY, _IDS),
    signed("GET", "/fapi/v1/openOrders", open_orders(futures_json.order_row), "symbol",
           by_symbol(1, 40)),
    signed("DELETE", "/fapi/v1/allOpenOrders", _cancel_open, "symbol*"),
    signed("GET", "/fapi/v1/allOrders", all_orders(futures_json.order_row),
           f"symbol* orderId {_SPAN}", 5),
    signed("GET", "/fapi/v1/userTrades", my_trades(futures_json.trade_row),
           f"symbol* orderId fromId {_SPAN}", 5),
)  # fmt: skip
