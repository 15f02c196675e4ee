"""ccxt.pro's public streams over the sandbox's sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from ccxt.base.errors import ChecksumError
from sandbox_ccxt import MINUTE, NOW, SPOT, START, USDM, client, listening, run, told, until

from tradepulse.sandbox.server import RunningSandbox


class Case(NamedTuple):
    """A watch call, the topic it must listen to, and what must be true of what it is told after
    the market went on for a minute and a half."""

    name: str
    kind: str
    topic: str
    act: Callable[[Any], Any]
    holds: Callable[[Any], bool]


CASES = (
    Case("bars", "spot", "spot:btcusdt@kline_1m", lambda x: x.watch_ohlcv(SPOT, "1m"),
         lambda r: r[0][0] == START and r[0][4] == 59_800),
    Case("coarse bars", "spot", "spot:btcusdt@kline_15m", lambda x: x.watch_ohlcv(SPOT, "15m"),
         lambda r: [row[0] for row in r] == [START]),
    Case("bars of several", "spot", "spot:ethusdt@kline_1m",
         lambda x: x.watch_ohlcv_for_symbols([[SPOT, "1m"], ["ETH/USDT", "1m"]]),
         lambda r: len(r) == 1),
    Case("trades", "spot", "spot:btcusdt@trade", lambda x: x.watch_trades(SPOT),
         lambda r: r[0]["symbol"] == SPOT and r[0]["timestamp"] > NOW),
    Case("aggregate trades", "spot", "spot:btcusdt@aggTrade",
         lambda x: x.watch_trades(SPOT, params={"name": "aggTrade"}),
         lambda r: r[0]["symbol"] == SPOT),
    Case("ticker", "spot", "spot:btcusdt@miniTicker", lambda x: x.watch_ticker(SPOT),
         lambda r: r["last"] < 60_000 and r["symbol"] == SPOT),
    Case("full ticker", "spot", "spot:btcusdt@ticker",
         lambda x: x.watch_ticker(SPOT, {"name": "ticker"}), lambda r: r["bid"] < r["ask"]),
    Case("tickers", "spot", "spot:ethusdt@miniTicker",
         lambda x: x.watch_tickers([SPOT, "ETH/USDT"]), lambda r: len(r) >= 1),
    Case("best prices", "spot", "spot:btcusdt@bookTicker", lambda x: x.watch_bids_asks([SPOT]),
         lambda r: r[SPOT]["bid"] < r[SPOT]["ask"] < 60_000),
    Case("bars", "swap", "perpetual:btcusdt@kline_1m", lambda x: x.watch_ohlcv(USDM, "1m"),
         lambda r: r[0][0] == START and r[0][4] == 59_800),
    Case("trades", "swap", "perpetual:btcusdt@trade", lambda x: x.watch_trades(USDM),
         lambda r: r[0]["symbol"] == USDM),
    Case("ticker", "swap", "perpetual:btcusdt@miniTicker", lambda x: x.watch_ticker(USDM),
         lambda r: r["last"] < 60_000),
    Case("best prices", "swap", "perpetual:btcusdt@bookTicker",
         lambda x: x.watch_bids_asks([USDM]), lambda r: r[USDM]["timestamp"] > NOW),
    Case("mark", "swap", "perpetual:btcusdt@markPrice@1s", lambda x: x.watch_mark_price(USDM),
         lambda r: r["markPrice"] < 60_000 and "r" in r["info"]),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.name}")
def test_a_stream_is_heard(sandbox: RunningSandbox, case: Case) -> None:
    async def watch(exchange: Any) -> Any:
        watching = asyncio.create_task(told(case.act(exchange)))
        await listening(sandbox, case.topic)
        sandbox.step(90_000)
        return await watching

    answer = run(sandbox, watch, case.kind)
    assert case.holds(answer), answer


def test_every_bar_closes_once_and_in_order(sandbox: RunningSandbox) -> None:
    rows: list[list[float]] = []

    async def watch(exchange: Any) -> None:
        watching = asyncio.create_task(told(exchange.watch_ohlcv(SPOT, "1m")))
        await listening(sandbox, "spot:btcusdt@kline_1m")
        # ccxt holds back what comes while nobody waits until the next message: hence the many.
        for _ in range(20):
            sandbox.step(MINUTE // 3)
            rows.extend([list(row) for row in await watching])
            watching = asyncio.create_task(told(exchange.watch_ohlcv(SPOT, "1m")))
            await asyncio.sleep(0.01)
        watching.cancel()

    run(sandbox, watch)
    final = {row[0]: row[4] for row in rows}
    assert list(final) == [START + k * MINUTE for k in range(7)]
    assert [final[START + k * MINUTE] for k in range(5)] == [
        59_800, 59_600, 59_400, 59_200, 59_000,
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "pair"), [("spot", SPOT), ("swap", USDM)])
def test_a_book_kept_from_differences_equals_the_venues(
    sandbox: RunningSandbox, kind: str, pair: str
) -> None:
    venue = "spot" if kind == "spot" else "perpetual"

    async def watch(exchange: Any) -> Any:
        watching = asyncio.create_task(told(exchange.watch_order_book(pair)))
        await listening(sandbox, f"{venue}:btcusdt@depth@100ms")
        await until(lambda: sandbox.state()["requests"].get(
            "GET /api/v3/depth" if kind == "spot" else "GET /fapi/v1/depth"
        ))  # fmt: skip
        for _ in range(8):
            sandbox.step(20_000)
            book = await watching
            watching = asyncio.create_task(told(exchange.watch_order_book(pair)))
            await asyncio.sleep(0)
        watching.cancel()
        return book, await exchange.fetch_order_book(pair, 1000)

    kept, fetched = run(sandbox, watch, kind)
    assert kept["nonce"] == fetched["nonce"]
    assert kept["bids"] == fetched["bids"]
    assert kept["asks"] == fetched["asks"]


def test_a_lost_difference_is_seen_as_a_gap(sandbox: RunningSandbox) -> None:
    async def watch(exchange: Any) -> Any:
        watching = asyncio.create_task(told(exchange.watch_order_book(SPOT)))
        await listening(sandbox, "spot:btcusdt@depth@100ms")
        await until(lambda: sandbox.state()["requests"].get("GET /api/v3/depth"))
        sandbox.step(20_000)
        await watching
        sandbox.fault("drop", "btcusdt@depth*")
        for _ in range(4):
            watching = asyncio.create_task(told(exchange.watch_order_book(SPOT)))
            await asyncio.sleep(0.05)
            sandbox.step(20_000)
            sandbox.step(20_000)
            await watching

    with pytest.raises(ChecksumError):
        run(sandbox, watch)


def test_what_is_not_watched_any_more_is_not_sent(sandbox: RunningSandbox) -> None:
    async def watch(exchange: Any) -> None:
        watching = asyncio.create_task(told(exchange.watch_ticker(SPOT)))
        await listening(sandbox, "spot:btcusdt@miniTicker")
        sandbox.step(20_000)
        await watching
        await told(exchange.un_watch_ticker(SPOT))
        before = sandbox.state()["messages_sent"]
        sandbox.step(60_000)
        assert sandbox.state()["messages_sent"] == before

    run(sandbox, watch)


def test_one_event_reaches_every_client(sandbox: RunningSandbox) -> None:
    async def watch() -> Any:
        async with client(sandbox) as one, client(sandbox) as other:
            watching = [asyncio.create_task(told(x.watch_trades(SPOT))) for x in (one, other)]
            await until(
                lambda: sum("spot:btcusdt@trade" in c["topics"]
                            for c in sandbox.state()["connections"]) == 2
            )  # fmt: skip
            sandbox.step(20_000)
            return await asyncio.gather(*watching)

    first, second = asyncio.run(watch())
    assert [t["id"] for t in first] == [t["id"] for t in second]
