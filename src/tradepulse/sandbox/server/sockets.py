"""The WebSocket endpoints of market data and of the USD-M user stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.server.connection import Connection, text_frame
from tradepulse.sandbox.server.exchange import Exchange
from tradepulse.sandbox.server.faults import Kind
from tradepulse.sandbox.server.hub import Wrapping, market_topic, user_topic

Hear = Callable[[Connection, str], Awaitable[None]]
_MOST_BYTES = 2**20
_numbers = count(1)


async def converse(
    exchange: Exchange, request: web.Request, market: Market, place: str, hear: Hear,
    greet: Callable[[Connection], None] | None = None,
) -> web.StreamResponse:  # fmt: skip
    """Serves one socket until it closes; `hear` gets every text message, one after the other."""
    name = f"WS {request.path}"
    if exchange.faults.strike((Kind.MAINTENANCE,), (name, request.path), exchange.wall_ms()):
        return web.Response(status=503, text="System is under maintenance.")
    # Uncompressed and without automatic pongs: a frame is made once for all who listen, and a
    # fault may keep a socket from answering pings.
    socket = web.WebSocketResponse(compress=False, autoping=False, max_msg_size=_MOST_BYTES)
    await socket.prepare(request)
    if request.transport is None:
        return socket
    connection = Connection(next(_numbers), market, place, socket, request.transport)
    exchange.hub.join(connection)
    if greet is not None:
        greet(connection)
    try:
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await hear(connection, message.data)
            elif message.type is WSMsgType.PING and connection.pongs:
                await socket.pong(message.data)
    finally:
        exchange.hub.leave(connection)
    return socket


def say(connection: Connection, document: Any) -> None:
    """Sends one document to one client."""
    connection.send(text_frame(orjson.dumps(document)))


async def market_streams(
    exchange: Exchange, market: Market, request: web.Request, *, combined: bool = False
) -> web.StreamResponse:
    """Public streams: those named in the URL, and those subscribed to. `combined` wraps every
    message as `{"stream": name, "data": message}`."""

    async def hear(connection: Connection, text: str) -> None:
        _listen(exchange, connection, text, combined=combined)

    def greet(connection: Connection) -> None:
        path_name = request.match_info.get("name", "")
        named = [path_name] if "@" in path_name else []
        named += [n for n in request.query.get("streams", "").split("/") if n]
        for name in named:
            _subscribe(exchange, connection, name, combined=combined)
        listen_key = request.query.get("listenKey") or path_name
        _open_user_stream(exchange, connection, listen_key)

    return await converse(exchange, request, market, request.path, hear, greet)


def _open_user_stream(exchange: Exchange, connection: Connection, text: str) -> None:
    """Joins the account's updates. With an expired key nothing is said, as at Binance: the client
    sees a socket that is open and quiet."""
    listen_key = exchange.listen_keys.get(text)
    if listen_key is not None:
        exchange.hub.subscribe(connection, user_topic(connection.market, listen_key.key))


def _wrapping(name: str, *, combined: bool) -> Wrapping:
    return (b'{"stream":"' + name.encode() + b'","data":', b"}") if combined else None


def _subscribe(exchange: Exchange, connection: Connection, name: str, *, combined: bool) -> None:
    topic = exchange.streams.open(connection.market, name)
    exchange.hub.subscribe(connection, topic, _wrapping(name, combined=combined))


def _listen(exchange: Exchange, connection: Connection, text: str, *, combined: bool) -> None:
    number: Any = None
    try:
        message = orjson.loads(text)
        method, names, number = message["method"], message.get("params", []), message.get("id")
        result = _obey(exchange, connection, method, names, combined=combined)
    except VenueError as refusal:
        say(connection, {"error": {"code": refusal.code, "msg": refusal.message}, "id": number})
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        words = "Invalid request: expected {method, params, id}"
        say(connection, {"error": {"code": 2, "msg": words}, "id": number})
    else:
        say(connection, {"result": result, "id": number})


def _obey(
    exchange: Exchange, connection: Connection, method: str, names: list[str], *, combined: bool
) -> list[str] | None:
    match method:
        case "SUBSCRIBE":
            for name in names:
                _subscribe(exchange, connection, name, combined=combined)
        case "UNSUBSCRIBE":
            for name in names:
                exchange.hub.unsubscribe(connection, market_topic(connection.market, name))
        case "LIST_SUBSCRIPTIONS":
            return sorted(topic.partition(":")[2] for topic in connection.topics)
        case _:
            raise VenueError(2, f"Invalid request: unknown method {method!r}")
    return None
