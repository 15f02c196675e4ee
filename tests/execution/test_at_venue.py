"""How orders are arranged at a venue: one step at a time, whatever it answers and when."""

from __future__ import annotations

import math
from typing import Any

import pytest
from desk_at_venue import NAME, VenueDesk, all_placed, cancelled, looked_up, placed

from tradepulse.domain.lifecycle import ExitReason, OrderState
from tradepulse.execution.effects import Noted, Reconcile, SignalSaved, TradeClosed
from tradepulse.execution.events import (
    CancelNotTaken,
    Disputed,
    OrderMissing,
    OrderNotSent,
    OrderRejected,
    OrderSeen,
    OutcomeUnknown,
    PriceReached,
)
from tradepulse.execution.orders import Order, Role
from tradepulse.execution.venue import VenueFill, VenueOrder

PERPETUAL = "BTC/USDT:USDT"


def rows(effects: Any, kind: type) -> list[Any]:
    return [effect for effect in effects if isinstance(effect, kind)]


def seen(order: Order, state: OrderState, filled: float, fills: int = 0) -> OrderSeen:
    told = VenueOrder(order.client_order_id, "v1", order.pair, order.side, state, order.quantity,
                      filled, order.price, None, reduces=False, group=None, time=0)  # fmt: skip
    found = tuple(
        VenueFill(f"s{n}", order.client_order_id, "v1", order.pair, order.side, filled / fills,
                  100.0, 0.0, "USDT", 0.0, "taker", 0)
        for n in range(fills)
    )  # fmt: skip
    return OrderSeen(NAME, order.id, told, found, 0)


# --- protection -----------------------------------------------------------------------------------
def test_F4_legs_follow_the_entry_fill_as_one_group() -> None:
    desk = VenueDesk()
    stop, target = all_placed(desk.enter(stop=2.0, target=3.0))
    assert (stop.role, stop.price, target.role, target.price) == ("stop", 98.0, "target", 103.0)
    assert stop.quantity == target.quantity == desk.position.quantity
    assert stop.oco_group == target.oco_group is not None


def test_without_native_oco_the_stop_alone_rests_and_the_target_is_held_here() -> None:
    desk = VenueDesk(PERPETUAL)
    (stop,) = desk.protected(stop=2.0, target=3.0)
    assert stop.role is Role.STOP
    assert all_placed(desk.send(PriceReached(NAME, 103.0, 1))) == []
    reached = desk.send(PriceReached(NAME, 103.01, 2))
    assert cancelled(reached) == [Role.STOP]
    exit_ = placed(desk.end(stop, 0.0))
    assert (exit_.role, exit_.reason) == (Role.EXIT, "target")


def test_a_signal_without_a_stop_gets_the_disaster_stop() -> None:
    desk = VenueDesk()
    (stop,) = all_placed(desk.enter())
    assert stop.price == 90.0


def test_nothing_is_protected_before_the_entry_is_whole() -> None:
    desk = VenueDesk()
    entry = placed(desk.close(enter_long=True, stop=2.0))
    desk.accept(entry)
    assert all_placed(desk.fill(entry, entry.quantity / 2)) == []
    (stop,) = all_placed(desk.fill(entry, entry.quantity / 2, 102.0))
    assert desk.position.entry_price == 101.0
    assert (stop.price, stop.quantity) == (99.0, entry.quantity)


def test_a_fee_in_coins_makes_the_position_smaller_and_the_rest_is_carried() -> None:
    desk = VenueDesk()
    entry = placed(desk.close(enter_long=True, stop=2.0))
    desk.accept(entry)
    (stop,) = all_placed(desk.fill(entry, fee_base=entry.quantity * 0.001))
    net = entry.quantity * 0.999
    assert desk.position.quantity == pytest.approx(net, rel=1e-12)
    assert stop.quantity <= net < stop.quantity + 0.001
    desk.accept(stop)
    (closed,) = rows(desk.fill(stop, price=98.0), TradeClosed)
    assert desk.position is None
    assert desk.side.dust == pytest.approx(net - stop.quantity)
    account = desk.core.portfolio.accounts[NAME]
    assert account.wallet - 1000.0 == pytest.approx(closed.trade.pnl)
    again = placed(desk.close(enter_long=True, stop=2.0))
    desk.accept(again)
    desk.fill(again)
    assert desk.side.dust == 0.0
    assert desk.position.quantity == pytest.approx(again.quantity + net - stop.quantity)


REFUSED_STOPS = [
    ("would_trigger", True),
    ("price_filter", True),
    ("insufficient_funds", False),
    ("reduce_only", False),
]


