"""What unmodified ccxt makes of the sandbox's refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from ccxt.base.errors import (
    AuthenticationError,
    BadRequest,
    DDoSProtection,
    ExchangeError,
    ExchangeNotAvailable,
    InsufficientFunds,
    InvalidNonce,
    InvalidOrder,
    OnMaintenance,
    OperationFailed,
    OrderImmediatelyFillable,
    OrderNotFound,
    RateLimitExceeded,
    RequestTimeout,
)
from sandbox_ccxt import KEY, SPOT, USDM, build_market, run

from tradepulse.sandbox.server import RateLimits, RunningSandbox, Settings, run_in_thread


class Case(NamedTuple):
    """A call that is refused: what ccxt raises, and a part of the venue's own words."""

    name: str
    kind: str
    act: Callable[[Any], Any]
    error: type[Exception]
    words: str


def _limit(pair: str, side: str, amount: float, price: float, **params: Any) -> Any:
    return lambda x: x.create_order(pair, "limit", side, amount, price, params)


def _market(pair: str, side: str, amount: float, **params: Any) -> Any:
    return lambda x: x.create_order(pair, "market", side, amount, None, params)


def _raw_spot(**params: Any) -> Any:
    whole = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
             "quantity": "0.01", "price": "50000", **params}  # fmt: skip
    return lambda x: x.private_post_order({k: v for k, v in whole.items() if v is not None})


def _twice(pair: str) -> Any:
    async def act(exchange: Any) -> None:
        for _ in range(2):
            await _limit(pair, "buy", 0.01, 50_000, clientOrderId="same")(exchange)

    return act


async def _unlevered(exchange: Any, amount: float) -> None:
    await exchange.set_leverage(1, USDM)
    await _market(USDM, "buy", amount)(exchange)


REFUSALS = (
    Case("money", "spot", _market(SPOT, "buy", 2), InsufficientFunds, "insufficient balance"),
    Case("money to sell", "spot", _limit(SPOT, "sell", 5, 61_000), InsufficientFunds,
         "insufficient balance"),
    Case("post only", "spot", _limit(SPOT, "buy", 0.01, 61_000, postOnly=True),
         OrderImmediatelyFillable, "would immediately match"),
    Case("stop passed", "spot", _limit(SPOT, "sell", 0.01, 60_500, stopLossPrice=61_000),
         OrderImmediatelyFillable, "would trigger immediately"),
    Case("same id", "spot", _twice(SPOT), InvalidOrder, "Duplicate order sent"),
    Case("too small", "spot", _limit(SPOT, "buy", 0.00005, 50_000), BadRequest, "NOTIONAL"),
    Case("lot", "spot", _raw_spot(quantity="0.0100001"), InvalidOrder, "LOT_SIZE"),
    Case("tick", "spot", _raw_spot(price="50000.001"), InvalidOrder, "PRICE_FILTER"),
    Case("far price", "spot", _raw_spot(price="400000"), InvalidOrder, "PERCENT_PRICE_BY_SIDE"),
    Case("market lot", "spot", _market(SPOT, "buy", 200), InvalidOrder, "MARKET_LOT_SIZE"),
    Case("unknown parameter", "spot", _limit(SPOT, "buy", 0.01, 50_000, stopLoss={"price": 1}),
         BadRequest, "-1104"),
    Case("missing parameter", "spot", _raw_spot(price=None), BadRequest, "-1102"),
    Case("no number", "spot", _raw_spot(price="1e5"), BadRequest, "-1100"),
    Case("no such side", "spot", _raw_spot(side="HOLD"), BadRequest, "-1117"),
    Case("no such type", "spot", _raw_spot(type="ICEBERG"), BadRequest, "-1116"),
    Case("cancelled already", "spot", lambda x: x.cancel_order("1", SPOT), OrderNotFound, "-2011"),
    Case("never placed", "spot", lambda x: x.fetch_order("1", SPOT), OrderNotFound, "-2013"),
    Case("money", "swap", lambda x: _unlevered(x, 5), InsufficientFunds, "-2019"),
    Case("stop passed", "swap", _market(USDM, "sell", 0.01, stopLossPrice=61_000),
         OrderImmediatelyFillable, "-2021"),
    Case("nothing to reduce", "swap", _market(USDM, "sell", 0.01, reduceOnly=True), InvalidOrder,
         "-2022"),
    Case("too small", "swap", _limit(USDM, "buy", 0.001, 50_000), InvalidOrder, "-4164"),
    Case("same id", "swap", _twice(USDM), InvalidOrder, "-4116"),
    Case("leverage", "swap", lambda x: x.fapiprivate_post_leverage(
         {"symbol": "BTCUSDT", "leverage": 126}), ExchangeError, "-4028"),
    Case("plain stop", "swap", lambda x: x.fapiprivate_post_order(
         {"symbol": "BTCUSDT", "side": "SELL", "type": "STOP_MARKET", "quantity": "0.01",
          "stopPrice": "59000"}), InvalidOrder, "-4120"),
)  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: f"{case.kind} {case.name}")
def test_a_refusal_is_raised_as_ccxt_names_it(sandbox: RunningSandbox, case: Case) -> None:
    async def act(exchange: Any) -> None:
        with pytest.raises(case.error) as refusal:
            await case.act(exchange)
        assert case.words in str(refusal.value), refusal.value

    run(sandbox, act, case.kind)


