"""What the core makes of what a venue may do: late, double, excessive, unknown."""

from __future__ import annotations

from typing import Any

import pytest
from desk_of_one import NAME, Desk

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.effects import (
    CancelOrder,
    FillBooked,
    MoveStop,
    Noted,
    OrderSaved,
    PlaceOrder,
    SignalSaved,
    TradeClosed,
)
from tradepulse.execution.events import (
    BlockEntries,
    FundingPaid,
    Liquidated,
    OrderAccepted,
    OrderCancelled,
    OrderRejected,
    OutcomeUnknown,
    StopTriggered,
)
from tradepulse.execution.orders import Role
from tradepulse.simulation.rules import Rules


def kinds(effects: Any) -> list[str]:
    return [type(effect).__name__ for effect in effects]


def rows(effects: Any, kind: type) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, kind)]


def test_F4_the_bracket_stands_from_the_entry_fill_on() -> None:
    desk = Desk()
    desk.enter(stop=2.0, target=3.0)
    legs = desk.core.oco.legs(NAME)
    assert legs.stop is not None
    assert legs.target is not None
    assert (legs.stop.price, legs.target.price) == (98.0, 103.0)
    assert legs.stop.oco_group == legs.target.oco_group
    assert legs.stop.quantity == legs.target.quantity == desk.position.quantity


def test_an_intent_comes_before_its_order() -> None:
    effects = Desk().close(enter_long=True)
    assert kinds(effects) == ["SignalSaved", "OrderSaved", "PlaceOrder", "PointTaken"]
    (saved,) = rows(effects, OrderSaved)
    assert saved.order.state is OrderState.INTENDED
    assert rows(effects, SignalSaved)[0].verdict == "traded"


def test_a_fill_reported_twice_is_booked_once() -> None:
    desk = Desk()
    order = desk.placed(desk.close(enter_long=True))
    assert rows(desk.fill(order.id, order.quantity), FillBooked)
    assert desk.fill(order.id, order.quantity) == ()
    assert desk.position.quantity == order.quantity


def test_a_late_fill_of_a_cancelled_exit_is_booked() -> None:
    desk = Desk()
    entry = desk.enter(stop=2.0)
    leg = desk.core.oco.legs(NAME).stop
    assert leg is not None
    desk.placed(desk.close(exit_long=True))
    desk.send(OrderCancelled(NAME, leg.id, desk.time))
    effects = desk.fill(leg.id, entry.quantity, 98.0)
    (trade,) = rows(effects, TradeClosed)
    assert str(trade.trade.exit_reason) == "stop"
    # The market exit has nothing left to close: it is called back at once.
    assert [effect.order.role for effect in rows(effects, CancelOrder)] == [Role.EXIT]
    assert desk.position is None


def test_a_fill_beyond_the_position_is_reported_and_changes_nothing() -> None:
    desk = Desk()
    entry = desk.enter()
    exit_ = desk.placed(desk.close(exit_long=True))
    wallet = desk.core.portfolio.accounts[NAME].wallet
    effects = desk.fill(exit_.id, entry.quantity * 1.5)
    (noted,) = rows(effects, Noted)
    assert (noted.level, noted.event) == ("error", "risk.excess_fill")
    assert desk.core.portfolio.accounts[NAME].wallet == wallet


def test_an_entry_filled_in_parts_is_one_position() -> None:
    desk = Desk()
    order = desk.placed(desk.close(enter_long=True, stop=2.0))
    desk.fill(order.id, 30.0, 100.0)
    desk.fill(order.id, 10.0, 104.0, number=2)
    legs = desk.core.oco.legs(NAME)
    assert desk.position.quantity == 40.0
    assert desk.position.entry_price == 101.0
    assert legs.stop is not None
    assert legs.stop.quantity == 40.0


def test_a_rejected_entry_refuses_its_signal() -> None:
    desk = Desk()
    order = desk.placed(desk.close(enter_long=True))
    effects = desk.send(OrderRejected(NAME, order.id, "level_passed", desk.time))
    assert [(s.verdict, s.reason) for s in rows(effects, SignalSaved)] == [
        ("refused", "level_passed")
    ]
    assert desk.core.desk(NAME).is_idle


def test_an_unknown_outcome_is_kept_unknown_until_looked_up() -> None:
    desk = Desk()
    effects = desk.close(enter_long=True)
    (place,) = rows(effects, PlaceOrder)
    name = place.approved.order.id
    desk.send(OutcomeUnknown(NAME, name, desk.time))
    assert desk.core.desk(NAME).order(name).state is OrderState.UNKNOWN
    # It may be there: no second entry beside it.
    assert not rows(desk.close(enter_long=True), PlaceOrder)
    desk.send(OrderAccepted(NAME, name, desk.time))
    assert desk.core.desk(NAME).order(name).state is OrderState.OPEN


