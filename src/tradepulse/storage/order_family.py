"""Which orders belong to one round trip: its entry, the legs that protected it, its exits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.ledger import OrderRecord
from tradepulse.execution.identity import child_id, client_order_id
from tradepulse.execution.orders import Role
from tradepulse.storage.paging import MAX_LIMIT
from tradepulse.storage.transaction import Transaction

_LEGS = (Role.STOP, Role.TARGET, Role.EXIT)
_CLOSING = (Role.EXIT, Role.LIQUIDATION)
_ENTRIES_LOOKED_AT = 3
# A trailing stop is placed anew each time it moves: so many names of a leg are tried.
_GENERATIONS = 2_000


class Family(NamedTuple):
    """`entry` is None for an order that no entry of the activation explains. `orders`: all of the
    round trip, oldest first; `trade_id` names its trade, and its position as long as it is open."""

    entry: OrderRecord | None
    orders: tuple[OrderRecord, ...]

    @property
    def trade_id(self) -> str | None:
        return None if self.entry is None else child_id(self.entry.id, "trade")


def find_order(tx: Transaction, text: str) -> OrderRecord:
    """The order of that id, client order id, or beginning of either; of a trade's or a position's
    id, its entry. Errors: `order_not_found`, `ambiguous_id`."""
    plain = text.strip()
    named = tx.orders.by_client_order_id(plain)
    if named is not None:
        return named
    prefix = client_order_id("")
    for candidate in (plain, plain.removeprefix(prefix)):
        try:
            return tx.orders.resolve(candidate)
        except NotFoundError as error:
            missing = error
    entry = _entry_of_trade(tx, plain)
    if entry is None:
        raise missing
    return entry


def family_of(tx: Transaction, order: OrderRecord) -> Family:
    """The round trip an order belongs to."""
    entry = order if order.role == Role.ENTRY else _entry_before(tx, order)
    if entry is None:
        return Family(None, (order,))
    window = _around(tx, entry)
    names = _leg_names(entry.id)
    kin = {o.id: o for o in window if o.id in names} | {entry.id: entry, order.id: order}
    openings = [o for o in window if _may_open(o)]
    others = frozenset[str]().union(*(_leg_names(o.id) for o in openings if o.id != entry.id))
    for other in window:
        # Paper exits are named by their bar: theirs is the newest entry before them. The exit that
        # a reversal waits for is made after its entry, and buys or sells the same way.
        unnamed = other.id not in kin and other.id not in others and other.side != entry.side
        if other.role in _CLOSING and unnamed:
            before = [o for o in openings if o.created_at < other.created_at]
            if before and before[-1].id == entry.id:
                kin[other.id] = other
    ordered = sorted(kin.values(), key=lambda o: (o.created_at, o.id != entry.id, o.id))
    return Family(entry, tuple(ordered))


def _around(tx: Transaction, entry: OrderRecord) -> list[OrderRecord]:
    """The orders from an entry on, up to the second one after it that filled: a reversal's entry is
    made before the exit that it waits for."""
    found, later = [], 0
    for order in _orders(tx, entry.activation_id, entry.created_at):
        later += _may_open(order) and order.id != entry.id
        if later > 1:
            break
        found.append(order)
    return found


def _entry_before(tx: Transaction, order: OrderRecord) -> OrderRecord | None:
    """The entry whose child the order is by its name, else the newest that filled before it."""
    page = tx.orders.page(
        activation_id=order.activation_id, until_ms=order.created_at + 1, limit=MAX_LIMIT
    )
    entries = [o for o in page.items if _may_open(o)]
    for entry in entries[:_ENTRIES_LOOKED_AT]:
        if order.id in _leg_names(entry.id):
            return entry
    before = (e for e in entries if e.created_at < order.created_at and e.side != order.side)
    return next(before, None)


def _entry_of_trade(tx: Transaction, text: str) -> OrderRecord | None:
    found = None
    for rows in (tx.trades, tx.positions):
        try:
            found = rows.resolve(text)
            break
        except NotFoundError:
            continue
    if found is None:
        return None
    for entry in _orders(tx, found.activation_id, 0):
        if entry.role == Role.ENTRY and child_id(entry.id, "trade") == found.id:
            return entry
    return None


def _orders(tx: Transaction, activation_id: str, since_ms: int) -> Iterator[OrderRecord]:
    """From `since_ms` on, oldest first."""
    cursor: str | None = None
    while True:
        page = tx.orders.page(
            activation_id=activation_id, since_ms=since_ms, sort="created_at", cursor=cursor,
            limit=MAX_LIMIT,
        )  # fmt: skip
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _leg_names(entry_id: str) -> frozenset[str]:
    """The ids that orders closing the entry's position may have: one a generation at a venue, one a
    role on paper."""
    trade = child_id(entry_id, "trade")
    at_venue = (child_id(trade, f"{r}:{n}") for r in _LEGS for n in range(1, _GENERATIONS))
    on_paper = (child_id(entry_id, role) for role in _LEGS)
    return frozenset((*at_venue, *on_paper))


def _may_open(order: OrderRecord) -> bool:
    return order.role == Role.ENTRY and order.filled > 0