@pytest.mark.parametrize(("code", "leaves"), REFUSED_STOPS)
def test_a_refused_stop_is_an_exit_or_a_contradiction(code: str, leaves: bool) -> None:
    desk = VenueDesk()
    (stop,) = all_placed(desk.enter(stop=2.0))
    effects = desk.send(OrderRejected(NAME, stop.id, code, 0))
    if leaves:
        exit_ = placed(effects)
        assert (exit_.role, exit_.reason, exit_.quantity) == (Role.EXIT, "stop", stop.quantity)
    else:
        assert rows(effects, Reconcile)
        assert all_placed(desk.tick(60_000)) == [], "nothing is tried before the account is read"
        (again,) = all_placed(desk.send(Disputed(NAME, None, 0)))
        assert again.role is Role.STOP
        assert again.id != stop.id


def test_F11_a_trail_moves_by_cancel_and_place() -> None:
    desk = VenueDesk()
    (stop,) = desk.protected(trail=2.0)
    assert cancelled(desk.close(104.0)) == [Role.STOP]
    (moved,) = all_placed(desk.end(stop, 0.0))
    assert (moved.price, moved.quantity) == (102.0, stop.quantity)


# --- leaving --------------------------------------------------------------------------------------
def test_F9_an_exit_takes_the_legs_away_before_it_sells() -> None:
    desk = VenueDesk()
    stop, target = desk.protected(stop=2.0, target=3.0)
    assert cancelled(desk.close(exit_long=True)) == [Role.STOP], "one request for the group"
    assert all_placed(desk.end(stop, 0.0)) == []
    exit_ = placed(desk.end(target, 0.0))
    desk.accept(exit_)
    (trade,) = rows(desk.fill(exit_), TradeClosed)
    assert trade.trade.exit_reason is ExitReason.SIGNAL
    assert desk.core.desk(NAME).is_idle


def test_a_stop_that_fills_while_it_is_cancelled_wins() -> None:
    desk = VenueDesk()
    (stop,) = desk.protected(stop=2.0)
    desk.close(exit_long=True)
    (trade,) = rows(desk.fill(stop, price=97.5), TradeClosed)
    assert trade.trade.exit_reason is ExitReason.STOP
    assert desk.core.desk(NAME).is_idle


def test_a_cancel_that_counts_fills_waits_for_them() -> None:
    desk = VenueDesk()
    (stop,) = desk.protected(stop=2.0)
    desk.close(exit_long=True)
    half = round(stop.quantity / 2, 3)
    assert all_placed(desk.end(stop, half)) == [], "executions are still on their way"
    exit_ = placed(desk.fill(stop, half, 98.0))
    assert exit_.quantity == pytest.approx(stop.quantity - half)


def test_F10_a_reversal_enters_only_after_the_exit() -> None:
    from tradepulse.simulation.rules import Rules

    rules = Rules(market="perpetual", allow_short=True, initial_cash=1_000.0)
    desk = VenueDesk(PERPETUAL, rules)
    (stop,) = desk.protected(stop=2.0)
    assert cancelled(desk.close(enter_short=True, stop=2.0)) == [Role.STOP]
    exit_ = placed(desk.end(stop, 0.0))
    desk.accept(exit_)
    (entry,) = all_placed(desk.fill(exit_))
    assert (entry.role, entry.side) == (Role.ENTRY, -1)


def test_a_stop_the_price_has_left_behind_is_given_up() -> None:
    desk = VenueDesk()
    (stop,) = desk.protected(stop=2.0)
    desk.send(PriceReached(NAME, 97.0, 0))
    assert cancelled(desk.tick(500)) == []
    assert cancelled(desk.tick(4_000)) == [Role.STOP]
    exit_ = placed(desk.end(stop, 0.0))
    assert exit_.reason == "stop"


# --- doubt ----------------------------------------------------------------------------------------
def test_an_unknown_entry_is_looked_up_and_never_sent_again() -> None:
    desk = VenueDesk()
    entry = placed(desk.close(enter_long=True, stop=2.0))
    desk.sent(entry)
    desk.send(OutcomeUnknown(NAME, entry.id, 0))
    assert looked_up(desk.tick(600)) == [entry.id]
    desk.send(OrderMissing(NAME, entry.id, 0))
    assert desk.core.desk(NAME).entry is not None, "it may still arrive"
    assert looked_up(desk.tick(1_000)) == [entry.id]
    (stop,) = all_placed(desk.send(seen(entry, OrderState.FILLED, entry.quantity, 2)))
    assert (stop.role, desk.position.quantity) == (Role.STOP, pytest.approx(entry.quantity))


def test_an_unknown_entry_that_cannot_arrive_any_more_was_not_placed() -> None:
    desk = VenueDesk()
    entry = placed(desk.close(enter_long=True, stop=2.0))
    desk.sent(entry)
    desk.send(OutcomeUnknown(NAME, entry.id, 0))
    desk.tick(6_900)
    desk.send(OrderMissing(NAME, entry.id, 0))
    assert desk.core.desk(NAME).entry is not None
    desk.tick(200)
    (signal,) = rows(desk.send(OrderMissing(NAME, entry.id, 0)), SignalSaved)
    assert (signal.verdict, signal.reason) == ("refused", "not_placed")
    assert desk.core.desk(NAME).is_idle
    late = desk.send(seen(entry, OrderState.OPEN, 0.0))
    assert cancelled(late) == [Role.ENTRY], "it came after all, and goes again"


