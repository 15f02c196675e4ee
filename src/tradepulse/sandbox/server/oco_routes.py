"""Spot routes of order lists: two orders of which one at most fills."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.requests import OcoRequest, OrderRequest
from tradepulse.sandbox.server import spot_json
from tradepulse.sandbox.server.routing import Access, Call, Route, missing
from tradepulse.sandbox.server.spot_routes import list_report

_SPOT = Market.SPOT


def _leg(call: Call, prefix: str) -> OrderRequest:
    return OrderRequest(
        symbol=call.text("symbol"), side=call.text("side").upper(),
        type=call.text(f"{prefix}Type").upper(), quantity=call.decimal("quantity"),
        price=call.decimal(f"{prefix}Price"), stop_price=call.decimal(f"{prefix}StopPrice"),
        time_in_force=call.maybe(f"{prefix}TimeInForce"),
        client_id=call.maybe(f"{prefix}ClientOrderId"),
        trailing_delta=call.whole(f"{prefix}TrailingDelta"),
    )  # fmt: skip


def _place_list(call: Call) -> Any:
    quantity = call.decimal("quantity")
    if quantity is None:
        raise missing("quantity")
    request = OcoRequest(
        symbol=call.text("symbol"), side=call.text("side").upper(), quantity=quantity,
        above=_leg(call, "above"), below=_leg(call, "below"),
        list_client_id=call.maybe("listClientOrderId"),
    )  # fmt: skip
    return _placed(call, request)


def _place_old(call: Call) -> Any:
    """The deprecated `order/oco`: a limit and a stop instead of an above and a below."""
    quantity, price = call.decimal("quantity"), call.decimal("price")
    if quantity is None:
        raise missing("quantity")
    limit = OrderRequest(
        symbol=call.text("symbol"), side=call.text("side").upper(), type="LIMIT_MAKER",
        quantity=quantity, price=price, client_id=call.maybe("limitClientOrderId"),
    )  # fmt: skip
    stop_limit = call.decimal("stopLimitPrice")
    stop = replace(
        limit, type="STOP_LOSS" if stop_limit is None else "STOP_LOSS_LIMIT", price=stop_limit,
        stop_price=call.decimal("stopPrice"), client_id=call.maybe("stopClientOrderId"),
        time_in_force=call.maybe("stopLimitTimeInForce"),
    )  # fmt: skip
    above, below = (limit, stop) if limit.side == "SELL" else (stop, limit)
    request = OcoRequest(
        limit.symbol, limit.side, quantity, above, below, call.maybe("listClientOrderId")
    )
    return _placed(call, request)


def _placed(call: Call, request: OcoRequest) -> Any:
    oco = call.exchange.market.place_oco(call.key, request)
    for number, client_id in oco.legs:
        call.exchange.remember_placed(call.key, number, client_id)
    return list_report(call, oco.list_id)


def _list_ids(call: Call, client_name: str) -> tuple[int | None, str | None]:
    list_id, client_id = call.whole("orderListId"), call.maybe(client_name)
    if list_id is None and client_id is None:
        raise VenueError(
            -1128, f"Combination of optional parameters invalid. Send orderListId or {client_name}."
        )
    return list_id, client_id


def _cancel(call: Call) -> Any:
    list_id, client_id = _list_ids(call, "listClientOrderId")
    oco = call.exchange.market.cancel_oco(
        call.key, call.text("symbol"), list_id=list_id, client_id=client_id
    )
    return list_report(call, oco.list_id)


def _query(call: Call) -> Any:
    list_id, client_id = _list_ids(call, "origClientOrderId")
    oco = call.exchange.market.order_list(call.key, list_id=list_id, client_id=client_id)
    return spot_json.list_row(oco)


def _open(call: Call) -> Any:
    return [spot_json.list_row(o) for o in call.exchange.market.open_order_lists(call.key)]


def _all(call: Call) -> Any:
    lists = call.exchange.market.all_order_lists(call.key, limit=call.limit(500, 1000))
    return [spot_json.list_row(oco) for oco in lists]


_LEG = (
    "{0}Type* {0}ClientOrderId {0}Price {0}StopPrice {0}TrailingDelta {0}TimeInForce "
    "{0}IcebergQty {0}StrategyId {0}StrategyType"
)
_OLD = (
    "symbol* side* quantity* price* stopPrice* stopLimitPrice stopLimitTimeInForce "
    "listClientOrderId limitClientOrderId stopClientOrderId newOrderRespType"
)

ROUTES = (
    Route("POST", "/api/v3/orderList/oco", _SPOT, _place_list,
          f"symbol* listClientOrderId side* quantity* {_LEG.format('above')} "
          f"{_LEG.format('below')} newOrderRespType selfTradePreventionMode",
          Access.SIGNED, 1, 2),
    Route("POST", "/api/v3/order/oco", _SPOT, _place_old, _OLD, Access.SIGNED, 1, 2),
    Route("DELETE", "/api/v3/orderList", _SPOT, _cancel,
          "symbol* orderListId listClientOrderId newClientOrderId", Access.SIGNED),
    Route("GET", "/api/v3/orderList", _SPOT, _query, "orderListId origClientOrderId",
          Access.SIGNED, 4),
    Route("GET", "/api/v3/openOrderList", _SPOT, _open, "", Access.SIGNED, 6),
    Route("GET", "/api/v3/allOrderList", _SPOT, _all, "fromId startTime endTime limit",
          Access.SIGNED, 20),
)  # fmt: skip
