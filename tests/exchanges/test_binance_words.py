"""Binance's forms and frames: what is sent, what is read, through a client whose answers are given.

The frames are those of its documentation; the sandbox cannot send what it has no word for.
"""

from __future__ import annotations

import asyncio
import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.instrument import Instrument, Market, Pair
from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.exchanges.binance.account import clamp_to_percent_price
from tradepulse.exchanges.binance.contracts import ContractAccount
from tradepulse.exchanges.binance.spot import SpotAccount
from tradepulse.exchanges.binance.wire import Fees, text
from tradepulse.exchanges.ccxt_venue import VenueSettings
from tradepulse.exchanges.ccxt_venue.account_look import AccountLook
from tradepulse.exchanges.ccxt_venue.listening import Listening
from tradepulse.exchanges.ccxt_venue.reporter import Reporter
from tradepulse.exchanges.dialect import (
    FillHeard,
    FundingHeard,
    Malformed,
    OrderHeard,
    SessionEnded,
)
from tradepulse.execution.orders import Kind, Order, Role
from tradepulse.execution.venue import Ended, Filled, VenueReport

NOW = 1_750_000_000_000
DAY = 86_400_000
SPOT, PERP = "BTC/USDT", "BTC/USDT:USDT"
FILTERS = [
    {"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": "1.2", "bidMultiplierDown": "0.8",
     "askMultiplierUp": "1.2", "askMultiplierDown": "0.8", "avgPriceMins": 5}
]  # fmt: skip