def test_an_order_without_any_word_becomes_unknown() -> None:
    desk = VenueDesk()
    entry = placed(desk.close(enter_long=True, stop=2.0))
    desk.sent(entry)
    assert looked_up(desk.tick(14_000)) == []
    assert looked_up(desk.tick(1_100)) == [entry.id]
    assert desk.core.desk(NAME).order(entry.id).state is OrderState.UNKNOWN


def test_a_fill_is_booked_once_whoever_reports_it() -> None:
    desk = VenueDesk()
    entry = placed(desk.close(enter_long=True, stop=2.0))
    desk.accept(entry)
    desk.fill(entry, entry.quantity / 2, trade_id="s0")
    desk.send(seen(entry, OrderState.FILLED, entry.quantity, 2))
    desk.fill(entry, entry.quantity / 2, trade_id="s1")
    assert desk.position.quantity == pytest.approx(entry.quantity)


def test_what_could_not_be_sent_is_tried_again_under_another_name() -> None:
    desk = VenueDesk()
    (stop,) = all_placed(desk.enter(stop=2.0))
    assert all_placed(desk.send(OrderNotSent(NAME, stop.id, "rate_limited", 3_000, 0))) == []
    assert all_placed(desk.tick(2_900)) == []
    (again,) = all_placed(desk.tick(200))
    assert (again.role, again.price) == (Role.STOP, stop.price)
    assert again.client_order_id != stop.client_order_id


def test_an_entry_that_could_not_be_sent_has_had_its_time() -> None:
    desk = VenueDesk()
    entry = placed(desk.close(enter_long=True))
    (signal,) = rows(desk.send(OrderNotSent(NAME, entry.id, "unavailable", 0, 0)), SignalSaved)
    assert (signal.verdict, signal.reason) == ("refused", "unavailable")
    assert all_placed(desk.tick(10_000)) == []


def test_a_cancel_that_failed_is_asked_for_again() -> None:
    desk = VenueDesk()
    (stop,) = desk.protected(stop=2.0)
    desk.close(exit_long=True)
    assert cancelled(desk.send(CancelNotTaken(NAME, stop.id, "unavailable", 0, 0))) == []
    assert cancelled(desk.tick(600)) == [Role.STOP]


def test_a_cancel_of_what_is_gone_is_looked_up() -> None:
    desk = VenueDesk()
    (stop,) = desk.protected(stop=2.0)
    desk.close(exit_long=True)
    desk.send(CancelNotTaken(NAME, stop.id, "gone", 0, 0))
    assert looked_up(desk.tick(600)) == [stop.id]
    (trade,) = rows(desk.send(seen(stop, OrderState.FILLED, stop.quantity, 1)), TradeClosed)
    assert trade.trade.exit_reason is ExitReason.STOP


def test_a_resting_stop_the_venue_denies_for_a_minute_is_placed_anew() -> None:
    desk = VenueDesk()
    (stop,) = desk.protected(stop=2.0)
    from tradepulse.execution.venue_side import Need

    desk.side.wait(stop.id, Need.CHECK)
    desk.send(OrderMissing(NAME, stop.id, 0))
    desk.tick(59_000)
    assert all_placed(desk.send(OrderMissing(NAME, stop.id, 0))) == []
    desk.tick(1_100)
    effects = desk.send(OrderMissing(NAME, stop.id, 0))
    assert rows(effects, Reconcile)
    (again,) = all_placed(effects)
    assert again.role is Role.STOP


# --- entries --------------------------------------------------------------------------------------
def test_a_stale_signal_is_recorded_and_not_acted_on() -> None:
    desk = VenueDesk()
    effects = desk.close(stale=True, enter_long=True)
    assert all_placed(effects) == []
    (signal,) = rows(effects, SignalSaved)
    assert (signal.verdict, signal.reason) == ("ignored", "stale")


def test_an_entry_is_cut_to_lots_and_cash_and_refused_under_the_minimum() -> None:
    from tradepulse.simulation.rules import Rules

    entry = placed(VenueDesk().close(enter_long=True))
    assert entry.quantity == 9.97, "whole lots, with room for the price to move"
    poor = VenueDesk(rules=Rules(initial_cash=4.9))
    (signal,) = rows(poor.close(enter_long=True), SignalSaved)
    assert (signal.verdict, signal.reason) == ("refused", "min_notional")


def test_time_without_a_stop_is_counted() -> None:
    desk = VenueDesk()
    (stop,) = all_placed(desk.enter(stop=2.0))
    desk.tick(7_000)
    effects = desk.accept(stop)
    assert desk.side.longest_exposed_ms == 7_000
    assert [note.event for note in rows(effects, Noted)] == ["risk.unprotected"]
    assert not math.isnan(desk.position.stop)
