"""Trouble at a venue that costs money when met the wrong way: late words, wrong words, none."""

from __future__ import annotations

import math

import pytest
from desk_at_venue import MINUTE, NAME, VenueDesk, all_placed, placed

from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.account import ClosedTrade
from tradepulse.execution.desk import Desk
from tradepulse.execution.effects import (
    Effect,
    LookUp,
    Reconcile,
    TradeClosed,
    TradeCorrected,
)
from tradepulse.execution.events import (
    BlockEntries,
    Disputed,
    Flatten,
    FundingPaid,
    OrderCancelled,
    OrderMissing,
    OrderRejected,
    OrderSeen,
    OrderSent,
    OutcomeUnknown,
)
from tradepulse.execution.exposure import exposure_of, wallet_equity
from tradepulse.execution.orders import Order, Role
from tradepulse.execution.reconcile import compare
from tradepulse.execution.venue import AccountSnapshot, VenueFill, VenueOrder
from tradepulse.execution.venue_side import VenueSide
from tradepulse.simulation.rules import Rules

PERPETUAL = "BTC/USDT:USDT"


def seen(
    order: Order, state: OrderState, filled: float, fills: tuple[VenueFill, ...] = ()
) -> OrderSeen:
    told = VenueOrder(order.client_order_id, "v1", order.pair, order.side, state, filled,
                      filled, order.price, None, reduces=False, group=None, time=0)  # fmt: skip
    return OrderSeen(NAME, order.id, told, fills, 0)


def fill_of(order: Order, quantity: float, trade_id: str = "late") -> VenueFill:
    return VenueFill(trade_id, order.client_order_id, "v1", order.pair, order.side, quantity, 100.0,
                     0.0, "USDT", 0.0, "taker", 0)  # fmt: skip


# --- the core raises ------------------------------------------------------------------------------
@pytest.mark.parametrize("role", [Role.STOP, Role.EXIT])
def test_a_fill_after_an_end_with_a_reason_is_booked(role: Role) -> None:
    desk = VenueDesk(PERPETUAL)
    (order,) = desk.protected(stop=2.0)
    if role is Role.EXIT:
        desk.close(exit_long=True)
        order = placed(desk.end(order, 0.0))
        desk.accept(order)
    # The end overtakes the fill, as `Ended` says it may; `reason` is the venue's own word.
    desk.send(OrderCancelled(NAME, order.id, 0, "EXPIRED_IN_MATCH", order.quantity, expired=True))
    desk.fill(order, price=97.0)
    assert desk.position is None


def test_a_fill_of_an_order_that_was_lost_is_booked() -> None:
    desk = VenueDesk(PERPETUAL)
    (stop,) = desk.protected(stop=2.0)
    desk.close(exit_long=True)
    for _ in range(40):
        for effect in desk.tick(2_000):
            if isinstance(effect, LookUp):
                desk.send(OrderMissing(NAME, effect.order.id, 0))
    assert desk.core.desk(NAME).order(stop.id).state is OrderState.EXPIRED
    desk.fill(stop, price=97.0)
    assert desk.position is None


# --- waits that never end -------------------------------------------------------------------------
def test_what_the_venue_calls_filled_is_over() -> None:
    """The adapter cuts quantities to today's lots, the core to those of its start: an exchange that
    made its lots coarser (filter_change) fills less than the core's order."""
    desk = VenueDesk(PERPETUAL)
    entry = placed(desk.close(enter_long=True, stop=2.0))
    whole = math.floor(entry.quantity * 100.0) / 100.0 - 0.01
    desk.accept(entry)
    desk.fill(entry, whole)
    stops: list[Order] = []
    for _ in range(60):
        effects = desk.tick(10_000)
        stops += all_placed(effects)
        for effect in effects:
            if isinstance(effect, LookUp):
                stops += all_placed(desk.send(seen(entry, OrderState.FILLED, whole)))
    assert [stop.role for stop in stops] == [Role.STOP], "ten minutes without a stop"


# --- orders that are doubled or lost --------------------------------------------------------------
def test_an_order_is_not_given_up_while_it_may_still_arrive() -> None:
    desk = VenueDesk(PERPETUAL)
    (stop,) = all_placed(desk.enter(stop=2.0))
    # It waited behind others of its pair and for the rate budget, then left, and the line fell.
    desk.tick(6_000)
    left = desk.wall
    desk.send(OrderSent(NAME, stop.id, desk.time, left))
    desk.send(OutcomeUnknown(NAME, stop.id, desk.time))
    desk.tick(1_500)
    again = all_placed(desk.send(OrderMissing(NAME, stop.id, desk.time)))
    assert desk.wall - left < desk.side.in_flight_ms
    assert again == [], "two stops may rest now, twice the position"


