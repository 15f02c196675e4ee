"""What a venue's answers change: orders, positions, trades, and what is still waited for.

The venue may answer twice, late, or in another order than things happened; a fill is booked once,
by the venue's own name for it.
"""

from __future__ import annotations

import math

from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.money import plus
from tradepulse.execution.desk import Books, Desk
from tradepulse.execution.effects import (
    Effect,
    FillBooked,
    Noted,
    OrderSaved,
    Reconcile,
    TradeCorrected,
)
from tradepulse.execution.events import (
    ClosedElsewhere,
    Disputed,
    FundingPaid,
    Liquidated,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderNotSent,
    OrderRejected,
    OrderSent,
    PriceReached,
)
from tradepulse.execution.identity import child_id, client_order_id
from tradepulse.execution.orders import TRANSITIONS, Kind, Order, Role, filled, moved
from tradepulse.execution.reports import refused
from tradepulse.execution.shaping import lots
from tradepulse.execution.venue import VenueFill
from tradepulse.execution.venue_orders import (
    close_to_dust,
    closing_reason,
    left,
    saved_position,
    side_of,
    want_exit,
)
from tradepulse.execution.venue_side import Need

_S = OrderState
# A quantity within this share of another is the same.
SLACK = 1e-9
# A close that the venue refuses with these says that it holds less than we believe.
_CONTRADICTIONS = frozenset({"insufficient_funds", "reduce_only"})
# A settlement is told with the time of its telling: a moment after the position that it is of.
_TOLD_LATE_MS = 1_000


def on_sent(_: Books, desk: Desk, event: OrderSent) -> list[Effect]:
    """No row: INTENDED is durable and covers it."""
    order = desk.order(event.order_id)
    if order.state is _S.INTENDED:
        at = event.wall or side_of(desk).wall
        desk.keep(moved(order, _S.SENT, order.updated_at)._replace(sent_at=at))
    return []


def on_accepted(books: Books, desk: Desk, event: OrderAccepted) -> list[Effect]:
    """The venue has the order."""
    order, venue = desk.order(event.order_id), side_of(desk)
    if order.state.is_over:
        return []
    order = order._replace(
        venue_id=event.venue_id or order.venue_id,
        acknowledged_at=order.acknowledged_at or venue.wall,
    )
    if order.state in (_S.INTENDED, _S.SENT, _S.UNKNOWN):
        order = _opened(order, event.time)
    venue.succeeded()
    if order.state is not _S.CANCELLING:
        _await_rest(desk, order)
    return [changed(books, desk, order)]


def on_filled(books: Books, desk: Desk, event: OrderFilled) -> list[Effect]:
    """Books a fill once, however often and whenever it is reported."""
    venue = side_of(desk)
    trade_id = event.trade_id or f"{event.order_id}:{event.number}"
    if trade_id in venue.trades:
        return []
    before = desk.order(event.order_id)
    venue.trades[trade_id] = event.order_id
    venue.contradicted = False
    if before.state is _S.FILLED:
        return [_alien(before, event), Reconcile(event.activation_id, "fill_of_a_dead_order")]
    if before.state is _S.INTENDED:
        before = moved(before, _S.SENT, event.time)
    order = filled(before, event.quantity, event.time, plus)
    order = _paid_up(desk, order)
    if order.state is _S.FILLED:
        venue.settled(order.id)
    if order.acknowledged_at is None:
        order = order._replace(acknowledged_at=venue.wall)
    if order.role is Role.ENTRY:
        return _entered(books, desk, order, event)
    order, reason = closing_reason(desk, order)
    effects: list[Effect] = [changed(books, desk, order), _fill(order, event, trade_id)]
    held = desk.account.position
    if held is None or event.quantity > held.quantity * (1.0 + SLACK):
        return [*effects, _alien(order, event), Reconcile(event.activation_id, "excess_fill")]
    quantity = min(event.quantity, held.quantity)
    rest = plus(held.quantity, -quantity)
    trade = books.portfolio.close_part(
        desk.account, quantity, event.price, event.fee, reason, event.time, plus
    )
    if rest > 0.0 and lots(rest, venue.terms) <= 0.0:
        trade = close_to_dust(books, desk, held, reason, event.time)
    return effects + (saved_position(desk) if trade is None else left(books, desk, trade))


def on_ended(books: Books, desk: Desk, event: OrderCancelled) -> list[Effect]:
    """Nothing more of the order will fill; executions that it counts may still be on their way."""
    order, venue = desk.order(event.order_id), side_of(desk)
    if _owes(order, event.filled):
        # Not over in the ledger until its executions are: a restart must ask about it.
        ends = _S.EXPIRED if event.expired else _S.CANCELLED
        venue.wait(order.id, Need.FILLS, event.filled, None if order.state.is_over else ends)
        return []
    if not order.state.is_over:
        state = _S.EXPIRED if event.expired else _S.CANCELLED
        if order.state is _S.INTENDED:
            order = moved(order, _S.SENT, event.time)
        # Why it was placed outlives why it ended.
        why = event.reason if order.reason is None else None
        order = moved(order, state, event.time, why)
    effects: list[Effect] = [changed(books, desk, order)]
    venue.settled(order.id)
    return effects + entry_over(desk, order, event.reason or "cancelled")


