"""ccxt's spot account and order calls, request by request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from ccxt.base.errors import NotSupported, OrderNotFound
from sandbox_ccxt import KEY, MINUTE, NOW, SPOT, run, seen

from tradepulse.sandbox.server import RunningSandbox

ETH = "ETH/USDT"
PLACE = "POST /api/v3/order"


class Placing(NamedTuple):
    """An order as ccxt is asked for it, and as the venue must have understood it."""

    name: str
    arguments: tuple[Any, ...]
    params: dict[str, Any]
    understood: dict[str, Any]


ORDERS = (
    Placing("market", (SPOT, "market", "buy", 0.01), {},
            {"type": "MARKET", "status": "FILLED", "executed": "0.01"}),
    Placing("market by cost", (SPOT, "market", "buy", None), {"cost": 600},
            {"type": "MARKET", "status": "FILLED", "quote_quantity": "600"}),
    Placing("market with a price", (SPOT, "market", "buy", 0.01, 50_000), {},
            {"type": "MARKET", "status": "FILLED", "quote_quantity": "500"}),
    Placing("limit", (SPOT, "limit", "buy", 0.01, 50_000), {},
            {"type": "LIMIT", "status": "NEW", "price": "50000", "time_in_force": "GTC"}),
    Placing("limit that crosses", (SPOT, "limit", "buy", 0.01, 60_500), {},
            {"type": "LIMIT", "status": "FILLED", "executed": "0.01"}),
    Placing("immediate or cancel", (SPOT, "limit", "buy", 0.01, 50_000), {"timeInForce": "IOC"},
            {"type": "LIMIT", "status": "EXPIRED", "time_in_force": "IOC"}),
    Placing("fill or kill", (SPOT, "limit", "buy", 0.01, 60_500), {"timeInForce": "FOK"},
            {"type": "LIMIT", "status": "FILLED", "time_in_force": "FOK"}),
    Placing("post only", (SPOT, "limit", "buy", 0.01, 50_000), {"postOnly": True},
            {"type": "LIMIT_MAKER", "status": "NEW"}),
    Placing("post only by time in force", (SPOT, "limit", "buy", 0.01, 50_000),
            {"timeInForce": "PO"}, {"type": "LIMIT_MAKER", "status": "NEW"}),
    Placing("stop limit", (SPOT, "limit", "sell", 0.01, 58_000), {"stopLossPrice": 58_500},
            {"type": "STOP_LOSS_LIMIT", "status": "NEW", "stop_price": "58500"}),
    Placing("trigger limit", (SPOT, "limit", "sell", 0.01, 58_000), {"triggerPrice": 58_500},
            {"type": "STOP_LOSS_LIMIT", "status": "NEW", "stop_price": "58500"}),
    Placing("take-profit limit", (SPOT, "limit", "sell", 0.01, 62_000),
            {"takeProfitPrice": 61_900},
            {"type": "TAKE_PROFIT_LIMIT", "status": "NEW", "stop_price": "61900"}),
    Placing("stop market", (ETH, "market", "buy", 0.1), {"stopLossPrice": 3_100},
            {"type": "STOP_LOSS", "status": "NEW", "stop_price": "3100"}),
    Placing("take-profit market", (ETH, "market", "buy", 0.1), {"takeProfitPrice": 2_900},
            {"type": "TAKE_PROFIT", "status": "NEW", "stop_price": "2900"}),
    Placing("trailing", (SPOT, "limit", "sell", 0.01, 58_000),
            {"trailingPercent": 1, "stopLossOrTakeProfit": "stopLoss"},
            {"type": "STOP_LOSS_LIMIT", "status": "NEW", "trailing_delta": 100}),
)  # fmt: skip


def truth(sandbox: RunningSandbox) -> list[dict[str, Any]]:
    """The account's orders as the sandbox itself has them, oldest first."""
    return list(sandbox.state()["accounts"][KEY]["orders"]["spot"])


@pytest.mark.parametrize("case", ORDERS, ids=lambda case: case.name)
def test_an_order_is_understood_as_it_was_meant(sandbox: RunningSandbox, case: Placing) -> None:
    async def place(exchange: Any) -> Any:
        order = await exchange.create_order(
            *case.arguments, params={**case.params, "clientOrderId": "mine"}
        )
        return order, await exchange.fetch_order(order["id"], case.arguments[0])

    placed, fetched = run(sandbox, place)
    assert seen(sandbox)[PLACE] == 1
    (order,) = truth(sandbox)
    assert {name: _plain(order[name]) for name in case.understood} == case.understood
    assert (order["client_id"], placed["clientOrderId"]) == ("mine", "mine")
    statuses = {"NEW": "open", "FILLED": "closed", "EXPIRED": "expired"}
    assert placed["status"] == fetched["status"] == statuses[case.understood["status"]]
    assert placed["id"] == fetched["id"]
    assert fetched["filled"] == placed["filled"]


