"""An entry on its way to a venue: cut down to what the account, the limits and the venue allow."""

from __future__ import annotations

import math

from tradepulse.domain.market_terms import MarketTerms
from tradepulse.execution.desk import Books, Desk
from tradepulse.execution.effects import Effect, OrderSaved, PlaceOrder, SignalSaved
from tradepulse.execution.exposure import exposure_of
from tradepulse.execution.orders import Bracket, Order
from tradepulse.execution.shaping import leverage_allowed, lots, shape_entry, stop_within_margin
from tradepulse.execution.venue_orders import side_of
from tradepulse.execution.venue_side import QUEUED, Need, Queued
from tradepulse.risk import Approved, Refused
from tradepulse.simulation import layout as at

# What a market order may cost above the close it was decided on. Without it an order of the whole
# cash is refused by the venue after any uptick.
_PRICE_ROOM = 0.003
# How far beyond its trigger the limit of a spot stop may lie.
_STOP_LIMIT_ROOM = 0.011


def enter_at_venue(books: Books, desk: Desk, order: Order, signal: SignalSaved) -> list[Effect]:
    """The entry placed, queued behind the position it reverses, or refused with the reason."""
    verdict = judged_at_venue(books, desk, order, signal)
    if isinstance(verdict, Refused):
        return [signal._replace(verdict="refused", reason=verdict.code)]
    return send_entry(books, desk, verdict, signal)


def judged_at_venue(
    books: Books, desk: Desk, order: Order, signal: SignalSaved
) -> Approved[Order] | Refused:
    """The entry as it may leave: protected, cut to what is allowed, approved; or why it may not."""
    account, venue = desk.account, side_of(desk)
    if venue.disputed is not None:
        return Refused("disputed", "a venue and a ledger that agree", venue.disputed)
    if venue.waits and account.position is None:
        return Refused("order_pending", "no order with an open outcome", f"{len(venue.waits)}")
    plan = (_max_bars(signal), _tag(signal))
    order = order._replace(bracket=_protected(order, venue.disaster_stop), plan=plan)
    sized = _cut(books, desk, order)
    if isinstance(sized, Refused):
        return sized
    return books.risk.check(sized, exposure_of(books, desk, sized))


def send_entry(
    books: Books, desk: Desk, verdict: Approved[Order], signal: SignalSaved
) -> list[Effect]:
    """The approved entry placed, or queued behind the position it reverses."""
    account, venue, sized = desk.account, side_of(desk), verdict.order
    max_bars, tag = sized.plan or (math.nan, None)
    if books.oversight is not None:
        books.oversight.count_order(sized.created_at)
    if account.position is not None:
        venue.queued = Queued(verdict, signal, max_bars, tag)
        # Marked, so that a restart knows without asking that it never left.
        waiting = sized._replace(reason=QUEUED)
        desk.orders[sized.id] = waiting
        return [signal, OrderSaved(waiting)]
    desk.start_entry(sized)
    desk.entry_signal, desk.entry_max_bars, desk.entry_tag = signal, max_bars, tag
    venue.wait(sized.id, Need.ANSWER)
    return [signal, OrderSaved(sized), PlaceOrder(verdict)]


def _cut(books: Books, desk: Desk, order: Order) -> Order | Refused:
    """The order with a quantity that cash, limits and filters allow."""
    account, venue = desk.account, side_of(desk)
    price, rules = order.decided_at, account.rules
    leverage = rules[at.R_LEVERAGE] if account.is_perpetual else 1.0
    cost = price * (1.0 + _PRICE_ROOM) * (1.0 / leverage + rules[at.R_TAKER])
    quantity = min(order.quantity, account.wallet / cost)
    asked = order._replace(quantity=quantity)
    filters = venue.terms
    sized = books.risk.allowed_quantity(
        asked.intent,
        exposure_of(books, desk, asked),
        lot=float(filters.instrument.lot or 0),
        min_quantity=float(filters.min_quantity),
        min_notional=float(filters.instrument.min_notional),
    )
    if sized.quantity <= 0.0 and sized.refusal is not None:
        return sized.refusal
    shaped = shape_entry(sized.quantity, price, filters)
    if isinstance(shaped, Refused):
        return shaped
    refused = leverage_allowed(shaped * price, leverage, filters)
    if refused is None and account.is_perpetual:
        refused = stop_within_margin(
            order.side, price, shaped, leverage, order.bracket or Bracket(), filters,
            float(rules[at.R_MAINTENANCE]),
        )  # fmt: skip
    refused = refused or _unprotectable(order, shaped, rules[at.R_TAKER], filters)
    return refused or order._replace(quantity=shaped)


def _unprotectable(
    order: Order, quantity: float, taker: float, terms: MarketTerms
) -> Refused | None:  # fmt: skip
    """Why its stop would be refused: on spot a stop meets the minimum notional too, at its limit
    and without the coins that the entry's fee may take."""
    if terms.instrument.pair.settle is not None:
        return None
    bracket = order.bracket or Bracket()
    below = [d for d in (bracket.stop, bracket.trail) if not math.isnan(d)]
    level = order.decided_at - max(below, default=0.0)
    if not math.isnan(bracket.stop_price):
        level = bracket.stop_price
    worth = lots(quantity * (1.0 - taker), terms) * level * (1.0 - _STOP_LIMIT_ROOM)
    least = float(terms.instrument.min_notional)
    if worth >= least:
        return None
    return Refused("min_notional", f"at least {least:g} at its stop", f"{worth:.8g}")


def _protected(order: Order, disaster_stop: float) -> Bracket:
    """Its bracket, never without a stop: a signal without one gets the disaster stop."""
    bracket = order.bracket or Bracket()
    levels = (bracket.stop, bracket.stop_price, bracket.trail)
    if not all(math.isnan(level) for level in levels):
        return bracket
    return bracket._replace(stop=disaster_stop * order.decided_at)


def _max_bars(signal: SignalSaved) -> float:
    found = signal.values.get("max_bars", math.nan)
    return found if isinstance(found, float) else math.nan


def _tag(signal: SignalSaved) -> str | None:
    found = signal.values.get("tag")
    return found if isinstance(found, str) else None