def test_a_stop_triggered_keeps_its_reason_and_takes_no_second_exit() -> None:
    desk = Desk()
    entry = desk.enter(stop=2.0, trail=5.0)
    leg = desk.core.oco.legs(NAME).stop
    assert leg is not None
    desk.send(StopTriggered(NAME, leg.id, desk.time))
    desk.core.portfolio.accounts[NAME].position.trailing = True  # type: ignore[union-attr]
    assert not rows(desk.close(exit_long=True), PlaceOrder)
    (closed,) = rows(desk.fill(leg.id, entry.quantity, 97.0), TradeClosed)
    assert str(closed.trade.exit_reason) == "stop"


def test_F11_the_trail_moves_the_resting_stop() -> None:
    desk = Desk()
    desk.enter(stop=5.0, trail=3.0)
    assert desk.position.stop == 97.0
    effects = desk.close(high=104.0, low=99.0, close=103.0)
    (move,) = rows(effects, MoveStop)
    assert move.approved.order.price == 101.0
    assert not rows(desk.close(high=103.5, low=102.0, close=103.0), MoveStop)


def test_liquidation_leaves_an_order_a_fill_and_a_trade() -> None:
    desk = Desk(Rules(market="perpetual", leverage=10.0, taker_fee_bps=0, slippage_bps=0))
    entry = desk.enter(stop=8.0)
    effects = desk.send(Liquidated(NAME, entry.quantity, 91.0, 10.0, desk.time))
    (fill,) = rows(effects, FillBooked)
    assert fill.order.role is Role.LIQUIDATION
    assert rows(effects, OrderSaved)[0].order.id == fill.order.id
    assert str(rows(effects, TradeClosed)[0].trade.exit_reason) == "liquidation"
    assert rows(effects, Noted)[0].event == "risk.liquidated"


def test_funding_moves_the_wallet_and_the_trade() -> None:
    desk = Desk(Rules(market="perpetual", taker_fee_bps=0, slippage_bps=0))
    desk.enter()
    desk.send(FundingPaid(NAME, -1.5, desk.time))
    assert desk.core.portfolio.accounts[NAME].wallet == 9_998.5
    assert desk.position.funding == -1.5


def test_blocked_entries_are_refused_and_exits_are_not() -> None:
    desk = Desk()
    entry = desk.enter()
    desk.send(BlockEntries(NAME, "draining", desk.time))
    exit_ = desk.placed(desk.close(exit_long=True))
    desk.fill(exit_.id, entry.quantity)
    refused = desk.close(enter_long=True)
    assert [s.reason for s in rows(refused, SignalSaved)] == ["draining"]
    assert not rows(refused, PlaceOrder)
    desk.send(BlockEntries(NAME, None, desk.time))
    assert rows(desk.close(enter_long=True), PlaceOrder)


def test_a_standing_signal_is_ignored_once() -> None:
    desk = Desk()
    desk.enter()
    first = rows(desk.close(enter_long=True), SignalSaved)
    assert [(s.verdict, s.reason) for s in first] == [("ignored", "in_position")]
    assert not rows(desk.close(enter_long=True, rising_long=False), SignalSaved)


def test_strangers_are_errors() -> None:
    desk = Desk()
    for event, code in (
        (OrderAccepted(NAME, "nobody", 0), "order_not_known"),
        (OrderAccepted("other", "nobody", 0), "activation_not_running"),
    ):
        with pytest.raises(TradePulseError) as caught:
            desk.send(event)
        assert caught.value.code == code
    with pytest.raises(TradePulseError) as caught:
        desk.core.add(NAME, "BTC/USDT", Rules())
    assert caught.value.code == "already_running"


def test_allotments_never_exceed_the_capital() -> None:
    from tradepulse.execution import ExecutionCore

    core = ExecutionCore(capital=10_000.0)
    core.add("one", "BTC/USDT", Rules(initial_cash=6_000.0))
    with pytest.raises(TradePulseError) as caught:
        core.add("two", "BTC/USDT", Rules(initial_cash=6_000.0))
    assert caught.value.code == "allotment_exceeds_wallet"
    core.remove("one")
    core.add("two", "BTC/USDT", Rules(initial_cash=6_000.0))
