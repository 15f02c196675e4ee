"""How a desk's orders are arranged at a venue: one stop for a position, exits one step at a time.

Nothing here is a script. After every event `arrange` compares what rests with what should rest and
asks for the one next step, and for nothing while an answer is open. So it makes no difference in
which order answers come, or whether a crash lay between two of them.

Law: what rests to close a position never exceeds it. So legs are cancelled, and known to be gone,
before anything takes their place; until then the position is exposed, and that time is counted.
"""

from __future__ import annotations

import math
from dataclasses import asdict

from tradepulse.domain.lifecycle import ExitReason, OrderState
from tradepulse.domain.money import plus
from tradepulse.execution.account import Account, ClosedTrade, Position
from tradepulse.execution.desk import FLATTEN, Books, Desk, because, exit_reason
from tradepulse.execution.effects import (
    CancelOrder,
    Effect,
    Noted,
    OrderSaved,
    PlaceOrder,
    PlacePair,
    PositionGone,
    PositionSaved,
    TradeClosed,
)
from tradepulse.execution.identity import child_id, client_order_id
from tradepulse.execution.oco import Legs
from tradepulse.execution.orders import Kind, Order, Role, moved
from tradepulse.execution.shaping import closable, limit_price, stop_price
from tradepulse.execution.venue_side import Need, VenueSide
from tradepulse.risk import approve_reduction

# Longer without a stop than this is told to people.
_TELL_EXPOSED_MS = 5_000


def side_of(desk: Desk) -> VenueSide:
    """The venue side of a desk that has one."""
    if desk.venue is None:
        raise TypeError(f"activation {desk.account.activation_id} trades in this process")
    return desk.venue


def want_exit(desk: Desk, reason: str) -> list[Effect]:
    """The position is to be closed at the market from now on; the wish is durable."""
    venue = side_of(desk)
    if venue.leaving is not None:
        return []
    venue.leaving = reason
    return saved_position(desk)


def drop_entry(desk: Desk, time: int, reason: str) -> list[Effect]:
    """An entry under way is not wanted any more: what it still fills is sold again.

    A market order that has left cannot be called back; one that waits in our queue can.
    """
    venue, entry = side_of(desk), desk.entry
    dropped = drop_queued(desk, time, reason)
    if dropped or entry is None or venue.leaving is not None:
        return dropped
    venue.leaving = FLATTEN
    # Until it has filled there is no position to carry the wish over a restart: its order does.
    return [OrderSaved(desk.keep(entry._replace(reason=FLATTEN)))]


def drop_queued(desk: Desk, time: int, reason: str) -> list[Effect]:
    """An entry that still waits for the position before it comes to nothing."""
    if desk.venue is None or desk.venue.queued is None:
        return []
    queued, desk.venue.queued = desk.venue.queued, None
    gone = desk.keep(moved(queued.approved.order, OrderState.CANCELLED, time, reason))
    return [OrderSaved(gone), queued.signal._replace(verdict="refused", reason=reason)]


def arrange(books: Books, desk: Desk, time: int) -> list[Effect]:
    """The next step towards what should rest at the venue; nothing while an answer is open."""
    effects = _count_exposure(books, desk, time)
    if side_of(desk).waits:
        return effects
    held = desk.account.position
    if held is None:
        return effects + _when_flat(books, desk, time)
    return effects + _next_step(books, desk, held, time)


def _next_step(books: Books, desk: Desk, held: Position, time: int) -> list[Effect]:
    """While a position is held: legs that do not fit go first, then what fits takes their place."""
    venue, account = side_of(desk), desk.account
    legs = books.oco.legs(account.activation_id)
    fits = venue.leaving is None and _fits(held, legs, venue)
    waits = venue.contradicted or venue.wall < venue.retry_at
    if fits or waits or not venue.terms.trading:
        # A halted instrument takes nothing: what rests is all the protection there is.
        return []
    if legs.alive():
        return _cancel(books, desk, legs.alive(), time)
    quantity = closable(held.quantity, _price(account, venue), venue.terms)
    if quantity <= 0.0:
        return _to_dust(books, desk, held, time)
    if venue.leaving is not None:
        return _place_exit(desk, held, quantity, venue.leaving, time)
    return _place_legs(books, desk, held, quantity, time)


def saved_position(desk: Desk, *, opened: bool = False) -> list[Effect]:
    """The row of the open position, with what a restart needs of it."""
    view, held, venue = desk.account.view(), desk.account.position, side_of(desk)
    if view is None or held is None:
        return []
    state = {
        name: None if isinstance(value, float) and math.isnan(value) else value
        for name, value in asdict(held).items()
    }
    state |= {"leaving": venue.leaving, "generation": venue.generation}
    return [PositionSaved(view, opened, state)]


