"""What a chart marks, by time: signals, orders, fills, stops, targets, trades, open positions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from tradepulse.domain.ledger import (
    FillRecord,
    OrderRecord,
    PositionRecord,
    SignalRecord,
    TradeRecord,
)
from tradepulse.execution.identity import child_id
from tradepulse.execution.orders import Role
from tradepulse.storage.paging import MAX_LIMIT, Page
from tradepulse.storage.transaction import Transaction


class MarkerKind(StrEnum):
    SIGNAL = "signal"
    ORDER = "order"
    FILL = "fill"
    STOP = "stop"
    TARGET = "target"
    TRADE = "trade"
    POSITION = "position"


_ORDERS = {Role.STOP: MarkerKind.STOP, Role.TARGET: MarkerKind.TARGET}
# How many rows of one table may lie at one time before those beyond are not marked.
_AT_ONCE = 200


@dataclass(frozen=True)
class Marker:
    """One mark. `time` is a signal's bar, an order's making, a fill's moment, a trade's exit, a
    position's entry; `end_time` is when a stop or target ceased to rest, None while it rests.

    Trades and positions carry their entry; `trade_id` joins an entry order to its round trip.
    """

    kind: MarkerKind
    id: str
    time: int
    price: Decimal | None
    activation_id: str
    configuration_id: str
    side: str | None = None
    quantity: Decimal | None = None
    end_time: int | None = None
    entry_time: int | None = None
    entry_price: Decimal | None = None
    stop: Decimal | None = None
    target: Decimal | None = None
    pnl: Decimal | None = None
    role: str | None = None
    action: str | None = None
    state: str | None = None
    verdict: str | None = None
    reason: str | None = None
    order_id: str | None = None
    trade_id: str | None = None

    @property
    def place(self) -> tuple[int, str, str]:
        """What markers are in order of; no two have the same."""
        return self.time, str(self.kind), self.id


@dataclass(frozen=True)
class Asked:
    """Of which activation or configuration, in [since_ms, until_ms), after `after` in the order of
    `Marker.place`; `kinds` empty: all."""

    activation_id: str | None
    configuration_id: str | None
    since_ms: int | None
    until_ms: int | None
    kinds: frozenset[MarkerKind]
    after: tuple[int, str, str] | None
    limit: int

    def wants(self, *kinds: MarkerKind) -> bool:
        return not self.kinds or bool(self.kinds & set(kinds))


def markers(tx: Transaction, asked: Asked) -> tuple[Sequence[Marker], bool]:
    """(at most `limit` markers by time, whether there are more)."""
    found = [m for m in _all(tx, asked) if asked.wants(m.kind)]
    if asked.after is not None:
        found = [marker for marker in found if marker.place > asked.after]
    found.sort(key=lambda marker: marker.place)
    return found[: asked.limit], len(found) > asked.limit


def _all(tx: Transaction, asked: Asked) -> Iterator[Marker]:
    kind = MarkerKind
    if asked.wants(kind.SIGNAL):
        yield from map(_signal, _rows(tx.signals.page, asked, "bar_time"))
    if asked.wants(kind.ORDER, kind.STOP, kind.TARGET):
        yield from map(_order, _rows(tx.orders.page, asked, "created_at"))
    if asked.wants(kind.FILL):
        yield from map(_fill, _rows(tx.fills.page, asked, "time"))
    if asked.wants(kind.TRADE):
        yield from map(_trade, _rows(tx.trades.page, asked, "exit_time"))
    if asked.wants(kind.POSITION):
        yield from map(_position, _held(tx, asked))


def _rows(page: Callable[..., Page[Any]], asked: Asked, sort: str) -> Iterator[Any]:
    """Rows from where the asked page begins, one page's worth and what may lie at its edge."""
    since = asked.since_ms if asked.after is None else asked.after[0]
    wanted, cursor = asked.limit + _AT_ONCE, None
    while wanted > 0:
        found = page(
            activation_id=asked.activation_id, configuration_id=asked.configuration_id,
            since_ms=since, until_ms=asked.until_ms, sort=sort, cursor=cursor,
            limit=min(wanted, MAX_LIMIT),
        )  # fmt: skip
        yield from found.items
        wanted, cursor = wanted - len(found.items), found.next_cursor
        if cursor is None:
            return


def _held(tx: Transaction, asked: Asked) -> Iterable[PositionRecord]:
    since, until = asked.since_ms, asked.until_ms
    for position in tx.positions.open(activation_id=asked.activation_id):
        mine = asked.configuration_id in (None, position.configuration_id)
        if (
            mine
            and (since is None or position.entry_time >= since)
            and (until is None or position.entry_time < until)
        ):
            yield position


def _signal(row: SignalRecord) -> Marker:
    return Marker(
        MarkerKind.SIGNAL, row.id, row.bar_time, row.close, row.activation_id,
        row.configuration_id, action=row.action, verdict=row.verdict, reason=row.reason,
    )  # fmt: skip


def _order(row: OrderRecord) -> Marker:
    kind = _ORDERS.get(Role(row.role), MarkerKind.ORDER)
    return Marker(
        kind, row.id, row.created_at, row.price or row.decided_at, row.activation_id,
        row.configuration_id, side=row.side, quantity=row.quantity,
        end_time=row.updated_at if row.state.is_over else None, role=row.role,
        state=str(row.state), reason=row.reason, order_id=row.id,
        trade_id=child_id(row.id, "trade") if row.role == Role.ENTRY else None,
    )  # fmt: skip


def _fill(row: FillRecord) -> Marker:
    return Marker(
        MarkerKind.FILL, row.id, row.time, row.price, row.activation_id, row.configuration_id,
        side=row.side, quantity=row.quantity, order_id=row.order_id,
    )  # fmt: skip


def _trade(row: TradeRecord) -> Marker:
    return Marker(
        MarkerKind.TRADE, row.id, row.exit_time, row.exit_price, row.activation_id,
        row.configuration_id, side=str(row.side), quantity=row.quantity,
        entry_time=row.entry_time, entry_price=row.entry_price, pnl=row.pnl,
        reason=str(row.exit_reason), trade_id=row.id,
    )  # fmt: skip


def _position(row: PositionRecord) -> Marker:
    return Marker(
        MarkerKind.POSITION, row.id, row.entry_time, row.entry_price, row.activation_id,
        row.configuration_id, side=str(row.side), quantity=row.quantity,
        entry_time=row.entry_time, entry_price=row.entry_price, stop=row.stop, target=row.target,
        trade_id=row.id,
    )  # fmt: skip
