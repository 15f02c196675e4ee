"""Requests that no client library sends, and what is said to them."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from small_market import KEY, MINUTE, SECRET, ear, http

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.server import RunningSandbox
from tradepulse.sandbox.server.server import ROUTES
from tradepulse.sandbox.server.signing import sign
from tradepulse.sandbox.server.ws_api import METHODS


def _now() -> int:
    return time.time_ns() // 1_000_000


def _ask(
    sandbox: RunningSandbox, method: str, path: str, *, key: str = "", body: str = ""
) -> tuple[int, Any]:
    async def ask() -> tuple[int, Any]:
        headers = {"X-MBX-APIKEY": key, "Content-Type": "application/x-www-form-urlencoded"}
        async with (
            http() as session,
            session.request(
                method, sandbox.base_url + path, headers=headers, data=body or None
            ) as response,
        ):
            return response.status, await response.json()

    return asyncio.run(ask())


def _signed(params: dict[str, Any]) -> str:
    query = urlencode(params)
    return f"{query}&signature={sign(query, SECRET)}"


@pytest.mark.parametrize(
    ("path", "key", "status", "code"),
    [
        ("/api/v3/nothing", "", 404, -5000),
        ("/api/v3/klines?symbol=BTCUSDT", "", 400, -1102),
        ("/api/v3/klines?symbol=BTCUSDT&interval=7m", "", 400, -1120),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1s", "", 400, -1120),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=0", "", 400, -1130),
        ("/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=ten", "", 400, -1100),
        ("/api/v3/depth?symbol=BTCUSDT&symbol=ETHUSDT", "", 400, -1101),
        ("/api/v3/depth?symbol=BTCUSDT&depth=5", "", 400, -1104),
        ("/api/v3/depth?symbol=NOPE", "", 400, -1121),
        ("/api/v3/ticker/24hr?symbols=BTCUSDT", "", 400, -1100),
        ("/api/v3/account", "", 401, -2014),
        ("/api/v3/account", "stranger", 401, -2015),
        ("/api/v3/account", KEY, 400, -1102),
        ("/api/v3/account?timestamp=1&signature=00", KEY, 400, -1022),
        ("/api/v3/account?" + _signed({"timestamp": 1}), KEY, 400, -1021),
        ("/api/v3/account?" + _signed({"recvWindow": 5000}), KEY, 400, -1102),
        ("/api/v3/account?" + _signed({"timestamp": "soon"}), KEY, 400, -1100),
        ("/api/v3/account?" + _signed({"timestamp": 1, "recvWindow": 60001}), KEY, 400, -1131),
    ],
)
def test_a_request_that_is_wrong(
    sandbox: RunningSandbox, path: str, key: str, status: int, code: int
) -> None:
    found_status, answer = _ask(sandbox, "GET", path, key=key)
    assert (found_status, answer["code"]) == (status, code)
    assert answer["msg"]


def test_an_order_is_asked_for_by_an_id(sandbox: RunningSandbox) -> None:
    query = _signed({"symbol": "BTCUSDT", "timestamp": _now()})
    status, answer = _ask(sandbox, "GET", f"/fapi/v1/order?{query}", key=KEY)
    assert (status, answer["code"]) == (400, -1102)


def test_a_request_may_be_fresh_by_the_wall_or_by_the_market(sandbox: RunningSandbox) -> None:
    market_ms = int(sandbox.clock()["now"])
    assert abs(market_ms - _now()) > 10**9
    for now in (market_ms, _now()):
        status, _ = _ask(sandbox, "GET", "/api/v3/account?" + _signed({"timestamp": now}), key=KEY)
        assert status == 200


@pytest.mark.parametrize(
    ("speed", "age_ms", "status"), [(0, 6000, 400), (600, 6000, 200), (600, 3_100_000, 400)]
)
def test_market_time_stretches_the_window(
    sandbox: RunningSandbox, speed: float, age_ms: int, status: int
) -> None:
    def stretch(exchange: Any) -> None:
        exchange.pacer.run_at(speed, exchange.market.now)
        exchange.pacer.pause(True, exchange.market.now)

    sandbox.call(stretch)
    stamp = int(sandbox.clock()["now"]) - age_ms
    found, _ = _ask(sandbox, "GET", "/api/v3/account?" + _signed({"timestamp": stamp}), key=KEY)
    assert found == status


def test_parameters_may_be_split_over_query_and_body(sandbox: RunningSandbox) -> None:
    query = urlencode({"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET"})
    body = urlencode({"quantity": "0.01", "timestamp": _now()})
    signature = sign(query + body, SECRET)
    status, answer = _ask(
        sandbox, "POST", f"/api/v3/order?{query}", key=KEY, body=f"{body}&signature={signature}"
    )
    assert (status, answer["status"]) == (200, "FILLED")


def test_every_route_stands_once() -> None:
    names = [route.name for route in ROUTES]
    assert len(names) == len(set(names))
    for methods in METHODS.values():
        assert set(methods.values()) <= set(names)


# --- sockets --------------------------------------------------------------------------------------
def test_a_combined_stream_names_each_message(sandbox: RunningSandbox) -> None:
    async def act() -> Any:
        async with ear(sandbox, "/stream?streams=btcusdt@trade/btcusdt@bookTicker") as listener:
            while not any(c["topics"] for c in sandbox.state()["connections"]):
                await asyncio.sleep(0.01)
            sandbox.step(20_000)
            return await listener.documents(3)

    documents = asyncio.run(act())
    assert {d["stream"] for d in documents} == {"btcusdt@trade", "btcusdt@bookTicker"}
    assert all(d["data"]["s"] == "BTCUSDT" for d in documents)


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ('{"method":"LIST_SUBSCRIPTIONS","id":3}', {"result": ["btcusdt@trade"], "id": 3}),
        ('{"method":"UNSUBSCRIBE","params":["btcusdt@trade"],"id":4}', {"result": None, "id": 4}),
    ],
)
def test_what_a_stream_socket_answers(
    sandbox: RunningSandbox, message: str, answer: dict[str, Any]
) -> None:
    async def act() -> Any:
        async with ear(sandbox, "/stream/ws", "btcusdt@trade") as listener:
            await listener.socket.send_str(message)
            return await listener.document()

    assert asyncio.run(act()) == answer


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("SUBSCRIBE btcusdt@trade", 2),
        ('{"params":[]}', 2),
        ('{"method":"DANCE","id":1}', 2),
        ('{"method":"SUBSCRIBE","params":["btcusdt@dance"],"id":1}', -1130),
        ('{"method":"SUBSCRIBE","params":["nopeusdt@trade"],"id":1}', -1121),
        ('{"method":"SUBSCRIBE","params":["btcusdt@markPrice"],"id":1}', -1130),
    ],
)
def test_what_is_no_subscription_is_refused(
    sandbox: RunningSandbox, message: str, code: int
) -> None:
    async def act() -> Any:
        async with ear(sandbox) as listener:
            await listener.socket.send_str(message)
            return await listener.document()

    assert asyncio.run(act())["error"]["code"] == code


@pytest.mark.parametrize(
    ("stream", "path", "shape"),
    [
        ("!miniTicker@arr", "/stream/ws", lambda d: [t["e"] for t in d] == ["24hrMiniTicker"]),
        ("!ticker@arr", "/f/ws", lambda d: [t["e"] for t in d] == ["24hrTicker"]),
        ("!markPrice@arr@1s", "/f/market/ws", lambda d: [t["e"] for t in d] == ["markPriceUpdate"]),
        ("!bookTicker", "/stream/ws", lambda d: d["s"] == "BTCUSDT"),
        ("btcusdt@depth5", "/stream/ws", lambda d: len(d["bids"]) == 5 and "lastUpdateId" in d),
        ("btcusdt@depth5@100ms", "/f/public/ws", lambda d: len(d["b"]) == 5 and "pu" in d),
        ("btcusdt@kline_1m", "/f/market/ws", lambda d: d["k"]["x"] is False),
    ],
)
def test_streams_ccxt_does_not_ask_for(
    sandbox: RunningSandbox, stream: str, path: str, shape: Any
) -> None:
    async def act() -> Any:
        async with ear(sandbox, path, stream) as listener:
            sandbox.step(20_000)
            return await listener.document()

    assert shape(asyncio.run(act()))


def test_a_step_over_many_bars_tells_each_of_them_closed_once(sandbox: RunningSandbox) -> None:
    async def act() -> Any:
        async with ear(sandbox, "/stream/ws", "btcusdt@kline_1m", "btcusdt@kline_5m") as listener:
            sandbox.step(10 * MINUTE)
            return [d["k"] for d in await listener.documents(14)]

    told = asyncio.run(act())
    minutes = [k for k in told if k["i"] == "1m"]
    fives = [k for k in told if k["i"] == "5m"]
    assert [k["x"] for k in minutes] == [True] * 10 + [False]
    assert [k["x"] for k in fives] == [True] * 2 + [False]
    starts = [k["t"] for k in minutes]
    assert starts == list(range(starts[0], starts[0] + 11 * MINUTE, MINUTE))


def test_a_liquidation_is_public(sandbox: RunningSandbox) -> None:
    def borrow(exchange: Any) -> None:
        from decimal import Decimal

        from tradepulse.sandbox.requests import OrderRequest

        exchange.market.set_leverage(KEY, "BTCUSDT", 100)
        order = OrderRequest("BTCUSDT", "SELL", "MARKET", quantity=Decimal(1))
        exchange.market.place(KEY, Market.PERPETUAL, order)
        exchange.settle()

    async def act() -> Any:
        async with ear(sandbox, "/f/market/ws", "btcusdt@forceOrder") as listener:
            sandbox.call(borrow)
            # A dollar up every minute meets a margin of one in a hundred.
            sandbox.step(590 * MINUTE)
            return await listener.document()

    message = asyncio.run(act())
    assert (message["e"], message["o"]["S"]) == ("forceOrder", "BUY")


# --- the WebSocket API ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        ("what?", 400, -1135),
        ('{"id":1}', 400, -1135),
        ('{"id":1,"method":"order.dance"}', 400, -1020),
        ('{"id":1,"method":"account.status"}', 401, -2014),
        ('{"id":1,"method":"account.status","params":{"apiKey":"stranger"}}', 401, -2015),
        ('{"id":1,"method":"account.status","params":{"apiKey":"the-key"}}', 400, -1102),
        ('{"id":1,"method":"klines","params":{"symbol":"BTCUSDT"}}', 400, -1102),
        ('{"id":1,"method":"userDataStream.start"}', 400, -1020),
    ],
)
def test_a_message_that_is_wrong(
    sandbox: RunningSandbox, message: str, status: int, code: int
) -> None:
    async def act() -> Any:
        async with ear(sandbox, "/ws-api/v3") as listener:
            await listener.socket.send_str(message)
            return await listener.document()

    answer = asyncio.run(act())
    assert (answer["status"], answer["error"]["code"]) == (status, code)


def test_rate_limits_are_told_unless_unwanted(sandbox: RunningSandbox) -> None:
    async def act() -> Any:
        async with ear(sandbox, "/ws-api/v3") as listener:
            await listener.socket.send_json({"id": 1, "method": "time"})
            first = await listener.document()
            wish = {"returnRateLimits": False}
            await listener.socket.send_json({"id": 2, "method": "time", "params": wish})
            return first, await listener.document()

    first, second = asyncio.run(act())
    assert first["rateLimits"][0]["count"] == 1
    assert "rateLimits" not in second
    assert first["result"] == second["result"] == {"serverTime": sandbox.clock()["now"]}


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        ({"kind": "drop"}, aiohttp.WSMsgType.CLOSED),
        ({"kind": "apply_then_drop"}, aiohttp.WSMsgType.CLOSED),
        ({"kind": "status_429"}, 429),
        ({"kind": "status_418"}, 418),
        ({"kind": "status_5xx", "code": -1007}, 503),
        ({"kind": "status_5xx", "code": -1000, "apply": True}, 503),
        ({"kind": "delay", "ms": 20}, 200),
        ({"kind": "delay", "ms": 20, "apply": True}, 200),
    ],
)
def test_trouble_on_a_request_socket(
    sandbox: RunningSandbox, fault: dict[str, Any], heard: Any
) -> None:
    sandbox.fault(**{"on": "WS time", **fault})

    async def act() -> Any:
        async with ear(sandbox, "/ws-api/v3") as listener:
            await listener.socket.send_json({"id": 1, "method": "time"})
            message = await listener.hear()
            closed = message.type is aiohttp.WSMsgType.CLOSED
            return message.type if closed else message.json()["status"]

    assert asyncio.run(act()) == heard
