"""What a closed bar and its signals lead to (F0 step 5): marks, trail, exits, entries."""

from __future__ import annotations

import math

from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.account import Account
from tradepulse.execution.decisions import bracket_of, decide_bar, size_entry, trail
from tradepulse.execution.desk import DROP_ENTRY, FLATTEN, Books, Desk
from tradepulse.execution.effects import (
    CancelOrder,
    Effect,
    MoveStop,
    OrderSaved,
    PlaceOrder,
    PositionSaved,
    SignalSaved,
)
from tradepulse.execution.events import BarClosed, BarsPassed, Flatten, SignalRow
from tradepulse.execution.exposure import exposure_of
from tradepulse.execution.identity import client_order_id, order_id, signal_id
from tradepulse.execution.orders import Bracket, Kind, Order, Role, moved
from tradepulse.execution.venue_entry import enter_at_venue
from tradepulse.execution.venue_orders import drop_entry, saved_position, want_exit
from tradepulse.risk import Approved, Exposure, Refused, approve_reduction, check
from tradepulse.simulation import layout as at

_LEVELS = ("stop", "target", "trail", "stop_price", "target_price", "max_bars", "strength")


def on_bar_closed(books: Books, desk: Desk, event: BarClosed) -> list[Effect]:
    """Mark, trail, decide. What is decided acts at the next bar's open (F1)."""
    account = desk.account
    books.risk.known_by(event.close_time)
    point = books.portfolio.mark(account, event.high, event.low, event.close, event.close_time)
    effects: list[Effect] = []
    held = account.position
    if held is not None and not math.isnan(held.trail) and trail(account, held):
        effects += move_stop(books, desk, held.stop, event.close_time)
    effects += _ignore(desk, event) if event.stale else _decide(books, desk, event)
    if point is not None:
        effects.append(point)
    if desk.venue is not None:
        # What the venue reports from here on belongs to the bar that has begun: the one whose open
        # a backtest fills at.
        account.index += 1
        account.bar_time, account.bar_open = event.close_time, event.close
    return effects


def on_bars_passed(books: Books, desk: Desk, event: BarsPassed) -> list[Effect]:
    """Quiet bars only leave their marks."""
    return list(books.portfolio.pass_bars(desk.account, event.first_index, event.bars))


def on_flatten(books: Books, desk: Desk, event: Flatten) -> list[Effect]:
    """Drops an entry under way; with `leave`, the position goes at the next open."""
    account, effects = desk.account, list[Effect]()
    action = FLATTEN if event.leave else DROP_ENTRY
    drops = desk.pending_side != 0
    leaves = event.leave and account.position is not None and not desk.exit_underway
    effects += drop_pending(desk, event.time, action)
    if leaves:
        effects += exit_at_market(
            books, desk, FLATTEN, account.last_close, event.bar_time, event.time
        )
    told = {"entry": drops, "exit": leaves, "side": account.side}
    verdict = "traded" if drops or leaves else "ignored"
    effects.append(
        SignalSaved(
            signal_id(event.activation_id, event.bar_time, action), event.activation_id,
            event.bar_time, action, account.last_close, verdict, None, told,
        )
    )  # fmt: skip
    return effects


def _decide(books: Books, desk: Desk, event: BarClosed) -> list[Effect]:
    account, signals = desk.account, event.signals
    pending = desk.pending_side
    reason, side = decide_bar(account, signals, pending)
    effects: list[Effect] = []
    if reason != at.NO_EXIT:
        if pending:
            effects += drop_pending(desk, event.close_time, "cancelled_by_exit")
        elif account.position is not None and not desk.exit_underway:
            if reason == at.EXIT_SIGNAL:
                action = "exit_long" if account.side > 0 else "exit_short"
                effects.append(_signal(account, event, action, "traded", None))
            word = str(at.EXIT_REASONS[reason])
            effects += exit_at_market(books, desk, word, event.close, event.time, event.close_time)
    if side:
        effects += _enter(books, desk, event, side)
    # Shorts that the rules do not allow are dropped whole (F15): not even recorded.
    shorts = account.rules[at.R_ALLOW_SHORT] != 0.0
    for flag, rising, way in (
        (signals.enter_long, signals.rising_long, 1),
        (signals.enter_short and shorts, signals.rising_short, -1),
    ):
        if flag and rising and side != way:
            code = _why_ignored(account, signals, pending, way)
            effects.append(_signal(account, event, _entry_action(way), "ignored", code))
    return effects


