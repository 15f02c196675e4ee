"""ccxt's USD-M account and order calls, request by request."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from ccxt.base.errors import (
    ArgumentsRequired,
    MarginModeAlreadySet,
    NotSupported,
    OperationRejected,
    OrderNotFound,
)
from sandbox_ccxt import KEY, MINUTE, USDM, run, seen

from tradepulse.sandbox.server import RunningSandbox

ALGO = {"trigger": True}


class Placing(NamedTuple):
    """An order as ccxt is asked for it, the request it must arrive as, and what of it the venue
    must have understood."""

    name: str
    arguments: tuple[Any, ...]
    params: dict[str, Any]
    request: str
    understood: dict[str, Any]


PLAIN, CONDITIONAL = "POST /fapi/v1/order", "POST /fapi/v1/algoOrder"

ORDERS = (
    Placing("market", (USDM, "market", "buy", 0.01), {}, PLAIN,
            {"type": "MARKET", "status": "FILLED", "executed": "0.01"}),
    Placing("limit", (USDM, "limit", "buy", 0.01, 50_000), {}, PLAIN,
            {"type": "LIMIT", "status": "NEW", "time_in_force": "GTC", "reduce_only": False}),
    Placing("post only", (USDM, "limit", "buy", 0.01, 50_000), {"postOnly": True}, PLAIN,
            {"type": "LIMIT", "status": "NEW", "time_in_force": "GTX"}),
    Placing("immediate or cancel", (USDM, "limit", "buy", 0.01, 50_000), {"timeInForce": "IOC"},
            PLAIN, {"status": "EXPIRED", "time_in_force": "IOC"}),
    Placing("fill or kill", (USDM, "limit", "buy", 0.01, 60_500), {"timeInForce": "FOK"}, PLAIN,
            {"status": "FILLED", "time_in_force": "FOK"}),
    Placing("stop market", (USDM, "market", "sell", 0.01), {"stopLossPrice": 59_500}, CONDITIONAL,
            {"type": "STOP_MARKET", "status": "NEW", "trigger_price": "59500"}),
    Placing("trigger market", (USDM, "market", "sell", 0.01), {"triggerPrice": 59_500},
            CONDITIONAL, {"type": "STOP_MARKET", "trigger_price": "59500"}),
    Placing("stop limit", (USDM, "limit", "sell", 0.01, 59_000), {"stopLossPrice": 59_500},
            CONDITIONAL, {"type": "STOP", "price": "59000", "trigger_price": "59500"}),
    Placing("take-profit market", (USDM, "market", "sell", 0.01), {"takeProfitPrice": 61_000},
            CONDITIONAL, {"type": "TAKE_PROFIT_MARKET", "trigger_price": "61000"}),
    Placing("take-profit limit", (USDM, "limit", "sell", 0.01, 61_000),
            {"takeProfitPrice": 60_900}, CONDITIONAL,
            {"type": "TAKE_PROFIT", "price": "61000", "trigger_price": "60900"}),
    Placing("trailing", (USDM, "market", "sell", 0.01), {"trailingPercent": 1}, CONDITIONAL,
            {"type": "TRAILING_STOP_MARKET", "callback_rate": "1"}),
    Placing("stop by mark", (USDM, "market", "sell", 0.01),
            {"stopLossPrice": 59_500, "workingType": "MARK_PRICE", "priceProtect": True},
            CONDITIONAL, {"working_type": "MARK_PRICE", "price_protect": True}),
    Placing("reduce-only stop", (USDM, "market", "sell", 0.01),
            {"stopLossPrice": 59_500, "reduceOnly": True}, CONDITIONAL, {"reduce_only": True}),
    Placing("close-position stop", (USDM, "market", "sell", None),
            {"stopLossPrice": 59_500, "closePosition": True}, CONDITIONAL,
            {"close_position": True, "quantity": "0"}),
)  # fmt: skip


@pytest.mark.parametrize("case", ORDERS, ids=lambda case: case.name)
def test_an_order_is_understood_as_it_was_meant(sandbox: RunningSandbox, case: Placing) -> None:
    trigger = case.request == CONDITIONAL

    async def place(exchange: Any) -> Any:
        order = await exchange.create_order(
            *case.arguments, params={**case.params, "clientOrderId": "mine"}
        )
        return order, await exchange.fetch_order(order["id"], USDM, ALGO if trigger else {})

    placed, fetched = run(sandbox, place, "swap")
    assert seen(sandbox)[case.request] == 1
    account = sandbox.state()["accounts"][KEY]
    (order,) = account["algo_orders"] if trigger else account["orders"]["perpetual"]
    assert {name: _plain(order[name]) for name in case.understood} == case.understood
    assert order["client_id"] == placed["clientOrderId"] == fetched["clientOrderId"] == "mine"
    assert placed["id"] == fetched["id"]
    assert placed["status"] == fetched["status"]


def _plain(value: Any) -> Any:
    """A decimal text without its trailing zeros."""
    if isinstance(value, str) and "." in value and value.replace(".", "").isdigit():
        return f"{float(value):g}"
    return value


class Case(NamedTuple):
    """A call on an account with a position of 0.1, a resting order and a resting stop; the request
    it must arrive as, and what must be true of the answer."""

    name: str
    request: str
    act: Callable[[Any], Any]
    holds: Callable[[Any], bool]


def _is(contracts: float) -> Callable[[Any], bool]:
    return lambda r: [(p["contracts"], p["side"]) for p in r] == [(contracts, "long")]


async def _edit(exchange: Any) -> Any:
    (before,) = await exchange.fetch_open_orders(USDM)
    return before, await exchange.edit_order(before["id"], USDM, "limit", "buy", 0.02, 49_000)


async def _cancel_all(exchange: Any, params: dict[str, Any]) -> Any:
    await exchange.cancel_all_orders(USDM, params)
    plain = await exchange.fetch_open_orders(USDM)
    stops = await exchange.fetch_open_orders(USDM, params=ALGO)
    return [o["clientOrderId"] for o in plain], [o["clientOrderId"] for o in stops]


async def _more_then_less(exchange: Any) -> Any:
    await exchange.add_margin(USDM, 20)
    return await exchange.reduce_margin(USDM, 10)


CASES = (
    Case("balance", "GET /fapi/v3/account", lambda x: x.fetch_balance(),
         lambda r: r["USDT"]["used"] > 0
         and r["USDT"]["free"] + r["USDT"]["used"] == pytest.approx(r["USDT"]["total"], rel=1e-4)),
    Case("order", "GET /fapi/v1/order",
         lambda x: x.fetch_order(None, USDM, {"clientOrderId": "resting"}),
         lambda r: r["status"] == "open" and r["reduceOnly"] is False),
    Case("open orders", "GET /fapi/v1/openOrders", lambda x: x.fetch_open_orders(USDM),
         lambda r: [o["clientOrderId"] for o in r] == ["resting"]),
    Case("all orders", "GET /fapi/v1/allOrders", lambda x: x.fetch_orders(USDM),
         lambda r: [o["clientOrderId"] for o in r] == ["filled", "resting"]),
    Case("my trades", "GET /fapi/v1/userTrades", lambda x: x.fetch_my_trades(USDM),
         lambda r: sum(t["amount"] for t in r) == pytest.approx(0.1)
         and all(t["fee"]["currency"] == "USDT" for t in r)),
    Case("edit", "PUT /fapi/v1/order",
         _edit, lambda r: r[0]["id"] == r[1]["id"] and r[1]["price"] == 49_000),
    Case("cancel", "DELETE /fapi/v1/order",
         lambda x: x.cancel_order(None, USDM, {"clientOrderId": "resting"}),
         lambda r: r["status"] == "canceled"),
    Case("cancel all", "DELETE /fapi/v1/allOpenOrders", lambda x: _cancel_all(x, {}),
         lambda r: r == ([], ["stop"])),
    Case("open stops", "GET /fapi/v1/openAlgoOrders",
         lambda x: x.fetch_open_orders(USDM, params=ALGO),
         lambda r: [o["clientOrderId"] for o in r] == ["stop"]),
    Case("stop by client id", "GET /fapi/v1/algoOrder",
         lambda x: x.fetch_order(None, USDM, {**ALGO, "clientAlgoId": "stop"}),
         lambda r: r["status"] == "open" and r["triggerPrice"] == 59_500),
    Case("all stops", "GET /fapi/v1/allAlgoOrders",
         lambda x: x.fetch_orders(USDM, params=ALGO),
         lambda r: [o["clientOrderId"] for o in r] == ["stop"]),
    Case("cancel a stop", "DELETE /fapi/v1/algoOrder",
         lambda x: x.cancel_order(None, USDM, {**ALGO, "clientAlgoId": "stop"}),
         lambda r: r["info"]["msg"] == "success"),
    Case("cancel all stops", "DELETE /fapi/v1/algoOpenOrders", lambda x: _cancel_all(x, ALGO),
         lambda r: r == (["resting"], [])),
    Case("positions", "GET /fapi/v3/positionRisk", lambda x: x.fetch_positions([USDM]), _is(0.1)),
    Case("positions, version 2", "GET /fapi/v2/positionRisk",
         lambda x: x.fetch_positions([USDM], {"useV2": True}),
         lambda r: [(p["leverage"], p["marginMode"]) for p in r] == [(10, "isolated")]),
    Case("leverages", "GET /fapi/v1/symbolConfig", lambda x: x.fetch_leverages([USDM]),
         lambda r: r[USDM]["longLeverage"] == 10 and r[USDM]["marginMode"] == "isolated"),
    Case("leverage tiers", "GET /fapi/v1/leverageBracket",
         lambda x: x.fetch_leverage_tiers([USDM]),
         lambda r: [(t["maxLeverage"], t["maxNotional"]) for t in r[USDM]]
         == [(125, 50_000), (20, 1_000_000)]),
    Case("position mode", "GET /fapi/v1/positionSide/dual", lambda x: x.fetch_position_mode(USDM),
         lambda r: r["hedged"] is False),
    Case("trading fee", "GET /fapi/v1/commissionRate", lambda x: x.fetch_trading_fee(USDM),
         lambda r: (r["taker"], r["maker"]) == (0.0005, 0.0002)),
    Case("income", "GET /fapi/v1/income", lambda x: x.fetch_ledger("USDT"),
         lambda r: any(row["info"]["incomeType"] == "COMMISSION" for row in r)),
    Case("more margin", "POST /fapi/v1/positionMargin", lambda x: x.add_margin(USDM, 50),
         lambda r: r["amount"] == 50),
    Case("less margin", "POST /fapi/v1/positionMargin", _more_then_less,
         lambda r: r["amount"] == 10),
    Case("test order", "POST /fapi/v1/order/test",
         lambda x: x.fapiprivate_post_order_test(
             {"symbol": "BTCUSDT", "side": "BUY", "type": "MARKET", "quantity": "0.01"}
         ), lambda r: r == {}),
    Case("set leverage", "POST /fapi/v1/leverage", lambda x: x.set_leverage(20, USDM),
         lambda r: r["leverage"] == 20 and float(r["maxNotionalValue"]) == 1_000_000),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_account_call(sandbox: RunningSandbox, case: Case) -> None:
    async def act(exchange: Any) -> Any:
        await exchange.set_leverage(10, USDM)
        await exchange.create_order(USDM, "market", "buy", 0.1, None, {"clientOrderId": "filled"})
        await exchange.create_order(
            USDM, "limit", "buy", 0.01, 50_000, {"clientOrderId": "resting"}
        )
        await exchange.create_order(
            USDM, "market", "sell", 0.1, None,
            {"stopLossPrice": 59_500, "reduceOnly": True, "clientOrderId": "stop"},
        )  # fmt: skip
        before = seen(sandbox).get(case.request, 0)
        answer = await case.act(exchange)
        assert seen(sandbox).get(case.request, 0) > before
        return answer

    answer = run(sandbox, act, "swap")
    assert case.holds(answer), answer


def test_a_batch_leaves_holes_where_orders_were_refused(sandbox: RunningSandbox) -> None:
    good = {"symbol": USDM, "type": "limit", "side": "buy", "amount": 0.01, "price": 50_000}
    orders = [good, {**good, "amount": 0.001}, {**good, "side": "sell", "price": 70_000}]
    answer = run(sandbox, lambda x: x.create_orders(orders), "swap")
    assert sorted(str(order["status"]) for order in answer) == ["open", "open", "rejected"]
    (hole,) = (order["info"] for order in answer if order["status"] == "rejected")
    assert hole["code"] == -4164


def test_a_batch_of_cancels_too(sandbox: RunningSandbox) -> None:
    async def act(exchange: Any) -> Any:
        order = await exchange.create_order(USDM, "limit", "buy", 0.01, 50_000)
        answer = await exchange.cancel_orders([order["id"], "77"], USDM)
        return answer, json.loads(exchange.last_http_response)

    answer, raw = run(sandbox, act, "swap")
    assert [row.get("status", row.get("code")) for row in raw] == ["CANCELED", -2011]
    # ccxt drops the hole: which order it was can only be told from the raw answer.
    assert [order["status"] for order in answer] == ["canceled"]


def test_a_batch_takes_no_conditional_order(sandbox: RunningSandbox) -> None:
    async def act(exchange: Any) -> None:
        with pytest.raises(NotSupported):
            await exchange.create_orders(
                [{"symbol": USDM, "type": "market", "side": "sell", "amount": 0.01,
                  "params": {"stopLossPrice": 59_000}}]
            )  # fmt: skip

    run(sandbox, act, "swap")


@pytest.mark.parametrize(
    ("first", "again", "error"),
    [
        (None, lambda x: x.set_margin_mode("isolated", USDM), MarginModeAlreadySet),
        (None, lambda x: x.set_position_mode(False, USDM), OperationRejected),
        (None, lambda x: x.cancel_order("77", USDM, ALGO), OrderNotFound),
        (None, lambda x: x.fetch_order("77", USDM, ALGO), OrderNotFound),
        (None, lambda x: x.fetch_order("77", USDM), OrderNotFound),
        (None, lambda x: x.fetch_open_orders(), ArgumentsRequired),
    ],
)
def test_what_cannot_be_done_again(
    sandbox: RunningSandbox, first: Any, again: Callable[[Any], Any], error: type[Exception]
) -> None:
    async def act(exchange: Any) -> None:
        # ccxt's name for "warned": it raises an ExchangeError of its own without a symbol.
        expected = Exception if error is ArgumentsRequired else error
        with pytest.raises(expected):
            await again(exchange)

    run(sandbox, act, "swap")


def test_a_stop_closes_the_position_through_a_child_order(sandbox: RunningSandbox) -> None:
    async def act(exchange: Any) -> Any:
        await exchange.create_order(USDM, "market", "buy", 0.1)
        stop = await exchange.create_order(
            USDM, "market", "sell", 0.1, None,
            {"stopLossPrice": 59_500, "reduceOnly": True, "clientOrderId": "stop"},
        )  # fmt: skip
        sandbox.step(5 * MINUTE)
        after = await exchange.fetch_order(stop["id"], USDM, ALGO)
        child = await exchange.fetch_order(after["info"]["actualOrderId"], USDM)
        income = await exchange.fapiprivate_get_income({"incomeType": "REALIZED_PNL"})
        return after, child, await exchange.fetch_positions([USDM]), income

    after, child, positions, income = run(sandbox, act, "swap")
    assert after["info"]["algoStatus"] == "FINISHED"
    assert (child["status"], child["filled"], child["reduceOnly"]) == ("closed", 0.1, True)
    assert child["info"]["origType"] == "STOP_MARKET"
    assert positions == []
    assert float(income[0]["income"]) == pytest.approx(-50, rel=0.1)


def test_funding_is_paid_at_its_stamp(sandbox: RunningSandbox) -> None:
    async def act(exchange: Any) -> Any:
        sandbox.step(60 * MINUTE)
        await exchange.create_order(USDM, "market", "buy", 0.1)
        return await exchange.fetch_funding_history(USDM), await exchange.fetch_funding_rate(USDM)

    paid, rate = run(sandbox, act, "swap")
    assert paid == []
    assert rate["fundingRate"] == 0.0001