def test_a_fill_of_an_order_that_was_given_up_becomes_a_position() -> None:
    desk = VenueDesk(PERPETUAL)
    entry = placed(desk.close(enter_long=True, stop=2.0))
    desk.sent(entry)
    desk.send(OutcomeUnknown(NAME, entry.id, desk.time))
    desk.tick(20_000)
    desk.send(OrderMissing(NAME, entry.id, desk.time))
    assert desk.core.desk(NAME).order(entry.id).state is OrderState.REJECTED
    desk.send(seen(entry, OrderState.FILLED, entry.quantity, (fill_of(entry, entry.quantity),)))
    assert desk.position is not None, "the account holds it, nobody protects it"


def test_a_contradiction_is_told_once() -> None:
    desk = VenueDesk(PERPETUAL)
    entry = placed(desk.close(enter_long=True, stop=2.0))
    desk.sent(entry)
    desk.send(OutcomeUnknown(NAME, entry.id, desk.time))
    desk.tick(20_000)
    desk.send(OrderMissing(NAME, entry.id, desk.time))
    late = fill_of(entry, entry.quantity)
    snapshot = AccountSnapshot(0, (), (late,), (), ())
    asked = 0
    for _ in range(100):
        for order, fill in compare([desk.core.desk(NAME)], snapshot).fills:
            told = desk.fill(order, fill.quantity, trade_id=fill.trade_id)
            asked += sum(isinstance(effect, Reconcile) for effect in told)
    assert asked <= 1


@pytest.mark.parametrize("code", ["paused", "fallback"])
def test_a_pause_stops_an_entry_that_waits(code: str) -> None:
    desk = VenueDesk(PERPETUAL, Rules(market="perpetual", taker_fee_bps=0, slippage_bps=0,
                                      initial_cash=1_000.0, allow_short=True))  # fmt: skip
    (stop,) = desk.protected(stop=2.0)
    desk.close(enter_short=True, stop=2.0)
    assert desk.side.queued is not None
    desk.send(BlockEntries(NAME, code, desk.time))
    exit_ = placed(desk.end(stop, 0.0))
    desk.accept(exit_)
    assert all_placed(desk.fill(exit_)) == []


def test_a_position_the_venue_has_closed_does_not_make_orders_for_ever() -> None:
    """A liquidation or a person's own sale while the stream was down: the fill bears no id of ours,
    so nothing books it; compare() disputes; the stop is refused and placed anew without end, and
    neither drain, flatten nor the kill switch can ever finish."""
    desk = VenueDesk(PERPETUAL)
    (stop,) = desk.protected(stop=2.0)
    made = all_placed(desk.end(stop, 0.0))
    desk.send(OrderRejected(NAME, made[0].id, "reduce_only", desk.time))
    desk.send(Disputed(NAME, "the ledger holds 9, the venue 0", desk.time))
    desk.send(Flatten(NAME, 0, desk.time))
    for _ in range(24 * 60):
        waiting = all_placed(desk.tick(60_000))
        made += waiting
        for order in waiting:
            desk.send(OrderRejected(NAME, order.id, "reduce_only", desk.time))
    assert len(made) < 20, f"{len(made)} orders in a day"


# --- sizes and limits -----------------------------------------------------------------------------
def test_F8_an_entry_is_large_enough_for_its_stop() -> None:
    rules = Rules(taker_fee_bps=0, slippage_bps=0, initial_cash=5.02)
    desk = VenueDesk(rules=rules)
    found = all_placed(desk.close(enter_long=True))
    if found:  # refused is right too
        entry = found[0]
        desk.accept(entry)
        (stop,) = all_placed(desk.fill(entry))
        least = float(desk.side.terms.instrument.min_notional)
        assert stop.quantity * (stop.price or 0.0) >= least, "the venue refuses this stop"


def test_F12_no_entry_whose_stop_lies_beyond_its_liquidation() -> None:
    rules = Rules(market="perpetual", leverage=15.0, taker_fee_bps=0, slippage_bps=0,
                  initial_cash=1_000.0)  # fmt: skip
    desk = VenueDesk(PERPETUAL, rules)
    # No stop of its own: the disaster stop, 10 % away; at 15 times the venue takes it at 6.7 %.
    assert all_placed(desk.close(enter_long=True)) == []


def two_desks() -> tuple[VenueDesk, Desk]:
    desk = VenueDesk(PERPETUAL)
    other = desk.core.add(
        "b", "ETH/USDT:USDT", Rules(market="perpetual", initial_cash=1_000.0),
        venue=VenueSide(desk.side.terms, 5_000, 0.1, MINUTE),
    )  # fmt: skip
    return desk, other


