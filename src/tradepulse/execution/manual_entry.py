"""An entry by hand: sized, judged and sent as a signal's is."""

from __future__ import annotations

import math

from tradepulse.domain.manual_command import MANUAL
from tradepulse.execution.bar_close import market_order
from tradepulse.execution.desk import Books, Desk
from tradepulse.execution.effects import Effect, OrderSaved, PlaceOrder, SignalSaved
from tradepulse.execution.events import ByHand, Wish
from tradepulse.execution.exposure import exposure_of
from tradepulse.execution.identity import client_order_id, order_id
from tradepulse.execution.manual_stop import last_price, tick_of, wrong_stop
from tradepulse.execution.orders import Bracket, Order, Role
from tradepulse.execution.shaping import off_tick
from tradepulse.execution.venue_entry import judged_at_venue, send_entry
from tradepulse.risk import Approved, Exposure, Refused, check
from tradepulse.simulation import layout as at
from tradepulse.simulation.venue import below_min_notional, floor_to_lot


def entry_by_hand(
    books: Books, desk: Desk, event: ByHand, record: SignalSaved
) -> list[Effect] | Refused:
    """The entry under way, its record first; or why there is none."""
    wish, price = event.wish, last_price(desk, event)
    order = planned_by_hand(desk, event)
    if isinstance(order, Refused):
        return order
    verdict = _judged(books, desk, order, event, record)
    if isinstance(verdict, Refused):
        return verdict
    placed = verdict.order
    record = record._replace(values={**record.values, **_told(placed, wish, price)})
    if desk.venue is not None:
        return send_entry(books, desk, verdict, record)
    desk.start_entry(placed)
    desk.entry_signal, desk.entry_tag, desk.entry_max_bars = record, MANUAL, math.nan
    return [record, OrderSaved(placed), PlaceOrder(verdict)]


def planned_by_hand(desk: Desk, event: ByHand) -> Order | Refused:
    """The entry as it is wished for, sized, before any limit is asked; or why there can be none."""
    wish, price = event.wish, last_price(desk, event)
    refused = _why_not_now(desk, wish.side) or _wrong_levels(desk, wish, price)
    return refused or _order(desk, event, price)


def sized_by_hand(
    wish: Wish, price: float, equity: float, lot: float, min_notional: float
) -> float | Refused:
    """Base units of the entry that is wished for: its quantity, or what loses `risk_pct` percent of
    `equity` at the stop; whole lots, rounded down."""
    asked = wish.quantity
    if math.isnan(asked):
        asked = equity * wish.risk_pct / 100.0 / abs(price - wish.stop)
    quantity = float(floor_to_lot(asked, lot)) if math.isfinite(asked) else 0.0
    if not quantity > 0.0:
        return Refused("no_quantity", "at least a lot", f"{asked:.10g}")
    if below_min_notional(quantity, price, min_notional):
        return Refused("min_notional", f"at least {min_notional:.10g}", f"{quantity * price:.10g}")
    return quantity


def wrong_target(side: int, target: float, price: float) -> Refused | None:
    """Why a target is none; None: it is beyond the price, or there is none."""
    if math.isnan(target) or (target > 0.0 and side * (target - price) > 0.0):
        return None
    where = "above" if side > 0 else "below"
    return Refused(
        "target_wrong_side", f"a target {where} the price {price:.10g}", f"{target:.10g}"
    )


def _why_not_now(desk: Desk, side: int) -> Refused | None:
    account = desk.account
    if account.position is not None:
        return Refused("in_position", "no open position", f"{account.position.quantity:.10g}")
    if desk.pending_side:
        return Refused("entry_pending", "no entry under way", "one")
    if desk.exit_underway:
        return Refused("already_leaving", "nothing under way", "an exit")
    if side < 0 and account.rules[at.R_ALLOW_SHORT] == 0.0:
        return Refused("shorts_not_allowed", "a buy", "a sell, and the rules allow no shorts")
    if account.bankrupt:
        return Refused("bankrupt", "equity above 0", "none left")
    return None


def _wrong_levels(desk: Desk, wish: Wish, price: float) -> Refused | None:
    tick = tick_of(desk)
    refused = wrong_stop(wish.side, wish.stop, price, tick)
    refused = refused or wrong_target(wish.side, wish.target, price)
    if refused is None and not math.isnan(wish.target):
        refused = off_tick(wish.target, tick)
    return refused


def _order(desk: Desk, event: ByHand, price: float) -> Order | Refused:
    account, wish = desk.account, event.wish
    lot, least = account.rules[at.R_LOT], account.rules[at.R_MIN_NOTIONAL]
    if desk.venue is not None:
        instrument = desk.venue.terms.instrument
        lot, least = float(instrument.lot or 0), float(instrument.min_notional)
    quantity = sized_by_hand(wish, price, account.equity, lot, least)
    if isinstance(quantity, Refused):
        return quantity
    bracket = Bracket(stop_price=wish.stop, target_price=wish.target)
    order = market_order(
        account, Role.ENTRY, wish.side, quantity, price, event.bar_time, event.time,
        reason=MANUAL, bracket=bracket,
    )  # fmt: skip
    # A bar may have led to an entry of the strategy's own: this one has another name.
    name = order_id(account.activation_id, event.bar_time, f"{Role.ENTRY}:{event.command_id}")
    return order._replace(id=name, client_order_id=client_order_id(name), plan=(math.nan, MANUAL))


def _judged(
    books: Books, desk: Desk, order: Order, event: ByHand, record: SignalSaved
) -> Approved[Order] | Refused:
    if desk.venue is not None:
        return judged_at_venue(books, desk, order, record)
    if event.replayed:
        return check(order, Exposure(0, 0.0, math.inf))
    return books.risk.check(order, exposure_of(books, desk, order))


def _told(order: Order, wish: Wish, price: float) -> dict[str, object]:
    told: dict[str, object] = {
        "order_id": order.id, "quantity": order.quantity, "price": price,
        "notional": order.quantity * price, "stop": wish.stop,
        "risk": order.quantity * abs(price - wish.stop),
    }  # fmt: skip
    return told if math.isnan(wish.target) else {**told, "target": wish.target}
