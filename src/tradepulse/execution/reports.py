"""What the venue's reports change: orders, positions, trades. Pure: books in, effects out."""

from __future__ import annotations

from tradepulse.domain.lifecycle import ExitReason, OrderState
from tradepulse.execution.account import ClosedTrade
from tradepulse.execution.desk import Books, Desk, because, exit_reason
from tradepulse.execution.effects import (
    CancelOrder,
    Effect,
    FillBooked,
    Noted,
    OrderSaved,
    PositionGone,
    PositionSaved,
    SignalSaved,
    TradeClosed,
)
from tradepulse.execution.events import (
    FundingPaid,
    Liquidated,
    OrderAccepted,
    OrderCancelled,
    OrderFilled,
    OrderRejected,
    OrderSent,
    OutcomeUnknown,
    StopTriggered,
)
from tradepulse.execution.identity import client_order_id, fill_id, order_id
from tradepulse.execution.orders import Kind, Order, Role, filled, moved


def on_sent(_: Books, desk: Desk, event: OrderSent) -> list[Effect]:
    """No row: INTENDED is what is durable before an order leaves, and covers this state too."""
    desk.keep(moved(desk.order(event.order_id), OrderState.SENT, event.time))
    return []


def on_accepted(books: Books, desk: Desk, event: OrderAccepted) -> list[Effect]:
    """The order rests or waits for its fill."""
    order = desk.order(event.order_id)
    if order.state is not OrderState.SENT and order.state is not OrderState.UNKNOWN:
        return []  # a fill overtook the acknowledgement
    return [_changed(books, desk, moved(order, OrderState.OPEN, event.time))]


def on_unknown(books: Books, desk: Desk, event: OutcomeUnknown) -> list[Effect]:
    """The order may have happened: it stays UNKNOWN until it is looked up."""
    order = moved(desk.order(event.order_id), OrderState.UNKNOWN, event.time)
    return [_changed(books, desk, order)]


def on_cancelled(books: Books, desk: Desk, event: OrderCancelled) -> list[Effect]:
    """The rest of the order will not fill."""
    order = desk.order(event.order_id)
    if order.state.is_over:
        return []
    return [_changed(books, desk, moved(order, OrderState.CANCELLED, event.time, event.reason))]


def on_rejected(books: Books, desk: Desk, event: OrderRejected) -> list[Effect]:
    """The order will not happen; a signal that led to it was refused."""
    order = moved(desk.order(event.order_id), OrderState.REJECTED, event.time, event.code)
    effects: list[Effect] = [_changed(books, desk, order)]
    if order.role is Role.ENTRY and desk.entry_signal is not None:
        effects.append(refused(desk, desk.entry_signal, event.code))
    return effects


def refused(desk: Desk, signal: SignalSaved, code: str) -> SignalSaved:
    """The signal of an entry that came to nothing."""
    desk.entry_signal = None
    return signal._replace(verdict="refused", reason=code)


def on_triggered(books: Books, desk: Desk, event: StopTriggered) -> list[Effect]:
    """The stop is a market order now; its reason is that of this moment."""
    order = desk.order(event.order_id)
    desk.triggered = True
    return [_changed(books, desk, because(order, exit_reason(desk, order)))]


def on_filled(books: Books, desk: Desk, event: OrderFilled) -> list[Effect]:
    """Books a fill once, however often it is reported."""
    before = desk.order(event.order_id)
    if event.number <= before.fill_count:
        return []
    order = filled(before, event.quantity, event.time)
    if order.role is Role.ENTRY:
        return _entered(books, desk, order, event)
    reason = exit_reason(desk, order)
    order = because(order, reason)
    effects: list[Effect] = [_changed(books, desk, order), _fill(order, event)]
    return effects + _reduced(books, desk, order, event, reason)


def on_funding(books: Books, desk: Desk, event: FundingPaid) -> list[Effect]:
    """A settlement moved the wallet."""
    books.portfolio.pay_funding(desk.account, event.cash)
    return [
        Noted(event.activation_id, event.time, "info", "funding.paid",
              "funding settled", {"cash": event.cash})
    ]  # fmt: skip


