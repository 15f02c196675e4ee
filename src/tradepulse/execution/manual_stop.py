"""A stop moved by hand: on the right side of the price, on the grid, before the liquidation."""

from __future__ import annotations

import math
from decimal import Decimal

from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.money import to_decimal
from tradepulse.execution.account import Position
from tradepulse.execution.bar_close import move_stop
from tradepulse.execution.desk import Books, Desk
from tradepulse.execution.effects import Effect, MoveStop, OrderSaved, PositionSaved
from tradepulse.execution.events import ByHand
from tradepulse.execution.identity import child_id, client_order_id
from tradepulse.execution.orders import Kind, Order, Role
from tradepulse.execution.shaping import liquidation_level, off_tick, stop_before
from tradepulse.execution.venue_orders import saved_position
from tradepulse.risk import Refused, approve_reduction
from tradepulse.simulation import layout as at


def stop_by_hand(books: Books, desk: Desk, held: Position, event: ByHand) -> list[Effect] | Refused:
    """The position with its stop where it is wanted; at a venue the legs follow one step at a time
    (`arrange`). Whatever trails it goes on from there."""
    price = event.wish.stop
    refused = _why_not(desk, held, event)
    if refused is not None:
        return refused
    held.stop, held.trailing = price, False
    if desk.venue is not None:
        return saved_position(desk)
    stop = books.oco.legs(event.activation_id).stop
    if stop is None or stop.state.is_over:
        return _first_stop(books, desk, held, event)
    return move_stop(books, desk, price, event.time)


def wrong_stop(side: int, stop: float, price: float, tick: Decimal | None) -> Refused | None:
    """Why `stop` protects no position of `side` while the price is `price`; None: it does."""
    if not (stop > 0.0 and math.isfinite(stop)):
        return Refused("bad_level", "a price above 0", f"{stop!r}")
    if math.isnan(price):
        return Refused("no_price", "a last price", "none yet")
    if side * (price - stop) <= 0.0:
        where = "below" if side > 0 else "above"
        return Refused("stop_wrong_side", f"a stop {where} the price {price:.10g}", f"{stop:.10g}")
    return off_tick(stop, tick)


def tick_of(desk: Desk) -> Decimal | None:
    """The grid of prices: the venue's, on paper that of the rules."""
    if desk.venue is not None:
        return desk.venue.terms.instrument.tick
    tick = desk.account.rules[at.R_TICK]
    return to_decimal(tick) if tick else None


def last_price(desk: Desk, event: ByHand) -> float:
    """What a command is measured by: the last trade at a venue, the last close on paper."""
    known = desk.venue is not None and not math.isnan(event.price)
    return event.price if known else desk.account.last_close


def _why_not(desk: Desk, held: Position, event: ByHand) -> Refused | None:
    stop, price = event.wish.stop, last_price(desk, event)
    refused = wrong_stop(held.side, stop, price, tick_of(desk))
    if refused is not None or event.replayed or not desk.account.is_perpetual:
        return refused
    level = event.liquidation
    if desk.venue is not None:
        rules = desk.account.rules
        level = liquidation_level(
            held.side, held.entry_price, held.quantity, rules[at.R_LEVERAGE], desk.venue.terms,
            rules[at.R_MAINTENANCE],
        )  # fmt: skip
    return stop_before(held.side, stop, level)


def _first_stop(books: Books, desk: Desk, held: Position, event: ByHand) -> list[Effect]:
    """On paper a position without a stop gets one as an order of its own."""
    account, price = desk.account, event.wish.stop
    name = child_id(held.id, f"{Role.STOP}:1")
    stop = books.oco.add_stop(
        Order(
            name, client_order_id(name), account.activation_id, account.pair, Role.STOP,
            Kind.STOP_MARKET, -held.side, held.quantity, price, held.entry_price, OrderState.OPEN,
            event.time, event.time,
        )
    )  # fmt: skip
    view = account.view()
    approved = approve_reduction(desk.keep(stop))
    rows: list[Effect] = [OrderSaved(stop)]
    if view is not None:
        rows.append(PositionSaved(view, opened=False))
    return [*rows, MoveStop(approved)]
