"""USD-M orders against hand-written bars: positions, margin, conditional orders, funding, end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from small_markets import (
    FIRST,
    KEY,
    MINUTE,
    PERPETUAL,
    SYMBOL,
    D,
    ask,
    before_close,
    market_of,
    minutes,
)  # fmt: skip

from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import AlgoEvent, OrderEvent, PositionEvent
from tradepulse.sandbox.market import SandboxMarket

FLAT = (100.0, 100.0, 100.0, 100.0)


def place(market: SandboxMarket, *given: Any, **more: Any) -> Any:
    return market.place(KEY, PERPETUAL, ask(*given, **more))


def algo(market: SandboxMarket, side: str, kind: str, stop: object, **more: Any) -> Any:
    quantity = more.pop("quantity", 1)
    return place(market, side, kind, quantity, stop_price=stop, conditional=True, **more)


def position(market: SandboxMarket) -> Any:
    return market.positions(KEY, SYMBOL)[0]


def wallet(market: SandboxMarket) -> Any:
    return market.futures_assets(KEY)[0]


def refusal(market: SandboxMarket, *given: Any, **more: Any) -> str:
    market.drain()
    before = market.truth()
    with pytest.raises(VenueError) as caught:
        place(market, *given, **more)
    assert market.truth() == before
    assert market.drain() == []
    return str(caught.value)


def futures(*rows: Any, **given: Any) -> SandboxMarket:
    return market_of([FLAT, *rows], PERPETUAL, **given)


# --- positions ------------------------------------------------------------------------------------
def test_a_round_trip_books_profit_and_fees() -> None:
    market = futures((100, 110, 100, 110), FLAT)
    assert market.set_leverage(KEY, SYMBOL, 10).leverage == 10
    place(market, "BUY", "MARKET", 2)
    held = position(market)
    assert (held.amount, held.entry_price, held.isolated_wallet) == (2, D("100.1"), D("20.02"))
    minutes(market)
    order = place(market, "SELL", "MARKET", 2, reduce_only=True)
    (trade,) = market.my_trades(KEY, PERPETUAL, SYMBOL, order_id=order.order_id)
    assert trade.realised == 2 * (trade.price - D("100.1"))
    fees = (200_2 * Decimal("0.1") + 2 * trade.price) * Decimal("0.0005")
    assert wallet(market).wallet == 10_000 + trade.realised - fees
    assert wallet(market).available == wallet(market).wallet
    assert position(market).amount == 0
    kinds = [row.kind for row in market.income(KEY)]
    assert kinds == ["TRANSFER", "COMMISSION", "REALIZED_PNL", "COMMISSION"]


def test_an_order_beyond_the_position_turns_it_around() -> None:
    market = futures(FLAT)
    place(market, "BUY", "MARKET", 2)
    place(market, "SELL", "MARKET", 5)
    held = position(market)
    assert (held.amount, held.entry_price) == (-3, D("99.9"))
    assert held.isolated_wallet == D("14.985")  # 299.7 at leverage 20


def test_open_orders_hold_margin_and_reductions_do_not() -> None:
    market = futures(FLAT)
    place(market, "BUY", "MARKET", 2)
    order = place(market, "BUY", "LIMIT", 4, 90)
    assert wallet(market).order_margin == 18
    place(market, "SELL", "LIMIT", 2, 105, reduce_only=True)
    place(market, "SELL", "LIMIT", 2, 104)  # would only close
    assert wallet(market).order_margin == 18
    market.cancel(KEY, PERPETUAL, SYMBOL, order_id=order.order_id)
    assert wallet(market).order_margin == 0


def test_resting_reductions_expire_with_the_position() -> None:
    market = futures(FLAT)
    place(market, "BUY", "MARKET", 2)
    resting = place(market, "SELL", "LIMIT", 2, 105, reduce_only=True)
    place(market, "SELL", "MARKET", 2)
    assert market.order(KEY, PERPETUAL, SYMBOL, order_id=resting.order_id).status == "EXPIRED"


def test_a_reduction_fills_no_more_than_the_position() -> None:
    market = futures(FLAT)
    place(market, "BUY", "MARKET", 2)
    order = place(market, "SELL", "MARKET", 3, reduce_only=True)
    assert (order.executed, order.status) == (2, "EXPIRED")
    assert position(market).amount == 0


@pytest.mark.parametrize(
    ("words", "given", "more"),
    [
        ("-2019 Margin is insufficient.", ("BUY", "LIMIT", 200, 99), {"leverage": 1}),
        ("-2027 Exceeded the maximum", ("BUY", "LIMIT", 600, 99), {"leverage": 125}),
        ("-2022 ReduceOnly Order is rejected.", ("BUY", "MARKET", 1), {"reduce_only": True}),
        ("-4164 Order's notional must be no smaller than 5", ("BUY", "MARKET", "0.04"), {}),
        ("-1111 Precision is over", ("BUY", "MARKET", "1.0001"), {}),
        ("-4004 Quantity less than min quantity.", ("BUY", "MARKET", "0.0001"), {}),
        ("-4014 Price not increased by tick size.", ("BUY", "LIMIT", 1, "99.01"), {}),
        ("-4016 Limit price can't be higher than 105.", ("BUY", "LIMIT", 1, "105.1"), {}),
        ("-4024 Limit price can't be lower than 95.", ("SELL", "LIMIT", 1, "94.9"), {}),
        ("-4120 Order type not supported for this endpoint",
         ("SELL", "STOP_MARKET", 1), {"stop_price": 90}),
        ("-4061 Order's position side", ("BUY", "MARKET", 1), {"position_side": "LONG"}),
        ("-5022 Due to the order could not be executed as maker",
         ("BUY", "LIMIT", 1, 101), {"time_in_force": "GTX"}),
        ("-5021 Due to the order could not be filled immediately",
         ("BUY", "LIMIT", 500, "100.1"), {"time_in_force": "FOK"}),
        ("-2021 Order would immediately trigger.",
         ("SELL", "STOP_MARKET", 1), {"stop_price": 101, "conditional": True}),
        ("-2021 Order would immediately trigger.",
         ("SELL", "TAKE_PROFIT_MARKET", 1), {"stop_price": 100, "conditional": True}),
        ("-1102 Mandatory parameter 'triggerPrice'",
         ("SELL", "STOP_MARKET", 1), {"conditional": True}),
        ("-4137 Quantity must be zero", ("SELL", "STOP_MARKET", 1),
         {"stop_price": 90, "conditional": True, "close_position": True}),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(words: str, given: Any, more: dict[str, Any]) -> None:
    market = futures(FLAT, volume=1000.0)
    if leverage := more.pop("leverage", None):
        market.set_leverage(KEY, SYMBOL, leverage)
    assert refusal(market, *given, **more).startswith(words)


def test_client_ids_are_unique_among_open_orders() -> None:
    market = futures(FLAT)
    place(market, "BUY", "LIMIT", 1, 98, client_id="a")
    assert refusal(market, "BUY", "LIMIT", 1, 98, client_id="a").startswith("-4116")
    algo(market, "SELL", "STOP_MARKET", 90, client_id="b")
    with pytest.raises(VenueError, match="-4116"):
        algo(market, "SELL", "STOP_MARKET", 91, client_id="b")


# --- settings -------------------------------------------------------------------------------------
def test_leverage_and_margin_type() -> None:
    market = futures(FLAT)
    for leverage in (0, 126):
        with pytest.raises(VenueError, match="-4028"):
            market.set_leverage(KEY, SYMBOL, leverage)
    with pytest.raises(VenueError, match="-4046"):
        market.set_margin_type(KEY, SYMBOL, "ISOLATED")
    with pytest.raises(VenueError, match="ISOLATED only"):
        market.set_margin_type(KEY, SYMBOL, "CROSSED")
    place(market, "BUY", "MARKET", 2)
    with pytest.raises(VenueError, match="-4161"):
        market.set_leverage(KEY, SYMBOL, 5)
    with pytest.raises(VenueError, match="-4048"):
        market.set_margin_type(KEY, SYMBOL, "CROSSED")
    with pytest.raises(VenueError, match="-4059"):
        market.set_dual_side(KEY, False)
    before = position(market).liquidation_price
    market.change_position_margin(KEY, SYMBOL, D(50))
    assert position(market).liquidation_price < before
    assert wallet(market).available == wallet(market).wallet - position(market).isolated_wallet
    with pytest.raises(VenueError, match="-4051"):
        market.change_position_margin(KEY, SYMBOL, D(-51))


def test_an_amended_order_keeps_its_id() -> None:
    market = futures((100, 100, 96, 97), FLAT)
    order = place(market, "BUY", "LIMIT", 1, 96)
    new = market.amend(KEY, SYMBOL, order_id=order.order_id, price=D(97), quantity=D(2))
    assert (new.order_id, new.price, new.quantity) == (order.order_id, 97, 2)
    before_close(market)
    (trade,) = market.my_trades(KEY, PERPETUAL, SYMBOL)
    assert (trade.price, trade.quantity, trade.is_maker) == (97, 2, True)
    with pytest.raises(VenueError, match="-2013"):
        market.amend(KEY, SYMBOL, order_id=order.order_id, price=D(95))


# --- conditional orders ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("side", "kind", "stop", "bar", "price"),
    [
        ("SELL", "STOP_MARKET", 95, (100, 101, 95, 96), "94.9"),
        ("SELL", "STOP_MARKET", 95, (94.5, 95, 94, 94.5), "94.4"),
        ("SELL", "TAKE_PROFIT_MARKET", 105, (100, 105, 100, 104), "104.9"),
        ("SELL", "STOP_MARKET", 95, (100, 101, 95.1, 96), None),
    ],
)
def test_a_conditional_order_places_its_order_when_touched(
    side: str, kind: str, stop: float, bar: Any, price: str | None
) -> None:
    market = futures(bar, bar)
    market.set_leverage(KEY, SYMBOL, 5)
    place(market, "BUY", "MARKET", 1)
    waiting = algo(market, side, kind, stop, reduce_only=True, client_id="tp-stop")
    assert market.open_algo_orders(KEY) == [waiting]
    market.drain()
    events = minutes(market)[:]
    now = market.algo_order(KEY, client_id="tp-stop")
    if price is None:
        assert now.status == "NEW"
        return
    steps = [e.algo.status for e in events if isinstance(e, AlgoEvent)]
    assert steps == ["TRIGGERING", "TRIGGERED", "FINISHED"]
    child = market.order(KEY, PERPETUAL, SYMBOL, order_id=now.actual_order_id)
    assert (child.client_id, child.original_type) == ("tp-stop", kind)
    assert (child.average_price, now.actual_price) == (D(price), D(price))
    assert position(market).amount == 0
    assert market.open_algo_orders(KEY) == []


def test_a_stop_left_behind_by_its_position_is_rejected_when_touched() -> None:
    market = futures((100, 101, 95, 96), FLAT)
    algo(market, "SELL", "STOP_MARKET", 95, reduce_only=True)
    algo(market, "SELL", "STOP_MARKET", 95, quantity=None, close_position=True)
    minutes(market)
    orders = market.all_algo_orders(KEY, SYMBOL)
    assert [o.status for o in orders] == ["REJECTED", "EXPIRED"]
    assert orders[0].reject_reason == "ReduceOnly Order is rejected."
    assert market.all_orders(KEY, PERPETUAL, SYMBOL) == []


def test_plain_and_conditional_orders_are_cancelled_apart() -> None:
    market = futures(FLAT)
    place(market, "BUY", "LIMIT", 1, 98)
    first = algo(market, "SELL", "STOP_MARKET", 95)
    algo(market, "SELL", "TAKE_PROFIT_MARKET", 105)
    assert len(market.cancel_all(KEY, PERPETUAL, SYMBOL)) == 1
    assert len(market.open_algo_orders(KEY, SYMBOL)) == 2
    assert market.cancel_algo(KEY, algo_id=first.algo_id).status == "CANCELED"
    with pytest.raises(VenueError, match="-2011"):
        market.cancel_algo(KEY, algo_id=first.algo_id)
    assert len(market.cancel_all_algo(KEY, SYMBOL)) == 1
    assert market.cancel_all(KEY, PERPETUAL, SYMBOL) == []


def test_the_mark_triggers_what_works_by_the_mark() -> None:
    mark = [FLAT, (100, 100, 94, 95), FLAT]
    market = futures((100, 101, 99, 100), FLAT, mark=mark)
    market.set_leverage(KEY, SYMBOL, 5)
    place(market, "BUY", "MARKET", 2)
    by_price = algo(market, "SELL", "STOP_MARKET", 95, reduce_only=True)
    algo(market, "SELL", "STOP_MARKET", 95, reduce_only=True, working_type="MARK_PRICE")
    minutes(market)
    assert [a.algo_id for a in market.open_algo_orders(KEY)] == [by_price.algo_id]
    (_, trade) = market.my_trades(KEY, PERPETUAL, SYMBOL)
    assert trade.price > 98  # triggered by the mark, filled from the book


def test_a_trailing_stop_waits_for_its_activation() -> None:
    market = futures((100, 104, 97, 104), (104, 110, 104, 110), (110, 110, 105, 106), FLAT)
    place(market, "BUY", "MARKET", 1)
    order = algo(
        market, "SELL", "TRAILING_STOP_MARKET", None, callback_rate=2, activation_price=105,
        reduce_only=True,
    )  # fmt: skip
    minutes(market, 2)
    assert market.algo_order(KEY, algo_id=order.algo_id).status == "NEW"
    minutes(market)
    (_, trade) = market.my_trades(KEY, PERPETUAL, SYMBOL)
    assert trade.price == D("107.7")  # 2 % behind 110, less the spread


# --- F12: funding and liquidation -----------------------------------------------------------------
def test_F12_funding_is_paid_on_the_position_held_before_its_bar() -> None:
    stamp = FIRST + 2 * MINUTE + 4  # a few milliseconds past the open, as venues stamp it
    market = futures(
        FLAT, (30, 30, 30, 30), FLAT, funding=[(stamp, 0.0001), (stamp + 90_000, -0.0002)]
    )
    place(market, "BUY", "MARKET", "0.5")
    market.drain()
    events = market.advance(FIRST + 2 * MINUTE)
    (row,) = market.income(KEY, kind="FUNDING_FEE")
    assert row.amount == D("-0.0015")  # at the mark of the bar that opens: 30
    assert row.info == "FUNDING_FEE"
    told = [e for e in events if isinstance(e, PositionEvent)]
    assert [e.reason for e in told][:1] == ["FUNDING_FEE"]
    rates = market.funding_rates(SYMBOL)
    assert [(r.time, r.rate, r.mark) for r in rates] == [(stamp, D("0.0001"), 30)]
    assert market.premium(SYMBOL).funding_rate == D("-0.0002")


def test_F12_funding_that_is_not_given_is_assumed_and_said() -> None:
    market = futures(*[FLAT] * 10)
    place(market, "SELL", "MARKET", 1)
    assert market.premium(SYMBOL).next_funding_time % (8 * 60 * MINUTE) == 0
    start = 8 * 60 - 3
    rows = [FLAT] * (start + 10)
    late = market_of(rows, PERPETUAL)
    late.advance(FIRST + start * MINUTE)
    place(late, "SELL", "MARKET", 1)
    late.advance(FIRST + 8 * 60 * MINUTE)
    (row,) = late.income(KEY, kind="FUNDING_FEE")
    assert row.amount == D("0.01")
    assert "assumed" in row.info


def test_F12_a_position_is_liquidated_by_the_mark_and_loses_its_margin() -> None:
    market = futures((100, 100, 88, 89), FLAT)
    market.set_leverage(KEY, SYMBOL, 10)
    place(market, "BUY", "MARKET", 20)
    stop = algo(market, "SELL", "STOP_MARKET", 80, reduce_only=True, quantity=20)
    held, before = position(market), wallet(market).wallet
    expected = (held.isolated_wallet - held.amount * held.entry_price) / (
        held.amount * D("0.004") - held.amount
    )
    assert held.liquidation_price == expected
    market.drain()
    events = minutes(market)
    (told,) = [e for e in events if isinstance(e, OrderEvent) and e.execution == "CALCULATED"]
    assert (told.order.type, told.order.status, told.order.executed) == (
        "LIQUIDATION",
        "FILLED",
        20,
    )
    fee = (expected * 20 * Decimal("0.0005")).quantize(Decimal("1e-8"), rounding="ROUND_DOWN")
    assert wallet(market).wallet == before - held.isolated_wallet - fee
    assert position(market).amount == 0
    assert market.algo_order(KEY, algo_id=stop.algo_id).status == "CANCELED"
    (_, trade) = market.my_trades(KEY, PERPETUAL, SYMBOL)
    assert trade.realised - trade.commission == -held.isolated_wallet - fee


def test_F0_of_a_stop_and_a_liquidation_the_nearer_comes_first() -> None:
    market = futures((100, 100, 80, 81), FLAT)
    market.set_leverage(KEY, SYMBOL, 10)
    place(market, "BUY", "MARKET", 1)
    algo(market, "SELL", "STOP_MARKET", 92, reduce_only=True)
    minutes(market)
    kinds = [order.type for order in market.all_orders(KEY, PERPETUAL, SYMBOL)]
    assert kinds == ["MARKET", "MARKET"]


def test_F13_a_bar_without_volume_liquidates_nothing() -> None:
    quiet = (100.0, 100.0, 100.0, 100.0, 0.0)
    for later, amount in ((85.0, 0), (100.0, 20)):
        mark = [FLAT, (100, 100, 85, 85), (later, later, later, later), FLAT]
        market = futures(quiet, FLAT, FLAT, mark=mark)
        market.set_leverage(KEY, SYMBOL, 10)
        place(market, "BUY", "MARKET", 20)
        before_close(market)
        assert position(market).amount == 20
        assert position(market).mark_price == 85
        minutes(market)
        assert position(market).amount == amount


def test_a_reduction_that_has_become_an_opening_expires() -> None:
    market = futures((100, 103, 100, 103), FLAT)
    place(market, "BUY", "MARKET", 2)
    resting = place(market, "SELL", "LIMIT", 2, 102, reduce_only=True)
    place(market, "SELL", "MARKET", 5)
    minutes(market)
    order = market.order(KEY, PERPETUAL, SYMBOL, order_id=resting.order_id)
    assert (order.status, order.executed) == ("EXPIRED", 0)
    assert position(market).amount == -3
