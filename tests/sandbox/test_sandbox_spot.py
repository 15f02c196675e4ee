"""Spot orders against hand-written bars: fills, locks, fees, triggers, time in force."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from small_markets import (
    KEY,
    SPOT,
    SYMBOL,
    D,
    ask,
    before_close,
    market_of,
    minutes,
    spot_of,
)  # fmt: skip

from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import BalanceEvent, OrderEvent
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.requests import Cut, ReplaceRequest

FLAT = (100.0, 100.0, 100.0, 100.0)


def place(market: SandboxMarket, *given: Any, **more: Any) -> Any:
    return market.place(KEY, SPOT, ask(*given, **more))


def status(market: SandboxMarket, order: Any) -> str:
    return market.order(KEY, SPOT, SYMBOL, order_id=order.order_id).status


def refusal(market: SandboxMarket, *given: Any, **more: Any) -> str:
    market.drain()
    before = market.truth()
    with pytest.raises(VenueError) as caught:
        place(market, *given, **more)
    assert market.truth() == before
    assert market.drain() == []
    return str(caught.value)


# --- at once --------------------------------------------------------------------------------------
def test_a_market_order_pays_the_spread_and_the_fee_from_what_it_gets() -> None:
    market = market_of([FLAT] * 3)
    order = place(market, "BUY", "MARKET", 2)
    assert (order.status, order.average_price) == ("FILLED", D("100.01"))
    (trade,) = market.my_trades(KEY, SPOT, SYMBOL, order_id=order.order_id)
    assert (trade.commission, trade.commission_asset) == (D("0.002"), "BTC")
    assert spot_of(market, "BTC") == (D("11.998"), 0)
    assert spot_of(market, "USDT") == (D("10000") - D("200.02"), 0)
    place(market, "SELL", "MARKET", 2)
    assert spot_of(market, "USDT")[0] == D("10000") - D("200.02") + D("199.98") * D("0.999")


def test_a_large_market_order_walks_the_book() -> None:
    market = market_of([FLAT] * 3, volume=100.0)
    order = place(market, "SELL", "MARKET", 10)
    trades = market.my_trades(KEY, SPOT, SYMBOL)
    assert len(trades) > 2
    assert sum(trade.quantity for trade in trades) == order.executed == 10
    prices = [trade.price for trade in trades]
    assert prices == sorted(prices, reverse=True)


def test_a_market_order_beyond_the_book_expires_with_what_it_got() -> None:
    market = market_of([FLAT] * 3, volume=0.01)
    order = place(market, "SELL", "MARKET", 10)
    assert order.status == "EXPIRED"
    assert 0 < order.executed < 10


def test_a_market_order_spends_a_quote_amount_in_whole_lots() -> None:
    market = market_of([FLAT] * 3)
    order = place(market, "BUY", "MARKET", None, quote_quantity=500)
    assert order.status == "FILLED"
    assert order.quantity == order.executed == D("4.99950")
    assert order.quote_executed <= 500


@pytest.mark.parametrize(
    ("kind", "more", "outcome", "filled"),
    [
        ("LIMIT", {}, "PARTIALLY_FILLED", True),
        ("LIMIT", {"time_in_force": "IOC"}, "EXPIRED", True),
        ("LIMIT", {"time_in_force": "FOK"}, "EXPIRED", False),
    ],
)
def test_a_limit_that_crosses_takes_what_its_price_allows(
    kind: str, more: dict[str, Any], outcome: str, filled: bool
) -> None:
    market = market_of([FLAT] * 3, volume=10.0)
    order = place(market, "BUY", kind, 5, "100.01", **more)
    assert order.status == outcome
    assert (order.executed > 0) is filled
    locked = (order.quantity - order.executed) * D("100.01") if order.is_open else 0
    assert spot_of(market, "USDT")[1] == locked


# --- resting --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("side", "price", "bar", "fills"),
    [
        ("BUY", "98", (100, 100, 98, 99), False),  # F7: a touch does not fill
        ("BUY", "98", (100, 100, 97.99, 99), True),
        ("BUY", "98", (97, 97.5, 96, 97), True),  # a gap through it
        ("SELL", "103", (100, 103, 100, 102), False),
        ("SELL", "103", (100, 103.01, 100, 102), True),
        ("SELL", "103", (104, 105, 104, 105), True),
    ],
)
def test_F7_a_resting_limit_needs_a_trade_through_it(
    side: str, price: str, bar: Any, fills: bool
) -> None:
    market = market_of([FLAT, bar, bar])
    order = place(market, side, "LIMIT", 1, price)
    before_close(market)
    now = market.order(KEY, SPOT, SYMBOL, order_id=order.order_id)
    assert now.status == ("FILLED" if fills else "NEW")
    if fills:
        (trade,) = market.my_trades(KEY, SPOT, SYMBOL)
        assert (trade.price, trade.is_maker) == (D(price), True)  # F5: never better than its price
    assert (spot_of(market, "USDT")[1] == 0) is (fills or side == "SELL")


def test_a_limit_larger_than_what_trades_fills_in_parts() -> None:
    market = market_of([FLAT, (100, 100, 97, 97, 4), (97, 97, 97, 97, 8)], volume=1000.0)
    order = place(market, "BUY", "LIMIT", 5, 98)
    minutes(market)
    before_close(market)
    trades = market.my_trades(KEY, SPOT, SYMBOL)
    assert len(trades) >= 3
    assert sum(t.quantity for t in trades) == 5
    assert status(market, order) == "FILLED"
    assert spot_of(market, "USDT") == (10_000 - 5 * 98, 0)


@pytest.mark.parametrize(
    ("kind", "side", "stop", "limit", "bar", "price"),
    [
        ("STOP_LOSS_LIMIT", "SELL", 95, 94, (100, 101, 95, 96), "94.99"),
        ("STOP_LOSS_LIMIT", "SELL", 95, 94, (94.5, 95, 94, 94.5), "94.49"),  # gapped through
        ("STOP_LOSS_LIMIT", "BUY", 105, 106, (100, 105, 100, 104), "105.01"),
        ("TAKE_PROFIT_LIMIT", "SELL", 105, 104, (100, 105, 100, 104), "104.99"),
        ("TAKE_PROFIT_LIMIT", "BUY", 95, 96, (100, 101, 95, 96), "95.01"),
    ],
)
def test_a_trigger_is_met_by_a_touch_and_fills_from_the_book(
    kind: str, side: str, stop: float, limit: float, bar: Any, price: str
) -> None:
    market = market_of([FLAT, bar, bar])
    order = place(market, side, kind, 1, limit, stop_price=stop)
    assert (order.is_working, order.status) == (False, "NEW")
    market.drain()
    events = [e for e in minutes(market) if isinstance(e, OrderEvent)]
    assert [e.execution for e in events] == ["TRIGGERED", "TRADE"]
    (trade,) = market.my_trades(KEY, SPOT, SYMBOL)
    assert (trade.price, trade.is_maker) == (D(price), False)


def test_a_stop_limit_that_the_price_leaves_behind_rests() -> None:
    market = market_of([FLAT, (90, 91, 89, 90), (90, 96, 90, 95)])
    order = place(market, "SELL", "STOP_LOSS_LIMIT", 1, 94, stop_price=95)
    before_close(market)
    assert market.order(KEY, SPOT, SYMBOL, order_id=order.order_id).is_working
    assert status(market, order) == "NEW"
    minutes(market)
    assert status(market, order) == "FILLED"


def test_a_trailing_stop_follows_and_never_loosens() -> None:
    rows = [FLAT, (100, 110, 100, 110), (110, 110, 105, 105), (105, 105, 103, 103)]
    market = market_of([*rows, FLAT])
    order = place(
        market, "SELL", "STOP_LOSS_LIMIT", 1, 95, trailing_delta=500
    )  # 5 %: 104.5 behind 110
    minutes(market, 2)
    assert status(market, order) == "NEW"
    minutes(market)
    assert status(market, order) == "FILLED"
    (trade,) = market.my_trades(KEY, SPOT, SYMBOL)
    assert D("104.4") < trade.price < D("104.5")


# --- locks, cancelling ----------------------------------------------------------------------------
def test_cancelling_frees_what_was_locked() -> None:
    market = market_of([FLAT] * 3)
    order = place(market, "BUY", "LIMIT", 2, 90, client_id="mine")
    assert spot_of(market, "USDT") == (9820, 180)
    market.drain()
    over = market.cancel(KEY, SPOT, SYMBOL, client_id="mine", new_client_id="undo")
    assert (over.status, over.order_id) == ("CANCELED", order.order_id)
    assert spot_of(market, "USDT") == (10_000, 0)
    told = market.drain()
    assert [type(e) for e in told] == [OrderEvent, BalanceEvent]
    assert told[0].command_id == "undo"
    with pytest.raises(VenueError, match="-2011"):
        market.cancel(KEY, SPOT, SYMBOL, client_id="mine")


def test_cancel_all_and_nothing_to_cancel() -> None:
    market = market_of([FLAT] * 3)
    place(market, "BUY", "LIMIT", 1, 90)
    place(market, "SELL", "LIMIT", 1, 110)
    assert len(market.cancel_all(KEY, SPOT, SYMBOL)) == 2
    assert spot_of(market, "BTC") == (10, 0)
    with pytest.raises(VenueError, match="-2011"):
        market.cancel_all(KEY, SPOT, SYMBOL)


def test_client_ids_are_unique_among_open_orders_only_unless_strict() -> None:
    for strict, again in ((False, None), (True, "-2010 Duplicate order sent.")):
        market = market_of([FLAT] * 3, strict=strict)
        place(market, "BUY", "LIMIT", 1, 90, client_id="one")
        assert refusal(market, "BUY", "LIMIT", 1, 91, client_id="one") == (
            "-2010 Duplicate order sent."
        )
        market.cancel(KEY, SPOT, SYMBOL, client_id="one")
        if again is None:
            order = place(market, "BUY", "LIMIT", 1, 91, client_id="one")
            assert market.order(KEY, SPOT, SYMBOL, client_id="one") == order
        else:
            assert refusal(market, "BUY", "LIMIT", 1, 91, client_id="one") == again


def test_cancel_replace_is_two_steps() -> None:
    market = market_of([FLAT] * 3)
    first = place(market, "BUY", "LIMIT", 1, 90)
    gone, new = market.replace(
        KEY, ReplaceRequest("STOP_ON_FAILURE", ask("BUY", "LIMIT", 1, 91), first.order_id)
    )
    assert (gone.status, new.price) == ("CANCELED", 91)
    refused, none = market.replace(
        KEY, ReplaceRequest("STOP_ON_FAILURE", ask("BUY", "LIMIT", 1, 92), first.order_id)
    )
    assert isinstance(refused, VenueError)
    assert none is None
    gone, refused = market.replace(
        KEY, ReplaceRequest("STOP_ON_FAILURE", ask("BUY", "LIMIT", 999, 92), new.order_id)
    )
    assert (gone.status, refused.code) == ("CANCELED", -2010)  # cancelled all the same


# --- refusals -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "given", "more"),
    [
        ("-2010 Account has insufficient balance", ("BUY", "LIMIT", 200, 90), {}),
        ("-2010 Account has insufficient balance", ("SELL", "MARKET", 11), {}),
        ("-2010 Account has insufficient balance", ("BUY", "MARKET", 100), {}),
        ("-1013 Filter failure: LOT_SIZE", ("BUY", "LIMIT", "0.000001", 90), {}),
        ("-1013 Filter failure: LOT_SIZE", ("BUY", "LIMIT", "1.000001", 90), {}),
        ("-1013 Filter failure: MARKET_LOT_SIZE", ("SELL", "MARKET", 150), {}),
        ("-1013 Filter failure: PRICE_FILTER", ("BUY", "LIMIT", 1, "90.001"), {}),
        ("-1013 Filter failure: NOTIONAL", ("BUY", "LIMIT", "0.01", 90), {}),
        ("-1013 Filter failure: NOTIONAL", ("SELL", "MARKET", "0.04"), {}),
        ("-1013 Filter failure: PERCENT_PRICE_BY_SIDE", ("BUY", "LIMIT", 1, 19), {}),
        ("-1013 Filter failure: PERCENT_PRICE_BY_SIDE", ("SELL", "LIMIT", 1, 501), {}),
        ("-2010 Order would immediately match and take.", ("BUY", "LIMIT_MAKER", 1, 101), {}),
        ("-2010 Stop price would trigger immediately.",
         ("SELL", "STOP_LOSS_LIMIT", 1, 99), {"stop_price": 100}),
        ("-2010 Stop price would trigger immediately.",
         ("BUY", "STOP_LOSS_LIMIT", 1, 101), {"stop_price": 99}),
        ("-2010 Stop price would trigger immediately.",
         ("SELL", "TAKE_PROFIT_LIMIT", 1, 99), {"stop_price": 99}),
        ("-1102 Mandatory parameter 'stopPrice'", ("SELL", "STOP_LOSS_LIMIT", 1, 99), {}),
        ("-1102 Mandatory parameter 'price'", ("SELL", "LIMIT", 1), {}),
        ("-1102 Mandatory parameter 'quantity'", ("SELL", "MARKET", None), {}),
        ("-1106 Parameter 'price' sent when not required.", ("SELL", "MARKET", 1, 99), {}),
        ("-1106 Parameter 'stopPrice' sent", ("SELL", "LIMIT", 1, 99), {"stop_price": 98}),
        ("-1116 Invalid orderType.", ("SELL", "STOP_LOSS", 1), {"stop_price": 99}),
        ("-1117 Invalid side.", ("HOLD", "MARKET", 1), {}),
        ("-1115 Invalid timeInForce.", ("SELL", "LIMIT", 1, 99), {"time_in_force": "GTX"}),
        ("-1100 Illegal characters", ("SELL", "MARKET", 1), {"client_id": "no spaces"}),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(words: str, given: Any, more: dict[str, Any]) -> None:
    assert refusal(market_of([FLAT] * 3), *given, **more).startswith(words)


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({"max_orders": 3}, "LIMIT", "-1013 Filter failure: MAX_NUM_ORDERS"),
        ({"max_conditional_orders": 3}, "STOP", "-1013 Filter failure: MAX_NUM_ALGO_ORDERS"),
    ],
)
def test_open_orders_are_counted(changes: dict[str, int], kind: str, words: str) -> None:
    market = market_of([FLAT] * 3, changes=changes)
    given = (
        (("SELL", "LIMIT", 1, 110), {}) if kind == "LIMIT"
        else (("SELL", "STOP_LOSS_LIMIT", 1, 89), {"stop_price": 90})
    )  # fmt: skip
    for _ in range(3):
        place(market, *given[0], **given[1])
    assert refusal(market, *given[0], **given[1]) == words


def test_filters_and_status_change_while_it_runs() -> None:
    market = market_of([FLAT] * 4)
    market.change_filters(SPOT, SYMBOL, min_notional=D(500))
    assert refusal(market, "BUY", "LIMIT", 1, 90) == "-1013 Filter failure: NOTIONAL"
    market.set_status(SPOT, SYMBOL, "BREAK")
    assert refusal(market, "BUY", "LIMIT", 9, 90) == "-1013 Market is closed."
    assert minutes(market)[:0] == []
    market.set_status(SPOT, SYMBOL, "TRADING")
    assert place(market, "BUY", "LIMIT", 9, 90).status == "NEW"
    with pytest.raises(VenueError, match="-1121"):
        market.spec(SPOT, "NOSUCH")


# --- queries --------------------------------------------------------------------------------------
def test_queries_cut_as_the_venue_does() -> None:
    market = market_of([FLAT] * 8)
    placed = []
    for price in (90, 91, 92):
        placed.append(place(market, "BUY", "LIMIT", 1, price))
        minutes(market)
    ids = [order.order_id for order in placed]
    every = market.all_orders(KEY, SPOT, SYMBOL)
    assert [o.order_id for o in every] == ids
    assert [o.order_id for o in market.all_orders(KEY, SPOT, SYMBOL, Cut(ids[1]))] == ids[1:]
    assert [o.order_id for o in market.all_orders(KEY, SPOT, SYMBOL, Cut(limit=1))] == ids[2:]
    since = placed[1].time
    first_since = market.all_orders(KEY, SPOT, SYMBOL, Cut(start=since, limit=1))
    assert [o.order_id for o in first_since] == [ids[1]]
    assert [o.order_id for o in market.open_orders(KEY, SPOT)] == ids
    with pytest.raises(VenueError, match="-2013"):
        market.order(KEY, SPOT, SYMBOL, order_id=1)
    with pytest.raises(VenueError, match="-2015"):
        market.open_orders("nobody", SPOT)


def test_bnb_pays_fees_where_the_account_wants_it() -> None:
    from dataclasses import replace as changed

    from small_markets import FIRST, MINUTE, series_of

    from tradepulse.domain.instrument import Pair
    from tradepulse.sandbox.known_symbols import spec_of

    btc = series_of([FLAT] * 3)
    bnb = changed(btc, spec=spec_of(Pair("BNB", "USDT"), SPOT, btc.bars))
    market = SandboxMarket([btc, bnb], FIRST + MINUTE)
    market.open_account(KEY, {"USDT": D(1000), "BNB": D(1)}, pays_fees_in_bnb=True)
    place(market, "BUY", "MARKET", 1)
    (trade,) = market.my_trades(KEY, SPOT, SYMBOL)
    assert trade.commission_asset == "BNB"
    assert trade.commission == (trade.price * Decimal("0.001") * Decimal("0.75") / 100).quantize(
        Decimal("1e-8"), rounding="ROUND_DOWN"
    )
    assert spot_of(market, "BTC") == (1, 0)