# --- keys and clocks ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("key", "secret", "words"),
    [(KEY, "wrong", "-1022"), ("nobody", "wrong", "-2015"), ("", "", "apiKey")],
)
def test_a_wrong_key_opens_nothing(
    sandbox: RunningSandbox, key: str, secret: str, words: str
) -> None:
    async def act(exchange: Any) -> None:
        with pytest.raises(AuthenticationError, match=words):
            await exchange.fetch_balance()

    run(sandbox, act, key=key, secret=secret)


@pytest.mark.parametrize("skew_ms", [60_000, -60_000])
def test_a_clock_off_by_a_minute_is_refused_until_it_is_set(
    sandbox: RunningSandbox, skew_ms: int
) -> None:
    sandbox.fault("clock_skew", ms=skew_ms)

    async def act(exchange: Any) -> Any:
        with pytest.raises(InvalidNonce, match="-1021"):
            await exchange.fetch_balance()
        await exchange.load_time_difference()
        return await exchange.fetch_balance()

    assert run(sandbox, act)["USDT"]["total"] == 100_000


def test_a_key_that_may_withdraw_says_so(sandbox: RunningSandbox) -> None:
    sandbox.open_account("rich", "secret", can_withdraw=True)
    rights = run(
        sandbox, lambda x: x.sapi_get_account_apirestrictions(), key="rich", secret="secret"
    )
    assert rights["enableWithdrawals"] is True


# --- the venue's own trouble ----------------------------------------------------------------------
class Trouble(NamedTuple):
    """A fault on the next order: what ccxt raises, and whether the order is there afterwards."""

    name: str
    fault: dict[str, Any]
    error: type[Exception]
    applied: bool


TROUBLES = (
    Trouble("banned", {"kind": "status_418"}, DDoSProtection, False),
    Trouble("too many", {"kind": "status_429"}, DDoSProtection, False),
    Trouble("too many, by code", {"kind": "status_5xx", "status": 400, "code": -1003},
            RateLimitExceeded, False),
    Trouble("502 without words", {"kind": "status_5xx", "status": 502}, ExchangeNotAvailable,
            False),
    Trouble("502 after the fact", {"kind": "status_5xx", "status": 502, "apply": True},
            ExchangeNotAvailable, True),
    Trouble("unknown error", {"kind": "status_5xx", "code": -1000}, OperationFailed, False),
    Trouble("unknown error after the fact",
            {"kind": "status_5xx", "code": -1000, "apply": True}, OperationFailed, True),
    Trouble("message bus", {"kind": "status_5xx", "code": -1006, "apply": True},
            OperationFailed, True),
    Trouble("backend timeout", {"kind": "status_5xx", "status": 408, "code": -1007},
            RequestTimeout, False),
    Trouble("overloaded", {"kind": "status_5xx", "code": -1008}, ExchangeError, False),
    Trouble("connection lost before", {"kind": "drop"}, ExchangeNotAvailable, False),
    Trouble("connection lost after", {"kind": "apply_then_drop"}, ExchangeNotAvailable, True),
    Trouble("maintenance", {"kind": "maintenance"}, OnMaintenance, False),
    Trouble("no answer in time", {"kind": "delay", "ms": 1500, "apply": True}, RequestTimeout,
            True),
)  # fmt: skip


@pytest.mark.parametrize("case", TROUBLES, ids=lambda case: case.name)
def test_trouble_leaves_the_order_placed_or_not(sandbox: RunningSandbox, case: Trouble) -> None:
    sandbox.fault(**{"on": "POST /api/v3/order", **case.fault})

    async def act(exchange: Any) -> Any:
        exchange.timeout = 500
        with pytest.raises(case.error):
            await _limit(SPOT, "buy", 0.01, 50_000, clientOrderId="mine")(exchange)
        sandbox.clear_faults()
        exchange.timeout = 5000
        return await exchange.fetch_open_orders(SPOT)

    found = [order["clientOrderId"] for order in run(sandbox, act)]
    assert found == (["mine"] if case.applied else [])


