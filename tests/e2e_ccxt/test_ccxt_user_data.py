"""ccxt.pro's user data: spot by the WebSocket API, USD-M by listen key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from sandbox_ccxt import KEY, MINUTE, SPOT, USDM, client, listening, run, told

from tradepulse.sandbox.server import RunningSandbox


class Case(NamedTuple):
    """A watch call, what is done meanwhile, and what must be true of what it is told."""

    name: str
    kind: str
    watch: Callable[[Any], Any]
    act: Callable[[Any], Any]
    holds: Callable[[Any], bool]


def _buy(pair: str, **params: Any) -> Callable[[Any], Any]:
    return lambda x: x.create_order(
        pair, "market", "buy", 0.01, params={"clientOrderId": "mine", **params}
    )


def _rest(pair: str) -> Callable[[Any], Any]:
    return lambda x: x.create_order(pair, "limit", "buy", 0.01, 50_000, {"clientOrderId": "mine"})


async def _rest_and_cancel(exchange: Any, pair: str) -> None:
    order = await _rest(pair)(exchange)
    await exchange.cancel_order(order["id"], pair)


def _stop(exchange: Any) -> Any:
    params = {"stopLossPrice": 59_000, "clientOrderId": "mine"}
    return exchange.create_order(USDM, "market", "sell", 0.01, None, params)


CASES = (
    Case("a resting order", "spot", lambda x: x.watch_orders(SPOT), _rest(SPOT),
         lambda r: [(o["clientOrderId"], o["status"], o["price"]) for o in r]
         == [("mine", "open", 50_000)]),
    Case("a filled order", "spot", lambda x: x.watch_orders(SPOT), _buy(SPOT),
         lambda r: r[-1]["clientOrderId"] == "mine"),
    Case("a trade", "spot", lambda x: x.watch_my_trades(SPOT), _buy(SPOT),
         lambda r: r[0]["side"] == "buy" and r[0]["fee"]["currency"] == "BTC"
         and r[0]["takerOrMaker"] == "taker"),
    Case("a balance", "spot", lambda x: x.watch_balance(), _rest(SPOT),
         lambda r: r["USDT"]["used"] == 500 and r["USDT"]["free"] == 99_500),
    Case("a resting order", "swap", lambda x: x.watch_orders(USDM), _rest(USDM),
         lambda r: [(o["clientOrderId"], o["status"]) for o in r] == [("mine", "open")]),
    Case("a conditional order", "swap", lambda x: x.watch_orders(USDM), _stop,
         lambda r: [(o["clientOrderId"], o["status"], o["triggerPrice"]) for o in r]
         == [("mine", "open", 59_000)]),
    Case("a trade", "swap", lambda x: x.watch_my_trades(USDM), _buy(USDM),
         lambda r: r[0]["symbol"] == USDM and r[0]["fee"]["currency"] == "USDT"),
    Case("a balance", "swap", lambda x: x.watch_balance(), _buy(USDM),
         lambda r: r["USDT"]["total"] < 100_000),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind} {case.name}")
def test_an_account_hears_of_itself(sandbox: RunningSandbox, case: Case) -> None:
    venue = "spot" if case.kind == "spot" else "perpetual"

    async def watch(exchange: Any) -> Any:
        watching = asyncio.create_task(told(case.watch(exchange)))
        await listening(sandbox, f"{venue}:user:{KEY}")
        await case.act(exchange)
        return await watching

    answer = run(sandbox, watch, case.kind)
    assert case.holds(answer), answer


def test_positions_come_as_a_snapshot_and_then_as_changes(sandbox: RunningSandbox) -> None:
    async def watch(exchange: Any) -> Any:
        await _buy(USDM)(exchange)
        snapshot = [dict(row) for row in await told(exchange.watch_positions([USDM]))]
        watching = asyncio.create_task(told(exchange.watch_positions([USDM])))
        await listening(sandbox, f"perpetual:user:{KEY}")
        await exchange.create_order(USDM, "market", "buy", 0.02)
        return snapshot, await watching

    snapshot, changed = run(sandbox, watch, "swap")
    assert [p["contracts"] for p in snapshot] == [0.01]
    assert [(p["contracts"], p["side"]) for p in changed] == [(0.03, "long")]


def test_a_cancel_is_told_under_the_orders_own_id(sandbox: RunningSandbox) -> None:
    async def watch(exchange: Any) -> Any:
        await _rest(SPOT)(exchange)
        watching = asyncio.create_task(told(exchange.watch_orders(SPOT)))
        await listening(sandbox, f"spot:user:{KEY}")
        await exchange.cancel_all_orders(SPOT)
        return await watching

    (order,) = run(sandbox, watch)
    assert (order["clientOrderId"], order["status"]) == ("mine", "canceled")


@pytest.mark.parametrize(("kind", "pair"), [("spot", SPOT), ("swap", USDM)])
def test_nobody_hears_of_another_account(sandbox: RunningSandbox, kind: str, pair: str) -> None:
    sandbox.open_account("other", "its-secret", {"USDT": 1000}, 1000)
    venue = "spot" if kind == "spot" else "perpetual"

    async def watch() -> Any:
        async with (
            client(sandbox, kind) as one,
            client(sandbox, kind, key="other", secret="its-secret") as other,
        ):
            mine = asyncio.create_task(told(one.watch_orders(pair)))
            theirs = asyncio.create_task(other.watch_orders(pair))
            await listening(sandbox, f"{venue}:user:{KEY}")
            await listening(sandbox, f"{venue}:user:other")
            await _rest(pair)(one)
            heard = await mine
            await asyncio.sleep(0.1)
            silent = not theirs.done()
            theirs.cancel()
            return heard, silent

    heard, silent = asyncio.run(watch())
    assert [order["clientOrderId"] for order in heard] == ["mine"]
    assert silent


def test_a_stop_that_triggers_is_told_with_its_child(sandbox: RunningSandbox) -> None:
    events: list[dict[str, Any]] = []

    async def watch(exchange: Any) -> None:
        await _buy(USDM)(exchange)
        await exchange.create_order(
            USDM, "market", "sell", 0.01, None,
            {"stopLossPrice": 59_500, "reduceOnly": True, "clientOrderId": "stop"},
        )  # fmt: skip
        watching = asyncio.create_task(told(exchange.watch_orders(USDM)))
        await listening(sandbox, f"perpetual:user:{KEY}")
        sandbox.step(5 * MINUTE)
        events.extend(dict(order) for order in await watching)
        # ccxt holds back what comes while nobody waits until the next message.
        watching = asyncio.create_task(told(exchange.watch_orders(USDM)))
        await asyncio.sleep(0.05)
        await _rest(USDM)(exchange)
        events.extend(dict(order) for order in await watching)

    run(sandbox, watch, "swap")
    (stop,) = {e["id"]: e for e in events if "aid" in e["info"]}.values()
    (child,) = {e["id"]: e for e in events if e["info"].get("ot") == "STOP_MARKET"}.values()
    assert stop["info"]["ai"] == child["id"]
    assert (child["filled"], child["reduceOnly"]) == (0.01, True)


# --- requests over the WebSocket API --------------------------------------------------------------
class Request(NamedTuple):
    name: str
    kind: str
    message: str
    act: Callable[[Any], Any]
    holds: Callable[[Any], bool]


async def _cancel_ws(exchange: Any, pair: str) -> Any:
    order = await exchange.create_order_ws(pair, "limit", "buy", 0.01, 50_000)
    return await exchange.cancel_order_ws(order["id"], pair)


async def _query_ws(exchange: Any, pair: str) -> Any:
    order = await exchange.create_order_ws(pair, "limit", "buy", 0.01, 50_000)
    return await exchange.fetch_order_ws(order["id"], pair)


async def _edit_ws(exchange: Any, pair: str) -> Any:
    order = await exchange.create_order_ws(pair, "limit", "buy", 0.01, 50_000)
    return await exchange.edit_order_ws(order["id"], pair, "limit", "buy", 0.01, 49_000)


REQUESTS = (
    Request("place", "spot", "WS order.place",
            lambda x: x.create_order_ws(SPOT, "market", "buy", 0.01),
            lambda r: r["status"] == "closed"),
    Request("cancel", "spot", "WS order.cancel", lambda x: _cancel_ws(x, SPOT),
            lambda r: r["status"] == "canceled"),
    Request("query", "spot", "WS order.status", lambda x: _query_ws(x, SPOT),
            lambda r: r["status"] == "open"),
    Request("edit", "spot", "WS order.cancelReplace", lambda x: _edit_ws(x, SPOT),
            lambda r: r["price"] == 49_000),
    Request("balance", "spot", "WS account.status", lambda x: x.fetch_balance_ws(),
            lambda r: r["info"]["balances"][1] == {"asset": "USDT", "free": "100000",
                                                   "locked": "0"}),
    Request("bars", "spot", "WS klines", lambda x: x.fetch_ohlcv_ws(SPOT, "1m", limit=3),
            lambda r: len(r) == 3),
    Request("book", "swap", "WS depth", lambda x: x.fetch_order_book_ws(USDM, 5),
            lambda r: len(r["bids"]) == 5),
    Request("open orders", "spot", "WS openOrders.status",
            lambda x: x.fetch_open_orders_ws(SPOT), lambda r: r == []),
    Request("my trades", "spot", "WS myTrades", lambda x: x.fetch_my_trades_ws(SPOT),
            lambda r: r == []),
    Request("place", "swap", "WS order.place",
            lambda x: x.create_order_ws(USDM, "market", "buy", 0.01),
            lambda r: r["status"] == "closed"),
    Request("place a stop", "swap", "WS algoOrder.place",
            lambda x: x.create_order_ws(USDM, "market", "sell", 0.01, None,
                                        {"triggerPrice": 59_000}),
            lambda r: r["status"] == "open"),
    Request("cancel", "swap", "WS order.cancel", lambda x: _cancel_ws(x, USDM),
            lambda r: r["status"] == "canceled"),
    Request("edit", "swap", "WS order.modify", lambda x: _edit_ws(x, USDM),
            lambda r: r["price"] == 49_000),
    Request("balance", "swap", "WS account.status", lambda x: x.fetch_balance_ws(),
            lambda r: r["USDT"]["free"] == 100_000),
    Request("positions", "swap", "WS account.position", lambda x: x.fetch_positions_ws([USDM]),
            lambda r: r == []),
)  # fmt: skip


@pytest.mark.parametrize("case", REQUESTS, ids=lambda case: f"{case.kind} {case.name}")
def test_a_request_over_a_socket(sandbox: RunningSandbox, case: Request) -> None:
    answer = run(sandbox, lambda x: told(case.act(x)), case.kind)
    assert sandbox.state()["requests"][case.message] == 1
    assert case.holds(answer), answer