def _plain(value: Any) -> Any:
    """A decimal text without its trailing zeros."""
    if isinstance(value, str) and value.replace(".", "").isdigit():
        return f"{float(value):g}" if "." in value else value
    return value


class Case(NamedTuple):
    """A call on an account with a resting order and a fill, the request it must arrive as, and
    what must be true of the answer. `act` gets the client, the resting order and the filled."""

    name: str
    request: str
    act: Callable[[Any, Any, Any], Any]
    holds: Callable[[Any], bool]


CASES = (
    Case("balance", "GET /api/v3/account", lambda x, o, f: x.fetch_balance(),
         lambda r: r["USDT"]["used"] == 500 and r["BTC"]["free"] == pytest.approx(1.00999)),
    Case("order", "GET /api/v3/order", lambda x, o, f: x.fetch_order(o["id"], SPOT),
         lambda r: r["status"] == "open" and r["clientOrderId"] == "resting"),
    Case("order by client id", "GET /api/v3/order",
         lambda x, o, f: x.fetch_order(None, SPOT, {"clientOrderId": "resting"}),
         lambda r: r["status"] == "open"),
    Case("open orders", "GET /api/v3/openOrders", lambda x, o, f: x.fetch_open_orders(SPOT),
         lambda r: [o["clientOrderId"] for o in r] == ["resting"]),
    Case("all orders", "GET /api/v3/allOrders", lambda x, o, f: x.fetch_orders(SPOT),
         lambda r: [o["clientOrderId"] for o in r] == ["filled", "resting"]),
    Case("closed orders", "GET /api/v3/allOrders", lambda x, o, f: x.fetch_closed_orders(SPOT),
         lambda r: [o["clientOrderId"] for o in r] == ["filled"]),
    Case("my trades", "GET /api/v3/myTrades", lambda x, o, f: x.fetch_my_trades(SPOT),
         lambda r: sum(t["amount"] for t in r) == 0.01
         and all(t["takerOrMaker"] == "taker" and t["fee"]["currency"] == "BTC" for t in r)),
    Case("an order's trades", "GET /api/v3/myTrades",
         lambda x, o, f: x.fetch_order_trades(f["id"], SPOT),
         lambda r: sum(t["amount"] for t in r) == 0.01),
    Case("cancel", "DELETE /api/v3/order", lambda x, o, f: x.cancel_order(o["id"], SPOT),
         lambda r: r["status"] == "canceled" and r["info"]["origClientOrderId"] == "resting"),
    Case("cancel by client id", "DELETE /api/v3/order",
         lambda x, o, f: x.cancel_order(None, SPOT, {"clientOrderId": "resting"}),
         lambda r: r["status"] == "canceled"),
    Case("cancel all", "DELETE /api/v3/openOrders", lambda x, o, f: x.cancel_all_orders(SPOT),
         lambda r: [o["status"] for o in r] == ["canceled"]),
    Case("test order", "POST /api/v3/order/test",
         lambda x, o, f: x.create_order(SPOT, "limit", "buy", 0.01, 50_000, {"test": True}),
         lambda r: r["id"] is None),
    Case("edit", "POST /api/v3/order/cancelReplace",
         lambda x, o, f: x.edit_order(o["id"], SPOT, "limit", "buy", 0.02, 49_000),
         lambda r: r["price"] == 49_000 and r["amount"] == 0.02 and r["status"] == "open"),
    Case("fees", "GET /sapi/v1/asset/tradeFee", lambda x, o, f: x.fetch_trading_fee(SPOT),
         lambda r: (r["taker"], r["maker"]) == (0.001, 0.001)),
    Case("key rights", "GET /sapi/v1/account/apiRestrictions",
         lambda x, o, f: x.sapi_get_account_apirestrictions(),
         lambda r: r["enableWithdrawals"] is False and r["enableSpotAndMarginTrading"] is True),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_account_call(sandbox: RunningSandbox, case: Case) -> None:
    async def act(exchange: Any) -> Any:
        filled = await exchange.create_order(
            SPOT, "market", "buy", 0.01, params={"clientOrderId": "filled"}
        )
        resting = await exchange.create_order(
            SPOT, "limit", "buy", 0.01, 50_000, {"clientOrderId": "resting"}
        )
        return await case.act(exchange, resting, filled)

    before = seen(sandbox).get(case.request, 0)
    answer = run(sandbox, act)
    assert seen(sandbox).get(case.request, 0) == before + 1
    assert case.holds(answer), answer


def test_a_fill_is_told_in_full(sandbox: RunningSandbox) -> None:
    order = run(sandbox, lambda x: x.create_order(SPOT, "market", "buy", 0.01))
    assert order["filled"] == 0.01
    assert order["average"] == pytest.approx(60_000, rel=1e-3)
    assert order["cost"] == pytest.approx(order["average"] * 0.01)
    assert order["fee"] == {"cost": pytest.approx(0.00001), "currency": "BTC"}
    assert order["timestamp"] == NOW


def test_an_edit_that_fails_halfway_says_so(sandbox: RunningSandbox) -> None:
    async def edit(exchange: Any) -> Any:
        order = await exchange.create_order(SPOT, "limit", "buy", 0.01, 50_000)
        with pytest.raises(Exception, match="-2021") as failure:
            await exchange.edit_order(order["id"], SPOT, "limit", "buy", 99, 50_000)
        return str(failure.value), await exchange.fetch_order(order["id"], SPOT)

    words, old = run(sandbox, edit)
    assert '"cancelResult":"SUCCESS","newOrderResult":"FAILURE"' in words
    assert old["status"] == "canceled"


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda x: x.cancel_all_orders(SPOT), OrderNotFound),
        (lambda x: x.cancel_order("77", SPOT), OrderNotFound),
        (lambda x: x.fetch_order("77", SPOT), OrderNotFound),
        (lambda x: x.create_orders(
            [{"symbol": SPOT, "type": "limit", "side": "buy", "amount": 1, "price": 1}]
        ), NotSupported),
    ],
)  # fmt: skip
def test_what_is_not_there_is_not_found(
    sandbox: RunningSandbox, act: Callable[[Any], Any], error: type[Exception]
) -> None:
    async def ask(exchange: Any) -> None:
        with pytest.raises(error):
            await act(exchange)

    run(sandbox, ask)