def _enter(books: Books, desk: Desk, event: BarClosed, side: int) -> list[Effect]:
    account, signals = desk.account, event.signals
    action = _entry_action(side)
    refusal, quantity = size_entry(account, signals, event.close)
    if refusal != at.ACCEPTED:
        return [_signal(account, event, action, "refused", at.REFUSALS[refusal])]
    order = market_order(
        account, Role.ENTRY, side, quantity, event.close, event.time, event.close_time,
        bracket=bracket_of(signals),
    )  # fmt: skip
    if desk.venue is not None:
        return enter_at_venue(books, desk, order, _signal(account, event, action, "traded", None))
    verdict = _judge(books, desk, order, event.time)
    if isinstance(verdict, Refused):
        return [_signal(account, event, action, "refused", verdict.code)]
    signal = _signal(account, event, action, "traded", None)
    desk.start_entry(order)
    desk.entry_signal, desk.entry_tag = signal, signals.tag
    desk.entry_max_bars = signals.max_bars
    return [signal, OrderSaved(order), PlaceOrder(verdict)]


def _judge(books: Books, desk: Desk, order: Order, bar_time: int) -> Approved[Order] | Refused:
    """Risk's word on an entry; on bars of a replay, the word that was recorded."""
    account = desk.account
    if account.recorded_until is not None and bar_time <= account.recorded_until:
        code = account.recorded.get(bar_time)
        return check(order, Exposure(0, 0.0, math.inf, code))
    exposure = exposure_of(books, desk, order)
    return books.risk.check(order, exposure)


def exit_at_market(
    books: Books, desk: Desk, reason: str, close: float, bar_time: int, time: int
) -> list[Effect]:
    """A market exit takes the place of stop and target."""
    held = desk.account.position
    if held is None:
        return []
    if desk.venue is not None:
        return want_exit(desk, reason)
    effects: list[Effect] = []
    for leg in books.oco.released(desk.account.activation_id, time):
        effects += [OrderSaved(desk.keep(leg)), CancelOrder(leg)]
    order = market_order(
        desk.account, Role.EXIT, -held.side, held.quantity, close, bar_time, time, reason=reason
    )
    desk.exit = desk.orders[order.id] = order
    return [*effects, OrderSaved(order), PlaceOrder(approve_reduction(order))]


def drop_pending(desk: Desk, time: int, reason: str) -> list[Effect]:
    if desk.venue is not None:
        return drop_entry(desk, time, reason)
    entry, signal = desk.entry, desk.entry_signal
    if entry is None:
        return []
    order = desk.keep(moved(entry, OrderState.CANCELLING, time))
    desk.entry = desk.entry_signal = None
    effects: list[Effect] = [OrderSaved(order), CancelOrder(order)]
    if signal is not None:
        effects.append(signal._replace(verdict="ignored", reason=reason))
    return effects


def move_stop(books: Books, desk: Desk, price: float, time: int) -> list[Effect]:
    if desk.venue is not None:
        return saved_position(desk)
    stop = books.oco.moved_stop(desk.account.activation_id, price, time)
    view = desk.account.view()
    if stop is None or view is None or stop.state is OrderState.CANCELLING:
        return []
    approved = approve_reduction(desk.keep(stop))
    return [OrderSaved(stop), PositionSaved(view, opened=False), MoveStop(approved)]


def market_order(
    account: Account, role: Role, side: int, quantity: float, close: float, bar_time: int,
    time: int, *, reason: str | None = None, bracket: Bracket | None = None,
) -> Order:  # fmt: skip
    name = order_id(account.activation_id, bar_time, role)
    return Order(
        name, client_order_id(name), account.activation_id, account.pair, role, Kind.MARKET, side,
        quantity, None, close, OrderState.INTENDED, time, time, reason=reason, bracket=bracket,
    )  # fmt: skip


def _ignore(desk: Desk, event: BarClosed) -> list[Effect]:
    """A live engine that was away never acts on what a bar said then; it is recorded."""
    signals, account = event.signals, desk.account
    said = (
        (signals.enter_long, "enter_long"), (signals.enter_short, "enter_short"),
        (signals.exit_long and account.side > 0, "exit_long"),
        (signals.exit_short and account.side < 0, "exit_short"),
    )  # fmt: skip
    return [_signal(account, event, action, "ignored", "stale") for flag, action in said if flag]


def _entry_action(side: int) -> str:
    return "enter_long" if side > 0 else "enter_short"


def _signal(
    account: Account, event: BarClosed, action: str, verdict: str, reason: str | None
) -> SignalSaved:
    given = {name: getattr(event.signals, name) for name in _LEVELS}
    values: dict[str, object] = {n: v for n, v in given.items() if math.isfinite(v)}
    if event.signals.tag is not None:
        values["tag"] = event.signals.tag
    return SignalSaved(
        signal_id(account.activation_id, event.time, action), account.activation_id, event.time,
        action, event.close, verdict, reason, values,
    )  # fmt: skip


def _why_ignored(account: Account, signals: SignalRow, pending: int, side: int) -> str:
    if signals.exit_long if side > 0 else signals.exit_short:
        return "cancelled_by_exit"
    if signals.enter_long and signals.enter_short and account.rules[at.R_ALLOW_SHORT] != 0.0:
        return "both_sides"
    if pending:
        return "entry_pending"
    return "in_position" if account.position is not None else "not_decided"