class Client:
    """Answers every raw request by `answers[method name]`, and keeps the forms."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.asked = answers, []
        self.clients: dict[str, Any] = {}
        self.options: dict[str, Any] = {}

    def market(self, pair: str) -> dict[str, Any]:
        return {"id": "BTCUSDT", "quote": "USDT", "info": {"filters": FILTERS}}

    def safe_symbol(self, symbol: str, _: Any, __: Any, kind: str) -> str:
        return SPOT if kind == "spot" else PERP

    def __getattr__(self, name: str) -> Any:
        async def ask(form: dict[str, Any] | None = None) -> Any:
            self.asked.append((name, form))
            answer = self.answers[name]
            return answer(form) if callable(answer) else answer

        return ask


def account(kind: type, **answers: Any) -> Any:
    return kind(Client(**answers), VenueSettings(), lambda _: math.nan, lambda: NOW)


def terms(pair: str) -> MarketTerms:
    tick, lot = Decimal("0.1"), Decimal("0.001")
    return MarketTerms(Instrument("binance", Pair.parse(pair), tick, lot), "BTCUSDT")


def order(role: Role, kind: Kind, pair: str, price: float | None = None, side: int = -1) -> Order:
    return Order("1" * 32, "tp" + "1" * 32, "a", pair, role, kind, side, 0.0129, price,
                 1.0, OrderState.INTENDED, NOW, NOW)  # fmt: skip


# --- forms ----------------------------------------------------------------------------------------
STOP, MARKET, LIMIT = Kind.STOP_MARKET, Kind.MARKET, Kind.LIMIT
FORMS: list[tuple[str, type, str, Order, str, dict[str, str]]] = [
    ("spot market", SpotAccount, "private_post_order", order(Role.ENTRY, MARKET, SPOT, side=1), "",
     {"type": "MARKET", "side": "BUY", "quantity": "0.012", "newOrderRespType": "FULL"}),
    ("spot stop", SpotAccount, "private_post_order", order(Role.STOP, STOP, SPOT, 59_000.16), "",
     {"type": "STOP_LOSS_LIMIT", "side": "SELL", "quantity": "0.012", "stopPrice": "59000.1",
      "price": "58410", "timeInForce": "GTC"}),
    ("spot target", SpotAccount, "private_post_order",
     order(Role.TARGET, LIMIT, SPOT, 61_000.01), "",
     {"type": "LIMIT", "price": "61000.1", "timeInForce": "GTC"}),
    ("contract exit", ContractAccount, "fapiprivate_post_order", order(Role.EXIT, MARKET, PERP), "",
     {"type": "MARKET", "reduceOnly": "true", "quantity": "0.012", "newOrderRespType": "RESULT"}),
    ("contract stop", ContractAccount, "fapiprivate_post_algoorder",
     order(Role.STOP, STOP, PERP, 59_000.16), "algo",
     {"algoType": "CONDITIONAL", "type": "STOP_MARKET", "triggerPrice": "59000.1",
      "reduceOnly": "true", "workingType": "CONTRACT_PRICE", "clientAlgoId": "tp" + "1" * 32}),
    ("short's stop", ContractAccount, "fapiprivate_post_algoorder",
     order(Role.STOP, STOP, PERP, 61_000.01, side=1), "algo",
     {"side": "BUY", "triggerPrice": "61000.1"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "route", "placed", "algo", "wanted"), [f[1:] for f in FORMS],
                         ids=[f[0] for f in FORMS])  # fmt: skip
def test_only_exact_ticks_and_lots_go_out(
    kind: type, route: str, placed: Order, algo: str, wanted: dict[str, str]
) -> None:
    plain = {"orderId": 7, "clientOrderId": placed.client_order_id, "status": "NEW",
             "side": "SELL", "origQty": "0.012", "executedQty": "0"}  # fmt: skip
    conditional = {"algoId": 7, "clientAlgoId": placed.client_order_id, "algoStatus": "NEW",
                   "side": "SELL", "quantity": "0.012", "triggerPrice": "1"}  # fmt: skip
    made = account(kind, **{route: conditional if algo else plain})
    landed = asyncio.run(made.place(placed, terms(placed.pair), math.nan))
    ((name, form),) = made._client.asked
    assert name == route
    assert wanted.items() <= form.items()
    assert all(isinstance(value, str) for value in form.values())
    if not algo:
        assert form["newClientOrderId"] == placed.client_order_id
    assert landed.order.client_order_id == placed.client_order_id
    assert landed.order.state is OrderState.OPEN


@pytest.mark.parametrize("kind", [SpotAccount, ContractAccount])
@pytest.mark.parametrize("answer", [{}, "<html>", b"", None, [], {"orderId": None}])
def test_trap_a_200_that_is_no_order_is_malformed(kind: type, answer: Any) -> None:
    route = "private_post_order" if kind is SpotAccount else "fapiprivate_post_order"
    pair = SPOT if kind is SpotAccount else PERP
    made = account(kind, **{route: answer})
    with pytest.raises(Malformed):
        asyncio.run(made.place(order(Role.EXIT, MARKET, pair), terms(pair), math.nan))


@pytest.mark.parametrize(
    ("side", "price", "trigger", "last", "expected"),
    [
        (-1, 58_410.0, 59_000.0, 60_000.0, 58_410.0),  # inside: as it is
        (-1, 40_000.0, 59_000.0, 60_000.0, 48_480.0),  # too deep: pulled up, 1 % to spare
        (-1, 40_000.0, 45_000.0, 60_000.0, 45_000.0),  # never past its own trigger
        (1, 80_000.0, 61_000.0, 60_000.0, 71_280.0),
        (-1, 40_000.0, 59_000.0, math.nan, 40_000.0),
    ],
)
def test_trap_a_stops_limit_stays_inside_percent_price(
    side: int, price: float, trigger: float, last: float, expected: float
) -> None:
    found = clamp_to_percent_price(price, trigger, side, last, FILTERS)
    assert found == pytest.approx(expected)
    assert clamp_to_percent_price(price, trigger, side, last, []) == price


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(1e-05, "0.00001"), (50_000.0, "50000"), (0.1 + 0.2 - 0.3 + 1e-3, "0.00100000000000005551"),
     (123456.7, "123456.7"), (0.0, "0")],
)  # fmt: skip
def test_numbers_go_out_without_an_exponent(value: float, wanted: str) -> None:
    assert text(value)[:20] == wanted[:20]


@pytest.mark.parametrize(
    ("currency", "quote_worth"), [("USDT", 2.0), ("BTC", 20_000.0), ("BNB", 1_200.0)]
)
def test_a_fee_in_quote_units(currency: str, quote_worth: float) -> None:
    fees = Fees(lambda pair: 600.0 if pair == "BNB/USDT" else math.nan)
    assert fees.quote(2.0, currency, "BTC", "USDT", 10_000.0) == quote_worth
    assert math.isnan(fees.quote(2.0, "XYZ", "BTC", "USDT", 10_000.0))
    assert fees.quote(0.0, "XYZ", "BTC", "USDT", 10_000.0) == 0.0


# --- frames ---------------------------------------------------------------------------------------
def report(**more: Any) -> dict[str, Any]:
    plain = {
        "e": "executionReport", "E": NOW, "s": "BTCUSDT", "c": "tpx", "S": "BUY", "o": "MARKET",
        "q": "2.0", "p": "0", "P": "0", "g": -1, "C": "", "x": "NEW", "X": "NEW", "r": "NONE",
        "i": 7, "l": "0", "z": "0", "L": "0", "n": "0", "N": None, "T": NOW, "t": -1, "m": False,
    }  # fmt: skip
    return {"subscriptionId": 0, "event": {**plain, **more}}


def trade_update(kind: str = "TRADE", **more: Any) -> dict[str, Any]:
    plain = {
        "s": "BTCUSDT", "c": "tpx", "S": "SELL", "o": "MARKET", "q": "2", "p": "0", "ap": "9",
        "sp": "0", "x": kind, "X": "FILLED", "i": 70, "l": "2", "z": "2", "L": "9", "n": "0.1",
        "N": "USDT", "T": NOW, "t": 5, "m": False, "R": True, "ps": "BOTH",
    }  # fmt: skip
    return {"e": "ORDER_TRADE_UPDATE", "E": NOW, "T": NOW, "o": {**plain, **more}}


def algo_update(status: str, **more: Any) -> dict[str, Any]:
    plain = {
        "caid": "tpstop", "aid": 3, "at": "CONDITIONAL", "o": "STOP_MARKET", "s": "BTCUSDT",
        "S": "SELL", "ps": "BOTH", "q": "2", "X": status, "ai": "", "ap": "0", "aq": "0",
        "tp": "8", "p": "0", "R": True,
    }  # fmt: skip
    return {"e": "ALGO_UPDATE", "T": NOW, "E": NOW, "o": {**plain, **more}}


def test_trap_a_cancels_own_id_is_not_the_orders() -> None:
    (heard,) = account(SpotAccount).read(
        report(x="CANCELED", X="CANCELED", c="cancel-id", C="tpx", z="0.5")
    )
    assert isinstance(heard, OrderHeard)
    assert (heard.order.client_order_id, heard.order.state, heard.order.filled) == (
        "tpx", OrderState.CANCELLED, 0.5,
    )  # fmt: skip


def test_a_trade_is_a_fill_and_then_the_order() -> None:
    fill, after = account(SpotAccount).read(
        report(x="TRADE", X="PARTIALLY_FILLED", l="0.5", z="0.5", L="100", n="0.0005", N="BTC",
               t=11, m=True)
    )  # fmt: skip
    assert isinstance(fill, FillHeard)
    assert fill.fill[:7] == ("11", "tpx", "7", SPOT, 1, 0.5, 100.0)
    assert (fill.fill.fee_quote, fill.fill.liquidity, fill.owed) == (0.05, "maker", 0.5)
    assert after.order.state is OrderState.PARTIALLY_FILLED


@pytest.mark.parametrize("word", ["EXPIRED_IN_MATCH", "SOMETHING_NEW", "PENDING_NEW"])
def test_trap_unknown_words_are_never_guessed(word: str) -> None:
    (heard,) = account(SpotAccount).read(report(X=word))
    known = {"EXPIRED_IN_MATCH": OrderState.EXPIRED, "PENDING_NEW": OrderState.OPEN}
    assert heard.order.state is known.get(word, OrderState.UNKNOWN)


@pytest.mark.parametrize(
    ("kind", "message"),
    [(SpotAccount, {"event": {"e": "eventStreamTerminated", "E": 1}}),
     (ContractAccount, {"e": "listenKeyExpired", "E": 1, "listenKey": "x"})],
)  # fmt: skip
def test_trap_the_end_of_a_session_is_heard(kind: type, message: Any) -> None:
    (heard,) = account(kind).read(message)
    assert isinstance(heard, SessionEnded)


@pytest.mark.parametrize("kind", [SpotAccount, ContractAccount])
@pytest.mark.parametrize(
    "frame",
    [{"id": 1, "result": None}, [], "text", None, {"e": "listStatus"}, {"e": "TRADE_LITE"},
     {"e": "MARGIN_CALL"}, {"event": {"e": "balanceUpdate"}}, {"stream": "x", "data": [1]},
     {"e": "ACCOUNT_UPDATE", "T": 1, "a": {"m": "ORDER", "B": [], "P": []}}],
)  # fmt: skip
def test_other_frames_say_nothing_of_orders(kind: type, frame: Any) -> None:
    assert list(account(kind).read(frame)) == []


def test_trap_a_triggered_stop_is_still_open() -> None:
    made = account(ContractAccount)
    (heard,) = made.read(algo_update("TRIGGERED", ai="70"))
    assert heard.order.state is OrderState.OPEN
    assert made.owner_of("70") == "tpstop"
    (done,) = made.read(algo_update("FINISHED", ai="70", aq="2"))
    assert done.order.state is OrderState.FILLED
    (half,) = made.read(algo_update("FINISHED", ai="70", aq="1"))
    assert half.order.state is OrderState.UNKNOWN


@pytest.mark.parametrize("own", ["autoclose-123", "adl_autoclose", "settlement_autoclose-1"])
def test_the_venues_own_orders_are_forced(own: str) -> None:
    (heard,) = account(ContractAccount).read(trade_update(c=own))
    assert isinstance(heard, FillHeard)
    assert heard.forced
    (calculated,) = account(ContractAccount).read(trade_update("CALCULATED"))
    assert calculated.forced


def test_funding_comes_by_the_account_update() -> None:
    message = {"e": "ACCOUNT_UPDATE", "E": NOW, "T": NOW, "a": {
        "m": "FUNDING_FEE", "B": [{"a": "USDT", "wb": "9", "cw": "9", "bc": "-0.25"}],
        "P": [{"s": "BTCUSDT", "pa": "1"}]}}  # fmt: skip
    assert account(ContractAccount).read(message) == [FundingHeard(PERP, -0.25, NOW)]
    message["a"]["P"] = []  # type: ignore[index]
    assert account(ContractAccount).read(message) == [FundingHeard(None, -0.25, NOW)]


class Heard:
    """A `Listening` on contracts with its reports."""

    def __init__(self, **answers: Any) -> None:
        self.account = account(ContractAccount, **answers)
        self.told: list[VenueReport] = []
        settings = VenueSettings(orphan_ms=50)
        self.by = Listening(
            self.account, Reporter(self.told.append, lambda: NOW),
            AccountLook(self.account, Market.PERPETUAL, lambda: NOW), settings, lambda _: None,
            lambda *_: None, lambda: True,
        )  # fmt: skip

    def fills(self) -> list[tuple[str, str | None]]:
        return [(r.fill.trade_id, r.fill.client_order_id) for r in self.told
                if isinstance(r, Filled)]  # fmt: skip


def test_trap_a_childs_fill_may_come_before_its_stop_triggers() -> None:
    async def scene() -> None:
        heard = Heard()
        heard.by.hear(algo_update("NEW"))
        heard.by.hear(trade_update(c="by-the-venue", X="PARTIALLY_FILLED"))
        assert heard.fills() == []
        heard.by.hear(algo_update("TRIGGERED", ai="70"))
        assert heard.fills() == [("5", "tpstop")]
        heard.by.hear(trade_update("CANCELED", c="by-the-venue", X="CANCELED"))
        assert isinstance(heard.told[-1], Ended)
        await heard.by.stop()

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("listed", "owner"),
    [([{"actualOrderId": "70", "clientAlgoId": "tpstop"}], "tpstop"), ([], None)],
)
def test_a_child_without_a_parent_is_asked_about(listed: list[Any], owner: str | None) -> None:
    async def scene() -> None:
        heard = Heard(fapiprivate_get_allalgoorders=listed)
        heard.by.hear(trade_update(c="by-hand"))
        await asyncio.sleep(0.15)
        assert heard.fills() == [("5", owner)]
        await heard.by.stop()

    asyncio.run(scene())


# --- history --------------------------------------------------------------------------------------
def history(times: list[int]) -> list[dict[str, Any]]:
    return [
        {"id": n, "orderId": n // 3, "price": "9", "qty": "1", "commission": "0",
         "commissionAsset": "USDT", "time": time, "isBuyer": True, "isMaker": False}
        for n, time in enumerate(times)
    ]  # fmt: skip


class Trades:
    """`myTrades` and `userTrades` as Binance pages them, with pages of `limit` at most."""

    def __init__(self, rows: list[dict[str, Any]], most: int, *, recent_ms: int | None) -> None:
        self.rows, self.most, self.recent_ms = rows, most, recent_ms

    def __call__(self, form: dict[str, Any]) -> list[dict[str, Any]]:
        limit = min(self.most, form["limit"])
        if "orderId" in form:
            return [r for r in self.rows if str(r["orderId"]) == form["orderId"]][:limit]
        if "fromId" in form:
            assert "startTime" not in form
            return [r for r in self.rows if r["id"] >= form["fromId"]][:limit]
        if "startTime" in form:
            start, end = form["startTime"], form["endTime"]
            return [r for r in self.rows if start <= r["time"] <= end][:limit]
        kept = [r for r in self.rows
                if self.recent_ms is None or r["time"] >= NOW - self.recent_ms]  # fmt: skip
        return kept[-limit:]


@pytest.mark.parametrize("kind", [SpotAccount, ContractAccount])
@given(ages=st.lists(st.integers(0, 20 * DAY), max_size=40), since=st.integers(0, 21 * DAY))
def test_fills_are_all_those_since_and_no_others(
    kind: type, ages: list[int], since: int
) -> None:  # fmt: skip
    rows = history(sorted(NOW - age for age in ages))
    spot = kind is SpotAccount
    trades = Trades(rows, 1000, recent_ms=None if spot else 7 * DAY)
    route = "private_get_mytrades" if spot else "fapiprivate_get_usertrades"
    made = account(kind, **{route: trades}, fapiprivate_get_allalgoorders=[])
    found = asyncio.run(made.fills(SPOT if spot else PERP, NOW - since))
    assert [f.trade_id for f in found] == [
        str(r["id"]) for r in rows if r["time"] >= NOW - since
    ]  # fmt: skip


def test_strange_fills_are_asked_about_once() -> None:
    """Whose a fill is costs as much to ask as the fills themselves."""
    rows = [{**row, "orderId": 77 + n} for n, row in enumerate(history([NOW - 2, NOW - 1]))]
    algos = [{"clientAlgoId": "tpstop", "actualOrderId": str(rows[0]["orderId"])}]
    made = account(
        ContractAccount, fapiprivate_get_usertrades=Trades(rows, 1000, recent_ms=None),
        fapiprivate_get_allalgoorders=algos,
    )  # fmt: skip
    first = asyncio.run(made.fills(PERP, NOW - DAY))
    again = asyncio.run(made.fills(PERP, NOW - DAY))
    assert [f.client_order_id for f in first] == [f.client_order_id for f in again]
    assert first[0].client_order_id == "tpstop"
    asked = [name for name, _ in made._client.asked]
    assert asked.count("fapiprivate_get_allalgoorders") == 1


@pytest.mark.parametrize("kind", [SpotAccount, ContractAccount])
def test_a_long_history_is_paged_by_id(kind: type) -> None:
    rows = history([NOW - 3 * DAY + n for n in range(3_500)])
    spot = kind is SpotAccount
    trades = Trades(rows, 1000, recent_ms=None)
    made = account(
        kind, **{"private_get_mytrades" if spot else "fapiprivate_get_usertrades": trades},
        fapiprivate_get_allalgoorders=[],
    )  # fmt: skip
    found = asyncio.run(made.fills(SPOT if spot else PERP, NOW - 3 * DAY + 10))
    assert [f.trade_id for f in found] == [str(n) for n in range(10, 3_500)]