# --- order lists ----------------------------------------------------------------------------------
SELL_OCO = {
    "symbol": "BTCUSDT", "side": "SELL", "quantity": "0.01",
    "aboveType": "LIMIT_MAKER", "abovePrice": "61000",
    "belowType": "STOP_LOSS_LIMIT", "belowStopPrice": "59500", "belowPrice": "59000",
    "belowTimeInForce": "GTC",
    "listClientOrderId": "list", "aboveClientOrderId": "target", "belowClientOrderId": "stop",
}  # fmt: skip


def test_an_oco_list_rests_as_two_orders(sandbox: RunningSandbox) -> None:
    async def place(exchange: Any) -> Any:
        answer = await exchange.private_post_orderlist_oco(SELL_OCO)
        return (
            answer,
            [exchange.parse_order(leg) for leg in answer["orderReports"]],
            await exchange.fetch_open_orders(SPOT),
            await exchange.private_get_orderlist({"orderListId": answer["orderListId"]}),
            await exchange.private_get_openorderlist(),
            (await exchange.fetch_balance())["BTC"]["used"],
        )

    answer, legs, resting, queried, open_lists, locked = run(sandbox, place)
    assert (answer["contingencyType"], answer["listOrderStatus"]) == ("OCO", "EXECUTING")
    assert {leg["clientOrderId"]: leg["info"]["type"] for leg in legs} == {
        "target": "LIMIT_MAKER", "stop": "STOP_LOSS_LIMIT",
    }  # fmt: skip
    assert {order["clientOrderId"] for order in resting} == {"target", "stop"}
    assert queried["listClientOrderId"] == open_lists[0]["listClientOrderId"] == "list"
    assert locked == 0.01


@pytest.mark.parametrize(
    ("steps", "filled", "ended"),
    [(5 * MINUTE, "stop", "target"), (None, "target", "stop")],
)
def test_one_leg_ends_the_other(
    sandbox: RunningSandbox, steps: int | None, filled: str, ended: str
) -> None:
    wide = {**SELL_OCO, "belowStopPrice": "58000", "belowPrice": "57000"}

    async def trade(exchange: Any) -> Any:
        await exchange.private_post_orderlist_oco(wide if steps is None else SELL_OCO)
        sandbox.step(15 * MINUTE if steps is None else steps)
        return (
            {o["clientOrderId"]: o["status"] for o in await exchange.fetch_orders(SPOT)},
            await exchange.fetch_my_trades(SPOT),
            await exchange.private_get_openorderlist(),
        )

    orders, trades, lists = run(sandbox, trade)
    assert orders[filled] == "closed"
    assert orders[ended] in ("canceled", "expired")
    assert sum(trade["amount"] for trade in trades) == pytest.approx(0.01)
    assert lists == []


@pytest.mark.parametrize(
    "cancel",
    [
        lambda x: x.private_delete_orderlist({"symbol": "BTCUSDT", "listClientOrderId": "list"}),
        lambda x: x.cancel_order(None, SPOT, {"clientOrderId": "stop"}),
        lambda x: x.cancel_all_orders(SPOT),
    ],
)
def test_a_cancel_takes_the_whole_list(
    sandbox: RunningSandbox, cancel: Callable[[Any], Any]
) -> None:
    async def trade(exchange: Any) -> Any:
        await exchange.private_post_orderlist_oco(SELL_OCO)
        await cancel(exchange)
        return await exchange.fetch_open_orders(SPOT), await exchange.fetch_balance()

    resting, balance = run(sandbox, trade)
    assert resting == []
    assert balance["BTC"] == {"free": 1.0, "used": 0.0, "total": 1.0}
