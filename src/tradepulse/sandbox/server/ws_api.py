"""The WebSocket API: the requests of REST as messages, and spot's user data stream."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson
from aiohttp import web

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.server.answering import REQUEST_FAULTS, WORDS, perform, refusal_data
from tradepulse.sandbox.server.connection import Connection
from tradepulse.sandbox.server.door import admit_message
from tradepulse.sandbox.server.exchange import Exchange
from tradepulse.sandbox.server.faults import Fault, Kind
from tradepulse.sandbox.server.hub import user_topic
from tradepulse.sandbox.server.routing import Access, Route
from tradepulse.sandbox.server.sockets import converse, say

_SPOT = {
    "ping": "GET /api/v3/ping", "time": "GET /api/v3/time",
    "exchangeInfo": "GET /api/v3/exchangeInfo", "depth": "GET /api/v3/depth",
    "klines": "GET /api/v3/klines", "trades.recent": "GET /api/v3/trades",
    "trades.aggregate": "GET /api/v3/aggTrades", "avgPrice": "GET /api/v3/avgPrice",
    "ticker.24hr": "GET /api/v3/ticker/24hr", "ticker.book": "GET /api/v3/ticker/bookTicker",
    "ticker.price": "GET /api/v3/ticker/price", "order.place": "POST /api/v3/order",
    "order.test": "POST /api/v3/order/test", "order.status": "GET /api/v3/order",
    "order.cancel": "DELETE /api/v3/order",
    "order.cancelReplace": "POST /api/v3/order/cancelReplace",
    "openOrders.status": "GET /api/v3/openOrders",
    "openOrders.cancelAll": "DELETE /api/v3/openOrders",
    "orderList.place.oco": "POST /api/v3/orderList/oco",
    "orderList.cancel": "DELETE /api/v3/orderList", "orderList.status": "GET /api/v3/orderList",
    "openOrderLists.status": "GET /api/v3/openOrderList",
    "account.status": "GET /api/v3/account", "allOrders": "GET /api/v3/allOrders",
    "myTrades": "GET /api/v3/myTrades",
}  # fmt: skip
_USDM = {
    "ping": "GET /fapi/v1/ping", "time": "GET /fapi/v1/time", "depth": "GET /fapi/v1/depth",
    "ticker.book": "GET /fapi/v1/ticker/bookTicker", "ticker.price": "GET /fapi/v1/ticker/price",
    "order.place": "POST /fapi/v1/order", "order.modify": "PUT /fapi/v1/order",
    "order.status": "GET /fapi/v1/order", "order.cancel": "DELETE /fapi/v1/order",
    "algoOrder.place": "POST /fapi/v1/algoOrder", "algoOrder.cancel": "DELETE /fapi/v1/algoOrder",
    "account.status": "GET /fapi/v2/account", "v2/account.status": "GET /fapi/v3/account",
    "account.balance": "GET /fapi/v2/balance", "v2/account.balance": "GET /fapi/v3/balance",
    "account.position": "GET /fapi/v2/positionRisk",
    "v2/account.position": "GET /fapi/v3/positionRisk",
}  # fmt: skip
METHODS = {Market.SPOT: _SPOT, Market.PERPETUAL: _USDM}
# Part of the message, not of the request.
_ENVELOPE = frozenset(("apiKey", "signature", "timestamp", "recvWindow", "returnRateLimits"))


async def serve_api(
    exchange: Exchange, market: Market, routes: Mapping[str, Route], request: web.Request
) -> web.StreamResponse:
    """One socket of requests. `routes` by name (`POST /api/v3/order`)."""

    async def hear(connection: Connection, text: str) -> None:
        await _answer(exchange, routes, request, connection, text)

    return await converse(exchange, request, market, request.path, hear)


async def _answer(
    exchange: Exchange, routes: Mapping[str, Route], request: web.Request, connection: Connection,
    text: str,
) -> None:  # fmt: skip
    try:
        message = orjson.loads(text)
        number, method = message.get("id"), str(message["method"])
        given = message.get("params") or {}
        params = {name: _as_text(value) for name, value in given.items()}
    except (orjson.JSONDecodeError, KeyError, AttributeError):
        say(connection, _failure(None, 400, -1135, "JSON Request is invalid."))
        return
    name = f"WS {method}"
    exchange.requests[name] += 1
    fault = exchange.faults.strike(
        REQUEST_FAULTS, (name, method), exchange.wall_ms(), params.get("apiKey")
    )
    if fault is not None and not await _may_be_done(exchange, fault, connection, number):
        return
    answer: dict[str, Any] | None = _done(
        exchange, routes, request.remote or "", connection, number, method, params
    )
    if fault is not None:
        answer = await _after(exchange, fault, connection, number, answer)
    if answer is not None:
        say(connection, answer)
    exchange.settle()


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _done(
    exchange: Exchange, routes: Mapping[str, Route], address: str, connection: Connection,
    number: Any, method: str, params: dict[str, str],
) -> dict[str, Any]:  # fmt: skip
    headers: dict[str, str] = {}
    try:
        if method.startswith("userDataStream."):
            return _success(number, _user_data(exchange, connection, method, params))
        route = _route(routes, connection.market, method)
        kept = {k: v for k, v in params.items() if k not in _ENVELOPE}
        admitted = partial(_account, exchange, route, params)
        result = perform(exchange, route, address, kept, headers, admitted)
    except VenueError as refusal:
        return _failure(
            number, refusal.http_status, refusal.code, refusal.message, refusal_data(refusal)
        )
    answer = _success(number, result)
    if params.get("returnRateLimits") != "false":
        answer["rateLimits"] = [_used(exchange, connection.market, headers)]
    return answer


def _route(routes: Mapping[str, Route], market: Market, method: str) -> Route:
    name = METHODS[market].get(method)
    if name is None:
        raise VenueError(-1020, "This operation is not supported.")
    return routes[name]


def _account(exchange: Exchange, route: Route, params: Mapping[str, str]) -> str:
    return "" if route.access is Access.PUBLIC else admit_message(exchange, params)


def _user_data(
    exchange: Exchange, connection: Connection, method: str, params: Mapping[str, str]
) -> dict[str, Any]:
    """Subscribes to an account's updates, or ends that. Spot only, as at Binance."""
    market = connection.market
    if market is Market.SPOT and method == "userDataStream.subscribe.signature":
        topic = user_topic(market, admit_message(exchange, params))
        number = len(connection.topics)
        wrapping = (b'{"subscriptionId":%d,"event":' % number, b"}")
        exchange.hub.subscribe(connection, topic, wrapping)
        return {"subscriptionId": number}
    if market is Market.SPOT and method == "userDataStream.unsubscribe":
        for topic in list(connection.topics):
            exchange.hub.unsubscribe(connection, topic)
        return {}
    raise VenueError(-1020, "This operation is not supported.")


