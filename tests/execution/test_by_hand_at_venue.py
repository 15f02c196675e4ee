"""Commands by hand at a venue: one step at a time as ever, and nothing unprotected."""

from __future__ import annotations

import math
from typing import Any

import pytest
from desk_at_venue import MINUTE, NAME, VenueDesk, all_placed, cancelled, placed

from tradepulse.domain.lifecycle import ExitReason
from tradepulse.domain.manual_command import ManualAction
from tradepulse.execution.effects import CommandAnswered, PositionSaved, SignalSaved, TradeClosed
from tradepulse.execution.events import BlockEntries, ByHand, PriceReached, Wish
from tradepulse.execution.orders import Role
from tradepulse.simulation.rules import Rules

PERPETUAL = "BTC/USDT:USDT"
RULES = Rules(
    market="perpetual", taker_fee_bps=0, slippage_bps=0, initial_cash=1_000.0, leverage=10.0,
    allow_short=True,
)  # fmt: skip


def by_hand(desk: VenueDesk, action: ManualAction, price: float = 100.0, **wish: Any) -> Any:
    return desk.send(
        ByHand(NAME, f"m{desk.time}", action, Wish(**wish), desk.time - MINUTE, desk.time, price)
    )


def answer(effects: Any) -> CommandAnswered:
    (found,) = [effect for effect in effects if isinstance(effect, CommandAnswered)]
    return found


def test_a_position_is_closed_after_its_legs_and_the_desk_enters_again() -> None:
    desk = VenueDesk()
    stop, target = desk.protected(stop=2.0, target=3.0)
    closing = by_hand(desk, ManualAction.CLOSE, position_id=desk.position.id)
    assert answer(closing).code is None
    assert cancelled(closing) == [Role.STOP]
    saved = next(e for e in closing if isinstance(e, PositionSaved))
    assert saved.state is not None
    assert saved.state["leaving"] == "manual"
    desk.end(stop, 0.0)
    exit_ = placed(desk.end(target, 0.0))
    assert (exit_.role, exit_.reason) == (Role.EXIT, "manual")
    again = by_hand(desk, ManualAction.CLOSE, position_id=desk.position.id)
    assert answer(again).code == "already_leaving"
    desk.accept(exit_)
    (closed,) = [e for e in desk.fill(exit_) if isinstance(e, TradeClosed)]
    assert closed.trade.exit_reason is ExitReason.SIGNAL
    assert placed(desk.close(enter_long=True, stop=2.0)).role is Role.ENTRY


def test_a_moved_stop_converges_by_cancelling_first() -> None:
    desk = VenueDesk(PERPETUAL, RULES)
    (stop,) = desk.protected(stop=2.0)
    moving = by_hand(desk, ManualAction.STOP, position_id=desk.position.id, stop=99.5)
    assert (answer(moving).code, answer(moving).told["before"]) == (None, 98.0)
    assert cancelled(moving) == [Role.STOP]
    assert all_placed(moving) == []
    new = placed(desk.end(stop, 0.0))
    assert (new.role, new.price) == (Role.STOP, 99.5)
    assert desk.position.stop == 99.5


@pytest.mark.parametrize(
    ("stop", "code"),
    [(100.5, "stop_wrong_side"), (99.123, "off_tick"), (89.0, "stop_beyond_liquidation"),
     (-1.0, "bad_level"), (math.nan, "bad_level")],
)  # fmt: skip
def test_a_stop_that_protects_nothing_is_refused(stop: float, code: str) -> None:
    desk = VenueDesk(PERPETUAL, RULES)
    desk.protected(stop=2.0)
    effects = by_hand(desk, ManualAction.STOP, position_id=desk.position.id, stop=stop)
    assert answer(effects).code == code
    assert set(answer(effects).told) == {"expected", "found"}
    assert (desk.position.stop, cancelled(effects)) == (98.0, [])


def test_the_last_trade_decides_on_which_side_a_stop_is() -> None:
    desk = VenueDesk(PERPETUAL, RULES)
    desk.protected(stop=2.0)
    desk.send(PriceReached(NAME, 99.0, 1))
    moved = by_hand(desk, ManualAction.STOP, 99.0, position_id=desk.position.id, stop=99.5)
    assert answer(moved).code == "stop_wrong_side"


def test_an_entry_by_hand_is_sized_cut_and_protected() -> None:
    desk = VenueDesk(PERPETUAL, RULES)
    desk.close()
    made = by_hand(desk, ManualAction.ENTER, side=-1, risk_pct=1.0, stop=102.0, target=97.0)
    order = placed(made)
    assert (order.role, order.side, order.quantity, order.reason) == (Role.ENTRY, -1, 5.0, "manual")
    (record,) = [e for e in made if isinstance(e, SignalSaved)]
    assert (record.action, record.values["order_id"]) == ("manual_enter", order.id)
    desk.accept(order)
    (stop,) = all_placed(desk.fill(order))
    assert (stop.role, stop.price, desk.position.tag) == (Role.STOP, 102.0, "manual")
    whole = VenueDesk()
    whole.close()
    cut = placed(by_hand(whole, ManualAction.ENTER, side=1, quantity=500.0, stop=98.0))
    assert cut.quantity == pytest.approx(9.97, abs=0.01)


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"side": -1, "quantity": 1.0, "stop": 101.0}, "shorts_not_allowed"),
        ({"side": 1, "quantity": 1.0, "stop": 101.0}, "stop_wrong_side"),
        ({"side": 1, "quantity": 0.01, "stop": 99.0}, "min_notional"),
        ({"side": 1, "quantity": 1.0, "stop": 99.0, "target": 99.5}, "target_wrong_side"),
        ({"side": 1, "quantity": 0.0001, "stop": 99.0}, "no_quantity"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(wish: dict[str, Any], code: str) -> None:
    desk = VenueDesk()
    desk.close()
    effects = by_hand(desk, ManualAction.ENTER, **wish)
    assert (answer(effects).code, all_placed(effects)) == (code, [])


def test_a_paused_desk_takes_no_entry_by_hand_and_closes_still() -> None:
    desk = VenueDesk()
    desk.protected(stop=2.0)
    desk.send(BlockEntries(NAME, "paused", 0))
    assert answer(by_hand(desk, ManualAction.CLOSE, position_id=desk.position.id)).code is None
    other = VenueDesk()
    other.close()
    other.send(BlockEntries(NAME, "paused", 0))
    refused = by_hand(other, ManualAction.ENTER, side=1, quantity=1.0, stop=99.0)
    assert answer(refused).code == "paused"


def test_what_protects_is_not_cancelled_and_an_entry_is_taken_back() -> None:
    desk = VenueDesk()
    stop, target = desk.protected(stop=2.0, target=3.0)
    for leg in (stop, target):
        effects = by_hand(desk, ManualAction.CANCEL, order_id=leg.id)
        assert answer(effects).code == "protects_position"
        assert cancelled(effects) == []
    assert answer(by_hand(desk, ManualAction.CANCEL, order_id="nobody")).code == "order_over"
    other = VenueDesk()
    entry = placed(other.close(enter_long=True, stop=2.0))
    other.accept(entry)
    back = by_hand(other, ManualAction.CANCEL, order_id=entry.id)
    assert answer(back).told == {"order_id": entry.id, "called_back": False}
    assert placed(other.fill(entry)).role is Role.EXIT
