"""Prices, books and engines of the moment: written by an engine, read here, pushed to sockets."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
import sample_rows
import websockets
from starlette.testclient import TestClient

from conformance.way_in import headers_of
from tradepulse.api.market_pulse import MarketKey
from tradepulse.api.server import ApiServer, serve_in_thread
from tradepulse.bootstrap import App
from tradepulse.domain.event import LogLine, NewEvent
from tradepulse.domain.lifecycle import Feed
from tradepulse.domain.live_market import EngineReport, OrderBook, Quote

NOW = sample_rows.NOW
BTC, ETH = "BTC/USDT", "ETH/USDT"
FIGURES = {
    "memory_mib": 210.5, "cpu_s": 3.0, "activations": 2, "queued_commands": 0, "threads": 9,
    "commits": {"count": 3, "p50_ms": 1.0, "p99_ms": 2.5},
    "feeds": [{"feed": "live", "exchange": "binance", "pair": BTC, "interval": "1m",
               "silent_ms": 900}],
    "connections": [{"name": "desk", "latency_ms": 31.0, "weight_used": 60, "weight_limit": 600}],
}  # fmt: skip


def tell(app: App, pair: str = BTC, last: str = "104210.5", at: int = NOW - 320) -> None:
    with app.database.transaction() as tx:
        tx.quotes.save_many([Quote(Feed.LIVE, "binance", pair, Decimal(last), NOW - 500, at)])


def tell_book(app: App, at: int = NOW) -> None:
    levels = {"bids": [["99", "1"]], "asks": [["101", "2"]]}
    with app.database.transaction() as tx:
        tx.order_books.save_many([OrderBook(Feed.LIVE, "binance", BTC, levels, at, at)])


# --- over HTTP ------------------------------------------------------------------------------------
def test_quotes_say_how_old_they_are(client: TestClient, filled: App) -> None:
    tell(filled)
    tell(filled, ETH, "3500", NOW - 5_000)
    found = client.get("/api/quotes").json()["items"]
    assert [(q["pair"], q["last"], q["age_ms"]) for q in found] == [
        (BTC, "104210.5", 320), (ETH, "3500", 5_000)
    ]  # fmt: skip
    assert [q["pair"] for q in client.get("/api/quotes?pair=ETHUSDT").json()["items"]] == [ETH]
    assert client.get("/api/quotes?feed=sandbox").json()["items"] == []


def test_the_last_word_counts(client: TestClient, filled: App) -> None:
    tell(filled, last="1")
    tell(filled, last="2", at=NOW)
    assert [q["last"] for q in client.get("/api/quotes").json()["items"]] == ["2"]


def test_asking_for_a_book_has_it_read(client: TestClient, filled: App) -> None:
    asked = "/api/depth?exchange=binance&symbol=BTC-USDT"
    before = client.get(asked).json()
    assert (before["bids"], before["written_at"]) == ([], None)
    with filled.database.reading() as tx:
        (wish,) = tx.book_wishes.standing(NOW)
        assert tx.book_wishes.standing(NOW + 60_000) == ()
    assert (wish.exchange, wish.pair, wish.feed) == ("binance", BTC, Feed.LIVE)
    tell_book(filled, NOW - 50)
    after = client.get(asked).json()
    assert (after["bids"], after["asks"], after["age_ms"]) == ([["99", "1"]], [["101", "2"]], 50)


def test_system_tells_engines_and_which_are_silent(client: TestClient, filled: App) -> None:
    with filled.database.transaction() as tx:
        for owner, at in (("here", NOW - 1_000), ("here", NOW - 6_000), ("away", NOW - 60_000)):
            report = EngineReport(owner, NOW - 90_000, at, FIGURES)
            tx.engine_reports.write(report, keep_since_ms=0)
    told = client.get("/api/system").json()
    assert [(e["owner"], e["stale"]) for e in told["engines"]] == [("away", True), ("here", False)]
    assert told["database"] == "sqlite"
    assert told["free_mib"] > 0
    # Connections of others stay theirs.
    assert [engine["figures"]["connections"] for engine in told["engines"]] == [[], []]
    points = client.get("/api/system/history?hours=1").json()["items"]
    assert [p["owner"] for p in points] == ["away", "here", "here"]
    assert (points[-1]["commit_p99_ms"], points[-1]["worst_feed_ms"]) == (2.5, 900)
    assert points[-1]["weight_share"] == pytest.approx(0.1)


def test_old_reports_are_forgotten(filled: App) -> None:
    with filled.database.transaction() as tx:
        for at in (1_000, 2_000, 3_000):
            tx.engine_reports.write(EngineReport("e", 0, at, {}), keep_since_ms=at - 1_500)
        assert [report.written_at for report in tx.engine_reports.history(0, 10)] == [2_000, 3_000]


def test_metrics_are_what_prometheus_reads(client: TestClient, filled: App) -> None:
    with filled.database.transaction() as tx:
        tx.engine_reports.write(EngineReport("here", 0, NOW, FIGURES), keep_since_ms=0)
    client.get("/api/trades")
    text = client.get("/metrics").text
    for line in (
        "tradepulse_up 1.0",
        'tradepulse_engine_memory_mib{engine="here"} 210.5',
        'tradepulse_engine_commit_p99_ms{engine="here"} 2.5',
        'tradepulse_connection_weight_used{connection="desk"} 60.0',
        'tradepulse_feed_silent_ms{exchange="binance",feed="live",interval="1m",pair="BTC/USDT"} '
        "900.0",
    ):
        assert line in text
    counted = 'tradepulse_request_seconds_count{method="GET",route="/trades",status="200"} 1.0'
    assert counted in text


# --- keys -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("binance:BTC/USDT", MarketKey(Feed.LIVE, "binance", BTC)),
        ("sandbox/binance:BTC/USDT:USDT", MarketKey(Feed.SANDBOX, "binance", "BTC/USDT:USDT")),
        ("live/Kraken:ETH/USDT", MarketKey(Feed.LIVE, "kraken", ETH)),
    ],
)
def test_a_key_names_a_pair_on_a_feed(text: str, key: MarketKey) -> None:
    assert MarketKey.parse(text) == key


@pytest.mark.parametrize("text", ["", "BTC/USDT", "binance", ":BTC/USDT", "binance:BTCUSDT"])
def test_a_bad_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected exchange"):
        MarketKey.parse(text)


# --- over a socket --------------------------------------------------------------------------------
@pytest.fixture
def address(filled: App) -> Iterator[str]:
    server = ApiServer(filled, port=0)
    thread = serve_in_thread(server)
    yield server.address.replace("http", "ws") + "/api/ws"
    server.stop()
    thread.join(timeout=20)
    assert not thread.is_alive()


async def hear(socket: websockets.ClientConnection, channel: str) -> dict[str, object]:
    """The next message of a channel; others are passed over."""
    async with asyncio.timeout(10):
        while True:
            said = json.loads(await socket.recv())
            if said.get("channel") == channel and "data" in said:
                return dict(said)


async def signed_in(socket: websockets.ClientConnection, app: App) -> None:
    token = headers_of(app)["authorization"].removeprefix("Bearer ")
    await socket.send(json.dumps({"op": "auth", "token": token}))
    async with asyncio.timeout(10):
        assert json.loads(await socket.recv()) == {"op": "auth", "ok": True}


async def subscribe(socket: websockets.ClientConnection, channel: str, key: str = "") -> None:
    await socket.send(json.dumps({"op": "subscribe", "channel": channel, "key": key}))
    async with asyncio.timeout(10):
        answer = json.loads(await socket.recv())
    assert answer == {"op": "subscribe", "ok": True, "channel": channel, "key": key}


def now() -> int:
    return time.time_ns() // 1_000_000


def test_prices_and_books_are_pushed(address: str, filled: App) -> None:
    async def run() -> None:
        async with websockets.connect(address) as socket:
            await signed_in(socket, filled)
            await subscribe(socket, "prices", "binance:BTC/USDT")
            tell(filled, last="100", at=now())
            assert (await hear(socket, "prices"))["data"]["last"] == "100"  # type: ignore[index]
            await subscribe(socket, "depth", "binance:BTC/USDT")
            await asyncio.sleep(0.7)
            with filled.database.reading() as tx:
                assert [wish.pair for wish in tx.book_wishes.standing(now())] == [BTC]
            tell_book(filled, now())
            assert (await hear(socket, "depth"))["data"]["asks"] == [["101", "2"]]  # type: ignore[index]

    asyncio.run(run())


def test_events_and_lines_come_all_and_in_order(address: str, filled: App) -> None:
    async def run() -> None:
        async with websockets.connect(address) as socket:
            await signed_in(socket, filled)
            await subscribe(socket, "events")
            with filled.database.transaction() as tx:
                for number in range(450):
                    tx.events.append(NewEvent(number, "trade.closed", "trade", str(number), {}))
            told = [(await hear(socket, "events"))["data"] for _ in range(450)]
            assert [each["entity_id"] for each in told] == [str(n) for n in range(450)]  # type: ignore[index]
            await subscribe(socket, "logs")
            with filled.database.transaction() as tx:
                lines = [LogLine(n, "info", f"line {n}", None, None, {}) for n in range(3)]
                tx.logs.insert_many(lines)
            words = [(await hear(socket, "logs"))["data"]["message"] for _ in range(3)]  # type: ignore[index]
            assert words == ["line 0", "line 1", "line 2"]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("said", "code"),
    [("nonsense", 4400), ('["op"]', 4400), ('{"op": "dance"}', 4400), ('{"no": 1}', 4400)],
)
def test_nonsense_closes_the_socket_and_says_why(address: str, said: str, code: int) -> None:
    async def run() -> None:
        async with websockets.connect(address) as socket:
            await socket.send(said)
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 10)
            assert socket.close_code == code
            assert "expected" in (socket.close_reason or "")

    asyncio.run(run())


@pytest.mark.parametrize(("channel", "key"), [("news", ""), ("prices", "BTC"), ("logs", "x")])
def test_a_subscription_that_cannot_be_is_refused(
    address: str, filled: App, channel: str, key: str
) -> None:
    async def run() -> None:
        async with websockets.connect(address) as socket:
            await signed_in(socket, filled)
            await socket.send(json.dumps({"op": "subscribe", "channel": channel, "key": key}))
            answer = json.loads(await asyncio.wait_for(socket.recv(), 10))
            assert (answer["ok"], answer["error"]["code"]) == (False, "bad_subscription")
            await subscribe(socket, "events")

    asyncio.run(run())


@pytest.mark.parametrize(
    "said",
    [{"op": "subscribe", "channel": "events"}, {"op": "auth", "token": "tp_no_key"},
     {"op": "auth"}],
)  # fmt: skip
def test_a_socket_without_a_sign_in_hears_nothing(address: str, said: dict[str, str]) -> None:
    async def run() -> None:
        async with websockets.connect(address) as socket:
            await socket.send(json.dumps(said))
            with pytest.raises(websockets.ConnectionClosed):
                await asyncio.wait_for(socket.recv(), 10)
            assert socket.close_code == 4401

    asyncio.run(run())