def _used(exchange: Exchange, market: Market, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1,
        "limit": exchange.settings.limits.weight(market),
        "count": int(headers.get("X-MBX-USED-WEIGHT-1M", "0")),
    }  # fmt: skip


def _success(number: Any, result: Any) -> dict[str, Any]:
    return {"id": number, "status": 200, "result": result}


def _failure(
    number: Any, status: int, code: int, words: str, data: dict[str, Any] | None = None
) -> dict[str, Any]:
    return {"id": number, "status": status, "error": {"code": code, "msg": words, **(data or {})}}


# --- faults ---------------------------------------------------------------------------------------
async def _may_be_done(
    exchange: Exchange, fault: Fault, connection: Connection, number: Any
) -> bool:
    """Whether the request is to be done in spite of the fault; else it is answered here."""
    match fault.kind:
        case Kind.DROP:
            exchange.hub.cut_connection(connection, None)
        case Kind.MAINTENANCE:
            say(connection, _failure(number, 503, 1, "System is under maintenance."))
        case Kind.STATUS_429 | Kind.STATUS_418:
            status = 429 if fault.kind is Kind.STATUS_429 else 418
            say(connection, _failure(number, status, -1003, "Too many requests."))
        case Kind.STATUS_5XX if not fault.apply:
            say(connection, _server_error(fault, number))
        case Kind.DELAY if not fault.apply:
            await asyncio.sleep(fault.ms / 1000)
            return True
        case _:
            return True
    return False


async def _after(
    exchange: Exchange, fault: Fault, connection: Connection, number: Any,
    answer: dict[str, Any] | None,
) -> dict[str, Any] | None:  # fmt: skip
    """The answer that the fault leaves of a request that was done; None for none at all."""
    match fault.kind:
        case Kind.APPLY_THEN_DROP:
            exchange.hub.cut_connection(connection, None)
            return None
        case Kind.STATUS_5XX:
            return _server_error(fault, number)
        case Kind.DELAY if fault.apply:
            await asyncio.sleep(fault.ms / 1000)
    return answer


def _server_error(fault: Fault, number: Any) -> dict[str, Any]:
    code = -1000 if fault.code is None else fault.code
    return _failure(number, fault.status, code, WORDS.get(code, "Error."))