def on_liquidated(books: Books, desk: Desk, event: Liquidated) -> list[Effect]:
    """The venue closed the position: an order of its own is recorded, so that the fill has one."""
    account, held = desk.account, desk.account.position
    if held is None:
        return []
    name = order_id(event.activation_id, account.bar_time, Role.LIQUIDATION)
    order = Order(
        name, client_order_id(name), event.activation_id, account.pair, Role.LIQUIDATION,
        Kind.MARKET, -held.side, event.quantity, event.price, event.price, OrderState.FILLED,
        event.time, event.time, filled=event.quantity, fill_count=1,
        reason=str(ExitReason.LIQUIDATION),
    )  # fmt: skip
    fill = OrderFilled(
        event.activation_id, name, 1, event.quantity, event.price, event.fee, "taker", event.time
    )
    effects: list[Effect] = [OrderSaved(desk.keep(order)), _fill(order, fill)]
    effects += _reduced(books, desk, order, fill, ExitReason.LIQUIDATION)
    effects.append(
        Noted(event.activation_id, event.time, "error", "risk.liquidated",
              f"{account.pair} was liquidated at {event.price:.8g}", {"price": event.price})
    )  # fmt: skip
    return effects


def _entered(books: Books, desk: Desk, order: Order, event: OrderFilled) -> list[Effect]:
    account = desk.account
    effects: list[Effect] = [_changed(books, desk, order), _fill(order, event)]
    if account.position is not None:
        books.portfolio.enlarge(account, event.quantity, event.price, event.fee)
        effects += _resized(books, desk, event.time)
        return effects + _position(desk, opened=False)
    position = books.portfolio.open_position(
        account, order, desk.entry_max_bars, desk.entry_tag, event.quantity, event.price, event.fee
    )
    desk.triggered = False
    desk.entry_signal = None
    effects += _position(desk, opened=True)
    return effects + [
        OrderSaved(desk.keep(leg)) for leg in books.oco.attach(order, position, event.time)
    ]


def _reduced(
    books: Books, desk: Desk, order: Order, event: OrderFilled, reason: ExitReason
) -> list[Effect]:
    """What a closing fill leaves: a smaller position, or none and its trade."""
    account, held = desk.account, desk.account.position
    if held is None or event.quantity > held.quantity * (1.0 + 1e-9):
        return [_excess(order, event)]
    trade = books.portfolio.close_part(
        account, min(event.quantity, held.quantity), event.price, event.fee, reason, event.time
    )
    if trade is not None:
        return _left(books, desk, trade, event.time)
    if order.role is Role.STOP:
        desk.triggered = True
    return _resized(books, desk, event.time) + _position(desk, opened=False)


def _left(books: Books, desk: Desk, trade: ClosedTrade, time: int) -> list[Effect]:
    """The position is gone; whatever still rests to close it must go too."""
    effects: list[Effect] = [TradeClosed(trade), PositionGone(trade.activation_id, trade.id)]
    desk.triggered = False
    books.risk.closed(trade)  # known when the bar closes
    stray = books.oco.legs(trade.activation_id).alive()
    books.oco.forget(trade.activation_id)
    for order in [*stray, *([desk.exit] if desk.exit is not None else [])]:
        if order.state is not OrderState.CANCELLING:
            leaving = desk.keep(moved(order, OrderState.CANCELLING, time))
            effects += [OrderSaved(leaving), CancelOrder(leaving)]
    return effects


def _resized(books: Books, desk: Desk, time: int) -> list[Effect]:
    held = desk.account.position
    if held is None:
        return []
    legs = books.oco.resized(desk.account.activation_id, held.quantity, time)
    return [OrderSaved(desk.keep(leg)) for leg in legs]


def _position(desk: Desk, *, opened: bool) -> list[Effect]:
    view = desk.account.view()
    return [] if view is None else [PositionSaved(view, opened)]


def _changed(books: Books, desk: Desk, order: Order) -> OrderSaved:
    books.oco.update(order)
    return OrderSaved(desk.keep(order))


def _fill(order: Order, event: OrderFilled) -> FillBooked:
    return FillBooked(
        fill_id(order.id, event.number), order, event.quantity, event.price, event.fee,
        event.liquidity, event.time,
    )  # fmt: skip


def _excess(order: Order, event: OrderFilled) -> Noted:
    """A fill beyond the position: the venue did more than we hold. Only a person can settle
    that."""
    return Noted(
        order.activation_id, event.time, "error", "risk.excess_fill",
        f"{order.role} order {order.client_order_id} filled more than the position",
        {"quantity": event.quantity, "price": event.price, "order_id": order.id},
    )  # fmt: skip