def on_refused(books: Books, desk: Desk, event: OrderRejected) -> list[Effect]:
    """The venue said no. A stop it would not take means: out, at the market."""
    order, venue = desk.order(event.order_id), side_of(desk)
    if order.state.is_over:
        return []
    if _S.REJECTED not in TRANSITIONS[order.state]:
        ended = OrderCancelled(event.activation_id, order.id, event.time, event.code, expired=True)
        return on_ended(books, desk, ended)
    order = moved(order, _S.REJECTED, event.time, event.code)
    venue.settled(order.id)
    effects: list[Effect] = [changed(books, desk, order)]
    if order.role is Role.ENTRY:
        return effects + entry_over(desk, order, event.code)
    effects.append(told_of(order, event.time, "risk.order_rejected", event.code))
    if event.code in _CONTRADICTIONS:
        venue.contradicted = True
        return [*effects, Reconcile(event.activation_id, event.code)]
    if order.role in (Role.STOP, Role.TARGET):
        return effects + want_exit(desk, "stop")
    venue.back_off()
    return effects


def on_not_sent(books: Books, desk: Desk, event: OrderNotSent) -> list[Effect]:
    """It did not happen. What closes is tried again, under a new id; an entry has had its time."""
    order, venue = desk.order(event.order_id), side_of(desk)
    if order.state.is_over:
        return []
    order = moved(order, _S.REJECTED, event.time, event.code)
    venue.settled(order.id)
    venue.back_off(event.retry_ms)
    return [changed(books, desk, order), *entry_over(desk, order, event.code)]


def on_price(_: Books, desk: Desk, event: PriceReached) -> list[Effect]:
    """Targets that the venue cannot hold beside the stop are held here; stops are watched."""
    venue, held = side_of(desk), desk.account.position
    venue.last_price = event.price
    if held is None:
        return []
    past = held.side * (event.price - held.stop) < 0.0
    if not past:
        venue.beyond_stop = None
    elif venue.beyond_stop is None:
        venue.beyond_stop = (venue.wall, event.time)
    if not venue.terms.native_oco and held.side * (event.price - held.target) > 0.0:
        return want_exit(desk, "target")
    return []


def on_funding(books: Books, desk: Desk, event: FundingPaid) -> list[Effect]:
    """A settlement moved the wallet. It is booked once, whoever tells of it, and on what was held
    then: where the stream was away, that may be a trade that is closed by now."""
    venue, account = side_of(desk), desk.account
    if venue.has_settled(event.time):
        return []
    told = Noted(event.activation_id, event.time, "info", "funding.paid", "funding settled",
                 {"cash": event.cash, "time": event.time})  # fmt: skip
    if account.position is not None and event.time > account.position.entry_time:
        venue.settlements.append(event.time)
        books.portfolio.pay_funding(account, event.cash)
        return [told, *saved_position(desk)]
    for number, trade in enumerate(venue.closed):
        if trade.entry_time < event.time <= trade.exit_time + _TOLD_LATE_MS:
            venue.settlements.append(event.time)
            late = books.portfolio.pay_late_funding(account, trade, event.cash)
            venue.closed[number] = late
            return [told, TradeCorrected(late)]
    return []


def on_liquidated(books: Books, desk: Desk, event: Liquidated) -> list[Effect]:
    """The venue closed the position by itself."""
    name = event.trade_id or str(event.time)
    words = f"{desk.account.pair} was liquidated at {event.price:.8g}"
    event = event._replace(trade_id=name)
    return _closed_by_others(books, desk, event, "liquidation", "risk.liquidated", words)


def on_closed_elsewhere(books: Books, desk: Desk, event: ClosedElsewhere) -> list[Effect]:
    """Somebody closed it past us: a person, or the venue while nobody listened."""
    held = f"{event.quantity:.12g} {desk.account.pair}"
    words = f"{held} was closed past us at about {event.price:.8g}"
    return _closed_by_others(books, desk, event, "closed_elsewhere", "risk.closed_elsewhere", words)


def _closed_by_others(
    books: Books, desk: Desk, event: Liquidated | ClosedElsewhere, reason: str, code: str,
    words: str,
) -> list[Effect]:  # fmt: skip
    """An order of its own is recorded, so that the fill has one."""
    account, held = desk.account, desk.account.position
    trade_id = event.trade_id or str(event.time)
    if held is None or trade_id in side_of(desk).trades:
        return []
    own = child_id(held.id, f"{reason}:{trade_id}")
    order = Order(
        own, client_order_id(own), event.activation_id, account.pair, Role.LIQUIDATION,
        Kind.MARKET, -held.side, event.quantity, event.price, event.price, _S.SENT, event.time,
        event.time, reason=reason,
    )  # fmt: skip
    desk.orders[own] = order
    told = Noted(event.activation_id, event.time, "error", code, words, {"price": event.price})
    fill = OrderFilled(
        event.activation_id, own, 1, event.quantity, event.price, event.fee, "taker", event.time,
        trade_id,
    )  # fmt: skip
    return [*on_filled(books, desk, fill), told]