def left(books: Books, desk: Desk, trade: ClosedTrade) -> list[Effect]:
    """The position is gone: its trade, and an eye on the legs that the venue takes away."""
    venue = side_of(desk)
    books.risk.closed(trade, trade.exit_time)
    desk.triggered = False
    venue.beyond_stop = None
    venue.closed.append(trade)
    for leg in books.oco.legs(trade.activation_id).alive():
        # The group at the venue ends the other leg by itself; where it has not, `arrange` does.
        if leg.oco_group is not None and venue.terms.native_oco:
            venue.wait(leg.id, Need.END)
    return [TradeClosed(trade), PositionGone(trade.activation_id, trade.id)]


def _count_exposure(books: Books, desk: Desk, time: int) -> list[Effect]:
    """How long the position has been without a stop; told while it lasts, and when it is over."""
    venue, account = side_of(desk), desk.account
    stop = books.oco.legs(account.activation_id).stop
    rests = stop is not None and not stop.state.is_over and stop.acknowledged_at is not None
    if account.position is not None and not rests:
        venue.expose()
        lasted = venue.wall - (venue.exposed_since or venue.wall)
        if lasted < _TELL_EXPOSED_MS or venue.exposure_told:
            return []
        venue.exposure_told = True
        return [_unprotected(desk, time, lasted, "error", "has no stop at the venue since")]
    lasted_ms = venue.protect()
    if lasted_ms is None or lasted_ms < _TELL_EXPOSED_MS:
        return []
    return [_unprotected(desk, time, lasted_ms, "warning", "had no stop at the venue for")]


def _unprotected(desk: Desk, time: int, lasted_ms: int, level: str, words: str) -> Noted:
    account = desk.account
    return Noted(
        account.activation_id, time, level, "risk.unprotected",
        f"{account.pair} {words} {lasted_ms / 1000:.1f} s", {"lasted_ms": lasted_ms},
    )  # fmt: skip


def _when_flat(books: Books, desk: Desk, time: int) -> list[Effect]:
    """Nothing is held and nothing is open: clear the table, then the entry that waited for it."""
    venue = side_of(desk)
    legs = books.oco.legs(desk.account.activation_id).alive()
    if legs:
        return _cancel(books, desk, legs, time) if venue.wall >= venue.retry_at else []
    if desk.entry is not None:
        return []
    books.oco.forget(desk.account.activation_id)
    venue.leaving, venue.generation, queued = None, 0, venue.queued
    known = desk.orders.keys() | desk.earlier.keys()
    venue.trades = {trade: order for trade, order in venue.trades.items() if order in known}
    if queued is None:
        return []
    order = queued.approved.order
    # What closed the position may be told late: by the time of that event the signal is fresh yet.
    if max(time, venue.market) - order.created_at > venue.stale_ms:
        return drop_queued(desk, time, "stale")
    venue.queued = None
    desk.start_entry(order)
    desk.entry_signal, desk.entry_max_bars, desk.entry_tag = (
        queued.signal, queued.max_bars, queued.tag,
    )  # fmt: skip
    venue.wait(order.id, Need.ANSWER)
    return [OrderSaved(order), PlaceOrder(queued.approved)]


def _fits(held: Position, legs: Legs, venue: VenueSide) -> bool:
    """Whether what rests is what should rest."""
    stop, target = legs.stop, legs.target
    if stop is None or stop.state.is_over:
        return False
    quantity = closable(held.quantity, held.entry_price, venue.terms) or held.quantity
    fits = (
        abs(stop.remaining - quantity) <= 1e-9 * quantity
        and stop.price == stop_price(held.stop, held.side, venue.terms)
    )  # fmt: skip
    if stop.filled > 0.0:
        # It is on its way out, and the venue has taken the target away.
        return True
    if math.isnan(held.target) or not venue.terms.native_oco:
        return fits
    return fits and target is not None and not target.state.is_over


def _cancel(books: Books, desk: Desk, legs: list[Order], time: int) -> list[Effect]:
    """Takes the legs away. A native group goes as one: one request, an answer for each."""
    venue, effects = side_of(desk), list[Effect]()
    for leg in legs:
        leaving = desk.keep(moved(leg, OrderState.CANCELLING, time))
        books.oco.update(leaving)
        venue.wait(leaving.id, Need.END)
        effects.append(OrderSaved(leaving))
        if leg is legs[0] or not venue.terms.native_oco:
            effects.append(CancelOrder(leaving))
    return effects