def test_a_late_order_is_refused_as_too_old(sandbox: RunningSandbox) -> None:
    sandbox.fault("delay", "POST /api/v3/order", ms=400)

    async def act(exchange: Any) -> Any:
        with pytest.raises(InvalidNonce, match="outside of the recvWindow"):
            await _limit(SPOT, "buy", 0.01, 50_000, recvWindow=100)(exchange)
        return await exchange.fetch_open_orders(SPOT)

    assert run(sandbox, act) == []


def test_half_an_answer_is_no_error_to_ccxt(sandbox: RunningSandbox) -> None:
    sandbox.fault("malformed", "POST /api/v3/order")

    async def act(exchange: Any) -> Any:
        order = await _limit(SPOT, "buy", 0.01, 50_000)(exchange)
        return order, await exchange.fetch_open_orders(SPOT)

    order, resting = run(sandbox, act)
    assert order["id"] is None
    assert len(resting) == 1


def test_a_fresh_order_may_not_be_found_yet(sandbox: RunningSandbox) -> None:
    sandbox.fault("lag_2013", ms=300)

    async def act(exchange: Any) -> Any:
        order = await _limit(SPOT, "buy", 0.01, 50_000)(exchange)
        with pytest.raises(OrderNotFound, match="-2013"):
            await exchange.fetch_order(order["id"], SPOT)
        with pytest.raises(OrderNotFound, match="-2013"):
            await exchange.fetch_order(None, SPOT, {"clientOrderId": order["clientOrderId"]})
        await exchange.sleep(350)
        return await exchange.fetch_order(order["id"], SPOT)

    assert run(sandbox, act)["status"] == "open"


def test_who_asks_too_much_is_told_by_headers_then_refused_then_banned() -> None:
    settings = Settings(limits=RateLimits(spot_weight=200, strikes=2))
    with run_in_thread(build_market(), settings=settings) as sandbox:

        async def act(exchange: Any) -> Any:
            errors = []
            for _ in range(60):
                try:
                    await exchange.fetch_order_book(SPOT, 100)
                except DDoSProtection as error:
                    errors.append(str(error))
                    retry = exchange.last_response_headers["Retry-After"]
                    assert 1 <= int(retry) <= 120
                else:
                    used = int(exchange.last_response_headers["X-MBX-USED-WEIGHT-1M"])
                    assert used <= 200
            return errors

        errors = run(sandbox, act)
        assert sandbox.state()["rate_refusals"] == len(errors) > 3
    assert " 429 " in errors[0]
    assert " 418 " in errors[-1]


def test_too_many_orders_are_refused_per_account() -> None:
    settings = Settings(limits=RateLimits(spot_orders_10s=3))
    with run_in_thread(build_market(), settings=settings) as sandbox:
        sandbox.open_account(KEY, "the-secret", {"USDT": 100_000})

        async def many(exchange: Any) -> None:
            for _ in range(9):
                await _limit(SPOT, "buy", 0.01, 50_000)(exchange)

        async def act(exchange: Any) -> None:
            with pytest.raises(DDoSProtection, match="-1015"):
                await many(exchange)

        run(sandbox, act)
        assert 3 <= len(sandbox.state()["accounts"][KEY]["orders"]["spot"]) <= 6


def test_a_halted_symbol_takes_no_order_until_it_trades_again(sandbox: RunningSandbox) -> None:
    fault = sandbox.fault("halt", "spot:*", symbol="BTCUSDT")

    async def act(exchange: Any) -> Any:
        await exchange.load_markets(True)
        active = exchange.markets[SPOT]["active"]
        with pytest.raises(ExchangeError):
            await _limit(SPOT, "buy", 0.01, 50_000)(exchange)
        sandbox.clear_faults(fault)
        return active, await _limit(SPOT, "buy", 0.01, 50_000)(exchange)

    active, order = run(sandbox, act)
    assert active is False
    assert order["status"] == "open"


def test_filters_may_change_while_the_market_runs(sandbox: RunningSandbox) -> None:
    fault = sandbox.fault("filter_change", symbol="BTCUSDT", filters={"min_notional": "1000"})

    async def act(exchange: Any) -> Any:
        with pytest.raises(BadRequest, match="NOTIONAL"):
            await _limit(SPOT, "buy", 0.01, 50_000)(exchange)
        await exchange.load_markets(True)
        smallest = exchange.markets[SPOT]["limits"]["cost"]["min"]
        sandbox.clear_faults(fault)
        return smallest, await _limit(SPOT, "buy", 0.01, 50_000)(exchange)

    smallest, order = run(sandbox, act)
    assert smallest == 1000
    assert order["status"] == "open"