def test_an_entry_counts_whole_while_it_fills() -> None:
    desk, other = two_desks()
    entry = placed(desk.close(enter_long=True, stop=2.0))
    desk.accept(entry)
    desk.fill(entry, 0.001)
    exposure = exposure_of(desk.core._books, other, entry._replace(activation_id="b"))
    assert exposure.notional == pytest.approx(entry.quantity * 100.0, rel=1e-6)


def test_a_stop_that_filled_is_a_loss_at_once() -> None:
    """With daily bars the daily-loss and drawdown limits see it up to a day late; other activations
    of the wallet go on entering."""
    desk = VenueDesk(PERPETUAL)
    (stop,) = desk.protected(stop=10.0)
    desk.fill(stop, price=80.0)
    account = desk.core.portfolio.accounts[NAME]
    lost = account.wallet - 1_000.0
    assert lost < -150.0
    assert wallet_equity([desk.core.desk(NAME)], 1_000.0, 0.0) == pytest.approx(1_000.0 + lost)


# --- money ----------------------------------------------------------------------------------------
def test_F12_a_funding_settlement_is_booked_once() -> None:
    """The reporter dedupes by process; a restart followed by a fall of the stream asks REST for two
    minutes before the fall, and the settlement of before the restart comes again."""
    desk = VenueDesk(PERPETUAL)
    desk.protected(stop=2.0)
    for _ in range(2):
        desk.send(FundingPaid(NAME, -1.5, 28_800_000))
    assert desk.core.portfolio.accounts[NAME].wallet == pytest.approx(998.5)


SETTLED = 28_800_000


def closed_across(settled: int = SETTLED, after: int = 5) -> tuple[VenueDesk, ClosedTrade]:
    """A contract that was held over a settlement nobody told of, and is closed by now."""
    desk = VenueDesk(PERPETUAL)
    desk.bar = settled // MINUTE - 5
    (stop,) = desk.protected(stop=2.0)
    desk.bar += after + 5
    (trade,) = [e.trade for e in desk.fill(stop, price=97.0) if isinstance(e, TradeClosed)]
    return desk, trade


def booked(effects: tuple[Effect, ...]) -> list[ClosedTrade]:
    return [effect.trade for effect in effects if isinstance(effect, TradeCorrected)]


def test_F12_a_settlement_told_after_the_close_is_booked_on_what_was_held_then() -> None:
    desk, trade = closed_across()
    account = desk.core.portfolio.accounts[NAME]
    before = account.wallet
    (late,) = booked(desk.send(FundingPaid(NAME, -1.5, SETTLED)))
    assert account.wallet == pytest.approx(before - 1.5)
    assert (late.id, late.funding) == (trade.id, -1.5)
    assert late.pnl == pytest.approx(trade.pnl - 1.5)
    assert late.pnl_pct == pytest.approx(100 * late.pnl / (late.quantity * late.entry_price))
    # Told again by the stream, a moment off.
    assert desk.send(FundingPaid(NAME, -1.5, SETTLED + 7)) == ()


def test_F12_a_late_settlement_is_not_booked_on_the_next_position() -> None:
    desk, trade = closed_across()
    desk.protected(stop=2.0)
    (late,) = booked(desk.send(FundingPaid(NAME, -1.5, SETTLED)))
    assert late.id == trade.id
    assert desk.position.funding == 0.0
    # The later of two, told first, does not hide the earlier.
    desk.send(FundingPaid(NAME, -2.0, 2 * SETTLED))
    assert desk.position.funding == -2.0


@pytest.mark.parametrize("time", [SETTLED - 10 * MINUTE, SETTLED + 10 * MINUTE])
def test_F12_what_was_settled_while_flat_is_nobodys(time: int) -> None:
    desk, _ = closed_across()
    assert desk.send(FundingPaid(NAME, -1.5, time)) == ()


@pytest.mark.parametrize(("late", "entered"), [(0, 1), (10 * MINUTE, 0)])
def test_a_reversal_is_stale_by_the_venues_time_not_by_that_of_a_late_word(
    late: int, entered: int
) -> None:
    desk = VenueDesk(PERPETUAL, Rules(market="perpetual", taker_fee_bps=0, slippage_bps=0,
                                      initial_cash=1_000.0, allow_short=True))  # fmt: skip
    (stop,) = desk.protected(stop=2.0)
    desk.close(enter_short=True, stop=2.0)
    (leave,) = all_placed(desk.end(stop, 0.0))
    desk.accept(leave)
    assert desk.side.queued is not None
    desk.side.market = desk.time + late
    told = desk.fill(leave)  # of the moment it was accepted, told late
    assert len(all_placed(told)) == entered
