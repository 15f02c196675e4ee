"""One REST request from its arrival to its answer, with everything that may go wrong between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp import web

from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.server.door import admit
from tradepulse.sandbox.server.exchange import Exchange
from tradepulse.sandbox.server.faults import Fault, Kind
from tradepulse.sandbox.server.limits import RateRefusedError
from tradepulse.sandbox.server.routing import Call, Route

REQUEST_FAULTS = (
    Kind.MAINTENANCE, Kind.DROP, Kind.STATUS_429, Kind.STATUS_418, Kind.STATUS_5XX, Kind.DELAY,
    Kind.APPLY_THEN_DROP, Kind.MALFORMED,
)  # fmt: skip
WORDS = {
    -1000: "An unknown error occurred while processing the request.",
    -1001: "Internal error; unable to process your request. Please try again.",
    -1006: "An unexpected response was received from the message bus. Execution status unknown.",
    -1007: "Timeout waiting for response from backend server. Send status unknown; execution "
    "status unknown.",
    -1008: "Server is currently overloaded with other requests. Please try again in a few minutes.",
}


async def answer(exchange: Exchange, route: Route, request: web.Request) -> web.StreamResponse:
    """The answer to `request`, which came in on `route`."""
    query = request.rel_url.raw_query_string
    body = await request.text() if request.can_read_body else ""
    exchange.requests[route.name] += 1
    key = request.headers.get("X-MBX-APIKEY", "")
    fault = exchange.faults.strike(
        REQUEST_FAULTS, (route.name, route.path), exchange.wall_ms(), key or None
    )
    if fault is not None:
        early = await _before(exchange, fault, request)
        if early is not None:
            exchange.answers[early.status] += 1
            return early
    response = _apply(exchange, route, request, key, query, body)
    if fault is not None:
        response = await _after(fault, request, response)
    exchange.answers[response.status] += 1
    return response


def _apply(
    exchange: Exchange, route: Route, request: web.Request, key: str, query: str, body: str
) -> web.Response:
    headers: dict[str, str] = {}
    try:
        params = read_params(query, body)
        document = perform(
            exchange, route, request.remote or "", params, headers,
            lambda: admit(exchange, route, key, query, body, params),
        )  # fmt: skip
        return _json(document, 200, headers)
    except RateRefusedError as refusal:
        headers["Retry-After"] = str(refusal.retry_after_s)
        return _refusal(refusal, headers)
    except VenueError as refusal:
        return _refusal(refusal, headers)
    finally:
        # Also after a refusal: a cancel-replace may have done its first half.
        exchange.settle()


def perform(
    exchange: Exchange, route: Route, address: str, params: Mapping[str, str],
    headers: dict[str, str], admitted: Callable[[], str],
) -> Any:  # fmt: skip
    """What the route answers with; `headers` are filled on the way, `admitted` names the account.
    Error: `VenueError`."""
    now = exchange.wall_ms()
    used = exchange.meter.charge(route.market, address, route.weigh(params), now)
    headers["X-MBX-USED-WEIGHT-1M"] = headers["X-MBX-USED-WEIGHT"] = str(used)
    account = admitted()
    route.check(params)
    orders = route.count_orders(params)
    if orders:
        counted = exchange.meter.count_orders(route.market, account, orders, now)
        headers.update({f"X-MBX-ORDER-COUNT-{span}": str(n) for span, n in counted.items()})
    return route.handle(Call(exchange, route.market, params, account))


def read_params(query: str, body: str) -> dict[str, str]:
    """Parameters of query and form body by name. Error -1101 for one that is sent twice."""
    pairs = [*parse_qsl(query, keep_blank_values=True), *parse_qsl(body, keep_blank_values=True)]
    params = dict(pairs)
    if len(params) < len(pairs):
        raise VenueError(-1101, "Duplicate values for a parameter detected.")
    return params


# --- faults ---------------------------------------------------------------------------------------
async def _before(exchange: Exchange, fault: Fault, request: web.Request) -> web.Response | None:
    """The answer of a fault that keeps the request from being done, None for the others."""
    retry = {"Retry-After": str(fault.retry_after_s)}
    match fault.kind:
        case Kind.MAINTENANCE:
            return _json({"code": 1, "msg": "System is under maintenance."}, 503, {})
        case Kind.DROP:
            return _broken(request)
        case Kind.STATUS_429:
            return _json({"code": -1003, "msg": "Too many requests."}, 429, retry)
        case Kind.STATUS_418:
            until = exchange.wall_ms() + fault.retry_after_s * 1000
            words = f"Way too much request weight used; IP banned until {until}."
            return _json({"code": -1003, "msg": words}, 418, retry)
        case Kind.STATUS_5XX if not fault.apply:
            return _server_error(fault)
        case Kind.DELAY if not fault.apply:
            await asyncio.sleep(fault.ms / 1000)
    return None


async def _after(fault: Fault, request: web.Request, response: web.Response) -> web.Response:
    """The answer that a fault makes of one whose request was done."""
    match fault.kind:
        case Kind.APPLY_THEN_DROP:
            return _broken(request)
        case Kind.STATUS_5XX:
            return _server_error(fault)
        case Kind.DELAY if fault.apply:
            await asyncio.sleep(fault.ms / 1000)
        case Kind.MALFORMED:
            return web.Response(body=b'{"orderId": 1', content_type="application/json")
    return response


def _broken(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


def _server_error(fault: Fault) -> web.Response:
    if fault.code is None:
        text = f"<html><body><h1>{fault.status} Server Error</h1></body></html>"
        return web.Response(text=text, status=fault.status, content_type="text/html")
    return _json({"code": fault.code, "msg": WORDS.get(fault.code, "Error.")}, fault.status, {})


def _refusal(refusal: VenueError, headers: dict[str, str]) -> web.Response:
    document = {"code": refusal.code, "msg": refusal.message, **refusal_data(refusal)}
    return _json(document, refusal.http_status, headers)


def refusal_data(refusal: VenueError) -> dict[str, Any]:
    """What a refusal carries besides its number and words."""
    data = getattr(refusal, "data", None)
    return {} if data is None else {"data": data}


def _json(document: Any, status: int, headers: dict[str, str]) -> web.Response:
    return web.Response(
        body=orjson.dumps(document), status=status, headers=headers,
        content_type="application/json",
    )  # fmt: skip
