"""A restart at a venue: the desk from the ledger, the program from its bars.

Unlike a paper account, which its bars give back, what happened at a venue happened once: orders,
fills and position are read, and every order that is not over is asked about.
"""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from tradepulse.domain.errors import DataError
from tradepulse.domain.ledger import OrderRecord, TradeRecord
from tradepulse.domain.lifecycle import OrderState
from tradepulse.engine.member import Member
from tradepulse.engine.ports import BarFeed, OpenBook
from tradepulse.execution.account import Account, ClosedTrade, Position
from tradepulse.execution.desk import FLATTEN, Desk
from tradepulse.execution.effects import OrderSaved
from tradepulse.execution.oco import Legs, OCOManager
from tradepulse.execution.orders import Bracket, Kind, Order, Role, moved
from tradepulse.execution.venue_side import QUEUED, Need, VenueSide

# Bars at a time: the working memory of a restart, not its result, depends on it.
_CHUNK = 65_536
_NAN_FIELDS = ("stop", "target", "trail", "max_bars")


def warm_up(member: Member, account: Account, feed: BarFeed) -> None:
    """Brings the member's program to its last processed bar. Error `history_changed`."""
    last_bar = member.run.activation.last_bar
    if last_bar is None:
        return
    past = feed.history(member.run.source, member.session_start or 0, last_bar + 1)
    if not len(past) or int(past.open_time[-1]) != last_bar:
        raise DataError(
            "history_changed", f"bars of {member.run.configuration.pair} are gone",
            expected=f"bars up to {last_bar}", found="no such bar",
            hint="Import them again, or activate the configuration anew.",
        )  # fmt: skip
    for start in range(0, len(past), _CHUNK):
        bars = past.slice(start, min(start + _CHUNK, len(past)))
        member.cover(feed, bars)
        member.lane.take(member.with_columns(bars))
        member.lane.row = len(bars)
    account.index = len(past)
    account.bar_time, account.bar_open = last_bar + past.interval_ms, float(past.close[-1])
    account.last_close_time = last_bar + past.interval_ms
    account.last_close = float(past.close[-1])


def restore(desk: Desk, oco: OCOManager, book: OpenBook) -> list[OrderSaved]:
    """Puts the ledger's orders and position on the desk; what is open is to be asked about. The
    rows of orders that are known to have come to nothing."""
    account, venue = desk.account, _venue(desk)
    orders = [order_of(record) for record in book.orders]
    for fill in book.fills:
        if fill.venue_trade_id is not None:
            venue.trades[fill.venue_trade_id] = fill.order_id
    account.position = _position(book, venue)
    venue.settlements.extend(book.settled)
    if book.last_trade is not None:
        venue.closed.append(_trade(book.last_trade))
    _settle_money(account, book)
    _carry_dust(account, venue, book)
    legs, dropped = Legs(), list[OrderSaved]()
    for order in orders:
        held = order
        if order.state is OrderState.INTENDED and order.reason == QUEUED:
            held = moved(order, OrderState.CANCELLED, order.updated_at, "restarted")
            dropped.append(OrderSaved(held))
        elif order.state in (OrderState.INTENDED, OrderState.SENT):
            held = moved(order, OrderState.UNKNOWN, order.updated_at)
        desk.orders[held.id] = held
        if held.state.is_over:
            continue
        venue.wait(held.id, Need.CHECK)
        if held.role is Role.ENTRY:
            desk.entry = held
            desk.entry_max_bars, desk.entry_tag = held.plan or (math.nan, None)
            if held.reason == FLATTEN:
                venue.leaving = FLATTEN
        elif held.role is Role.EXIT:
            desk.exit = held
        elif held.role is Role.STOP:
            legs.stop = held
        elif held.role is Role.TARGET:
            legs.target = held
    oco.rest(account.activation_id, legs)
    _mark(account)
    return dropped


def _venue(desk: Desk) -> VenueSide:
    if desk.venue is None:
        raise TypeError("only a desk at a venue is restored from the ledger")
    return desk.venue


def _position(book: OpenBook, venue: VenueSide) -> Position | None:
    record = book.position
    if record is None:
        return None
    state = dict(record.state or {})
    leaving, generation = state.pop("leaving", None), state.pop("generation", 0)
    state.pop("funding_until", None)  # of a ledger from before late settlements were booked
    venue.leaving = leaving if isinstance(leaving, str) else None
    venue.generation = int(generation)
    for name in _NAN_FIELDS:
        if state.get(name) is None:
            state[name] = math.nan
    return Position(**state)


def _settle_money(account: Account, book: OpenBook) -> None:
    """The wallet from the trades; of an open position what it has paid and earned already."""
    account.wallet += float(book.realised)
    held = account.position
    if held is not None:
        sold = held.exit_value - held.exit_quantity * held.entry_price
        account.wallet += held.side * sold - held.fees + held.funding
    account.peak = max(account.peak, float(book.peak_equity or 0))


def _carry_dust(account: Account, venue: VenueSide, book: OpenBook) -> None:
    """Coins bought and not sold beyond the position: too few for the venue to take."""
    if account.is_perpetual:
        return
    held = account.position
    rest = book.net_base - Decimal(repr(held.quantity if held is not None else 0.0))
    if rest > 0 and book.last_trade is not None:
        venue.dust, venue.dust_price = float(rest), float(book.last_trade.exit_price)


def _mark(account: Account) -> None:
    offset, slope = account.line()
    price = account.last_close
    worth = offset + slope * price if slope and not math.isnan(price) else account.wallet
    account.equity = worth
    account.peak = max(account.peak, worth)


def _trade(record: TradeRecord) -> ClosedTrade:
    amounts = {
        name: float(getattr(record, name))
        for name in (
            "entry_price", "quantity", "exit_price", "fees", "funding", "pnl", "pnl_pct",
            "mae_pct", "mfe_pct",
        )
    }  # fmt: skip
    return ClosedTrade(
        id=record.id, activation_id=record.activation_id, pair=record.pair, side=record.side,
        entry_time=record.entry_time, exit_time=record.exit_time, exit_reason=record.exit_reason,
        bars_held=record.bars_held, tag=record.tag, **amounts,
    )  # fmt: skip


def order_of(record: OrderRecord) -> Order:
    """The order as it was before a restart."""
    bracket, plan = None, None
    if record.bracket is not None:
        levels = {name: float(record.bracket.get(name, math.nan)) for name in Bracket._fields}
        bracket = Bracket(**levels)
        plan = (float(record.bracket.get("max_bars", math.nan)), record.bracket.get("tag"))
    return Order(
        record.id, record.client_order_id, record.activation_id, record.pair, Role(record.role),
        Kind(record.kind), 1 if record.side == "buy" else -1, float(record.quantity),
        None if record.price is None else float(record.price),
        float(record.decided_at or np.nan), record.state, record.created_at, record.updated_at,
        filled=float(record.filled), fill_count=0 if not record.filled else 1,
        reason=record.reason, oco_group=record.oco_group, bracket=bracket,
        venue_id=record.venue_order_id, sent_at=record.sent_at,
        acknowledged_at=record.acknowledged_at, plan=plan,
    )  # fmt: skip