def _place_exit(
    desk: Desk, held: Position, quantity: float, reason: str, time: int
) -> list[Effect]:
    venue = side_of(desk)
    order = _closing(desk, held, Role.EXIT, Kind.MARKET, quantity, None, time)._replace(
        reason=reason
    )
    desk.exit = desk.orders[order.id] = order
    venue.wait(order.id, Need.ANSWER)
    return [OrderSaved(order), *saved_position(desk), PlaceOrder(approve_reduction(order))]


def _place_legs(
    books: Books, desk: Desk, held: Position, quantity: float, time: int
) -> list[Effect]:
    venue = side_of(desk)
    trigger = stop_price(held.stop, held.side, venue.terms)
    stop = _closing(desk, held, Role.STOP, Kind.STOP_MARKET, quantity, trigger, time)
    legs = Legs(stop)
    if venue.terms.native_oco and not math.isnan(held.target):
        level = limit_price(held.target, held.side, venue.terms)
        name = child_id(held.id, f"{Role.TARGET}:{venue.generation}")
        legs.target = stop._replace(
            id=name, client_order_id=client_order_id(name), role=Role.TARGET, kind=Kind.LIMIT,
            price=level,
        )  # fmt: skip
        group = child_id(held.id, f"oco:{venue.generation}")
        legs.stop = stop = stop._replace(oco_group=group)
        legs.target = legs.target._replace(oco_group=group)
    books.oco.rest(desk.account.activation_id, legs)
    rows: list[Effect] = []
    for leg in legs.alive():
        desk.orders[leg.id] = leg
        venue.wait(leg.id, Need.ANSWER)
        rows.append(OrderSaved(leg))
    rows += saved_position(desk)
    if legs.target is None:
        return [*rows, PlaceOrder(approve_reduction(stop))]
    return [*rows, PlacePair(approve_reduction(stop), approve_reduction(legs.target))]


def _closing(
    desk: Desk, held: Position, role: Role, kind: Kind, quantity: float, price: float | None,
    time: int,
) -> Order:  # fmt: skip
    """An order that can only make the position smaller, under a name never used before."""
    account, venue = desk.account, side_of(desk)
    venue.generation += 1
    name = child_id(held.id, f"{role}:{venue.generation}")
    measured = _price(account, venue)
    return Order(
        name, client_order_id(name), account.activation_id, account.pair, role, kind, -held.side,
        quantity, price, measured, OrderState.INTENDED, time, time,
    )  # fmt: skip


def _to_dust(books: Books, desk: Desk, held: Position, time: int) -> list[Effect]:
    """What is left is too little for the venue to take, and nothing is under way any more."""
    account, quantity = desk.account, held.quantity
    reason = desk.exit.reason if desk.exit is not None else side_of(desk).leaving
    closing = ExitReason(reason) if reason in list(ExitReason) else ExitReason.SIGNAL
    trade = close_to_dust(books, desk, held, closing, time)
    if trade is None:
        return []
    told = Noted(
        account.activation_id, time, "info", "position.dust",
        f"{quantity:.12g} {account.pair} is too little to sell and is carried along",
        {"quantity": quantity, "price": trade.exit_price},
    )  # fmt: skip
    return [*left(books, desk, trade), told]


def close_to_dust(
    books: Books, desk: Desk, held: Position, reason: ExitReason, time: int
) -> ClosedTrade | None:
    """The trade of a position of which only dust is left. It is sold in the books at what the rest
    went for on average, and carried at that: the trade's own exit price, which a restart reads.
    """
    venue, quantity = side_of(desk), held.quantity
    price = held.exit_value / held.exit_quantity if held.exit_quantity else held.entry_price
    trade = books.portfolio.close_part(desk.account, quantity, price, 0.0, reason, time, plus)
    if trade is not None:
        venue.dust, venue.dust_price = plus(venue.dust, quantity), trade.exit_price
    return trade


def _price(account: Account, venue: VenueSide) -> float:
    """The last price known: traded, else closed at."""
    if not math.isnan(venue.last_price):
        return venue.last_price
    if not math.isnan(account.last_close):
        return account.last_close
    return account.position.entry_price if account.position is not None else math.nan


def closing_reason(desk: Desk, order: Order) -> tuple[Order, ExitReason]:
    """(the order with its exit reason fixed, the reason) of a fill that closes."""
    reason = exit_reason(desk, order)
    return because(order, reason), reason