def on_disputed(_: Books, desk: Desk, event: Disputed) -> list[Effect]:
    """The venue and the ledger differ, or agree again."""
    venue = side_of(desk)
    if event.reason is None:
        venue.contradicted = False
    if venue.disputed == event.reason:
        return []
    venue.disputed = event.reason
    if event.reason is None:
        return [Noted(event.activation_id, event.time, "info", "risk.agreed",
                      "the venue and the ledger agree again", {})]  # fmt: skip
    return [
        Noted(event.activation_id, event.time, "error", "risk.disputed",
              f"the venue and the ledger differ: {event.reason}; no entries until they agree", {})
    ]  # fmt: skip


def fill_event(activation_id: str, order: str, fill: VenueFill) -> OrderFilled:
    """The venue's fill as an event of ours."""
    base = fill.pair.split("/")[0]
    in_base = fill.side > 0 and fill.fee_currency == base and ":" not in fill.pair
    return OrderFilled(
        activation_id, order, 0, fill.quantity, fill.price,
        0.0 if math.isnan(fill.fee_quote) else fill.fee_quote, fill.liquidity, fill.time,
        fill.trade_id, fill.fee_currency, fill.fee, fill.fee if in_base else 0.0,
    )  # fmt: skip


def _entered(books: Books, desk: Desk, order: Order, event: OrderFilled) -> list[Effect]:
    account, venue = desk.account, side_of(desk)
    effects: list[Effect] = [changed(books, desk, order)]
    effects.append(_fill(order, event, event.trade_id or ""))
    quantity = plus(event.quantity, -event.fee_base)
    if account.position is not None:
        books.portfolio.enlarge(account, quantity, event.price, event.fee, plus)
        books.portfolio.plan_exits(account, order, venue.disaster_stop)
        return effects + saved_position(desk)
    max_bars, tag = order.plan or (math.nan, None)
    held = books.portfolio.open_position(
        account, order, max_bars, tag, quantity, event.price, event.fee
    )
    held.entry_time = event.time
    if venue.dust > 0.0:
        # Bought back at the price it was written off at: nothing is gained or lost by carrying it.
        books.portfolio.enlarge(account, venue.dust, venue.dust_price, 0.0, plus)
        venue.dust = 0.0
    books.portfolio.plan_exits(account, order, venue.disaster_stop)
    desk.triggered, desk.entry_signal, venue.generation = False, None, 0
    return effects + saved_position(desk, opened=True)


def entry_over(desk: Desk, order: Order, code: str) -> list[Effect]:
    """The signal of an entry that came to nothing."""
    if order.role is Role.ENTRY and order.filled == 0.0 and desk.entry_signal is not None:
        return [refused(desk, desk.entry_signal, code)]
    return []


def _opened(order: Order, time: int) -> Order:
    if order.state is _S.INTENDED:
        order = moved(order, _S.SENT, time)
    return moved(order, _S.OPEN, time)


def _await_rest(desk: Desk, order: Order) -> None:
    """A market order is over in a moment, a resting one may rest."""
    venue = side_of(desk)
    if order.kind is Kind.MARKET:
        venue.wait(order.id, Need.END)
    else:
        venue.settled(order.id)


def _owes(order: Order, counted: float) -> bool:
    """Whether the venue counts executions that we have not seen."""
    return not math.isnan(counted) and counted > order.filled + SLACK * order.quantity


def _paid_up(desk: Desk, order: Order) -> Order:
    """The order, over now if all executions that the venue counted for it have been seen."""
    venue = side_of(desk)
    wait = venue.waits.get(order.id)
    if wait is None or math.isnan(wait.owed) or _owes(order, wait.owed):
        return order
    venue.settled(order.id)
    if wait.ends is None or order.state.is_over:
        return order
    return moved(order, wait.ends, order.updated_at)


def changed(books: Books, desk: Desk, order: Order) -> OrderSaved:
    books.oco.update(order)
    return OrderSaved(desk.keep(order))


def _fill(order: Order, event: OrderFilled, trade_id: str) -> FillBooked:
    return FillBooked(
        child_id(order.id, f"fill:{trade_id}"), order, event.quantity, event.price, event.fee,
        event.liquidity, event.time, trade_id, event.fee_currency, event.fee_amount,
        event.fee_base,
    )  # fmt: skip


def _alien(order: Order, event: OrderFilled) -> Noted:
    """The venue did more than the ledger can hold: only a comparison, or a person, settles that."""
    return Noted(
        order.activation_id, event.time, "error", "risk.excess_fill",
        f"{order.role} order {order.client_order_id} filled beyond what the ledger holds",
        {"quantity": event.quantity, "price": event.price, "order_id": order.id},
    )  # fmt: skip


def told_of(order: Order, time: int, event: str, why: str) -> Noted:
    return Noted(
        order.activation_id, time, "warning", event,
        f"{order.role} order {order.client_order_id}: {why}", {"order_id": order.id, "why": why},
    )  # fmt: skip
