"""Doubt about orders at a venue: what has no answer is looked up, not sent again, not guessed."""

from __future__ import annotations

from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.desk import Books, Desk
from tradepulse.execution.effects import CancelOrder, Effect, LookUp, Reconcile
from tradepulse.execution.events import (
    CancelNotTaken,
    OrderAccepted,
    OrderCancelled,
    OrderMissing,
    OrderRejected,
    OrderSeen,
    OutcomeUnknown,
    Ticked,
)
from tradepulse.execution.orders import moved
from tradepulse.execution.venue_orders import drop_queued, side_of, want_exit
from tradepulse.execution.venue_reports import (
    SLACK,
    changed,
    entry_over,
    fill_event,
    on_accepted,
    on_ended,
    on_filled,
    on_refused,
    told_of,
)
from tradepulse.execution.venue_side import DENIED_MS, MARGIN_MS, SILENCE_MS, Need

_S = OrderState
# The price has been past the stop for this long, and the stop has not filled.
_STUCK_WALL_MS, _STUCK_MARKET_MS = 1_000, 3_000


def on_unknown(books: Books, desk: Desk, event: OutcomeUnknown) -> list[Effect]:
    """It may have happened: looked up until the venue has answered, never sent again."""
    order, venue = desk.order(event.order_id), side_of(desk)
    if order.state not in (_S.INTENDED, _S.SENT):
        return []
    venue.doubt(order.id)
    return [changed(books, desk, moved(order, _S.UNKNOWN, event.time))]


def on_cancel_not_taken(books: Books, desk: Desk, event: CancelNotTaken) -> list[Effect]:
    """It may rest still, or have filled: a look tells, and then the cancel is asked for again."""
    order, venue = desk.order(event.order_id), side_of(desk)
    if order.state is not _S.CANCELLING:
        return []
    venue.back_off(event.retry_ms)
    if event.code == "gone":
        venue.doubt(order.id)
        return []
    venue.settled(order.id)
    return [changed(books, desk, moved(order, _S.OPEN, event.time))]


def on_seen(books: Books, desk: Desk, event: OrderSeen) -> list[Effect]:
    """The venue's word on an order: its fills first, then what became of the rest."""
    effects: list[Effect] = []
    asked = desk.order(event.order_id)
    if event.order.state is _S.FILLED and event.order.filled < asked.quantity * (1.0 - SLACK):
        # The venue took less than we asked, by a filter newer than ours: that was the whole order.
        desk.keep(asked._replace(quantity=event.order.filled))
    for fill in event.fills:
        told = fill_event(event.activation_id, event.order_id, fill)
        effects += on_filled(books, desk, told)
    if event.order.state in (_S.CANCELLED, _S.EXPIRED, _S.REJECTED):
        return effects + _seen_ended(books, desk, event)
    if desk.order(event.order_id).state.is_over:
        return effects + _seen_after_its_end(desk, event)
    return effects + _seen_alive(books, desk, event)


def _seen_ended(books: Books, desk: Desk, event: OrderSeen) -> list[Effect]:
    """The venue says that nothing more of it will fill."""
    name, own, time, seen = event.activation_id, event.order_id, event.time, event.order
    if seen.state is _S.REJECTED:
        return on_refused(books, desk, OrderRejected(name, own, "rejected", time))
    expired = seen.state is _S.EXPIRED
    ended = OrderCancelled(name, own, time, None, seen.filled, expired=expired)
    return on_ended(books, desk, ended)


def _seen_after_its_end(desk: Desk, event: OrderSeen) -> list[Effect]:
    """For us it was over: what is left is to see its last fills, or to have it taken away."""
    order, venue, seen = desk.order(event.order_id), side_of(desk), event.order
    if order.state is _S.REJECTED and seen.state in (_S.OPEN, _S.PARTIALLY_FILLED):
        why = "was given up as never placed, and rests at the venue: cancelled"
        return [CancelOrder(order), told_of(order, event.time, "reconcile.difference", why)]
    if order.filled >= seen.filled - SLACK * order.quantity:
        venue.settled(order.id)
    return []


def _seen_alive(books: Books, desk: Desk, event: OrderSeen) -> list[Effect]:
    """It rests, fills, or has filled."""
    order, venue, seen = desk.order(event.order_id), side_of(desk), event.order
    whole = order.filled >= order.quantity * (1.0 - SLACK)
    if seen.state is _S.FILLED and whole:
        venue.settled(order.id)
        return [changed(books, desk, moved(order, _S.FILLED, event.time))]
    if order.state is _S.CANCELLING and seen.state in (_S.OPEN, _S.PARTIALLY_FILLED):
        # The cancel did not take, or has not yet. Asking again is harmless.
        venue.settled(order.id)
        venue.back_off()
        return [changed(books, desk, moved(order, _S.OPEN, event.time))]
    accepted = OrderAccepted(event.activation_id, order.id, event.time, seen.venue_order_id)
    effects = on_accepted(books, desk, accepted)
    if seen.filled > order.filled + SLACK * order.quantity:
        venue.wait(order.id, Need.FILLS, seen.filled)
    return effects


def on_missing(books: Books, desk: Desk, event: OrderMissing) -> list[Effect]:
    """The venue denies the order. Only when no request can be on its way any more is that true."""
    order, venue = desk.order(event.order_id), side_of(desk)
    wait = venue.waits.get(order.id)
    if wait is None:
        return []
    denied = venue.wall if wait.denied is None else wait.denied
    venue.waits[order.id] = wait._replace(denied=denied)
    if order.acknowledged_at is None and order.state in (_S.INTENDED, _S.SENT, _S.UNKNOWN):
        left_at = max(wait.since, order.sent_at or 0)
        if venue.wall - left_at < venue.in_flight_ms + MARGIN_MS:
            return []
        venue.settled(order.id)
        order = moved(order, _S.REJECTED, event.time, "not_placed")
        return [changed(books, desk, order), *entry_over(desk, order, "not_placed")]
    if venue.wall - denied < DENIED_MS:
        return []
    venue.settled(order.id)
    effects: list[Effect] = [
        told_of(order, event.time, "risk.order_lost", "the venue has forgotten it"),
        Reconcile(event.activation_id, "order_lost"),
    ]
    if order.state.is_over:
        return effects
    return [changed(books, desk, moved(order, _S.EXPIRED, event.time, "lost")), *effects]


def on_ticked(books: Books, desk: Desk, event: Ticked) -> list[Effect]:
    """What is overdue is looked up; a stop that does not fill is given up for a market exit."""
    venue, effects = side_of(desk), list[Effect]()
    venue.wall, venue.market = event.wall, event.time
    for name, wait in list(venue.waits.items()):
        if event.wall < wait.next_look:
            continue
        order = desk.order(name)
        if order.state in (_S.INTENDED, _S.SENT) and event.wall - wait.since >= SILENCE_MS:
            venue.doubt(name)
            order = moved(order, _S.UNKNOWN, event.time)
            effects.append(changed(books, desk, order))
        venue.looked(name)
        effects.append(LookUp(order))
    stuck = venue.beyond_stop
    if (
        stuck is not None
        and event.wall - stuck[0] >= _STUCK_WALL_MS
        and event.time - stuck[1] >= _STUCK_MARKET_MS
    ):
        venue.beyond_stop = None
        effects += want_exit(desk, "stop")
    queued = venue.queued
    if queued is not None and event.time - queued.approved.order.created_at > venue.stale_ms:
        # Its moment has passed while the position before it would not go.
        effects += drop_queued(desk, event.time, "stale")
    return effects
