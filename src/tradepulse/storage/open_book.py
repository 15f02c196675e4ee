"""What the ledger knows of an activation that an engine needs to go on with it at a venue."""

from __future__ import annotations

from tradepulse.domain.ledger import PositionRecord, TradeRecord
from tradepulse.engine.ports import OpenBook
from tradepulse.execution.identity import child_id
from tradepulse.execution.venue_side import SETTLED_KEPT
from tradepulse.storage.transaction import Transaction

# A trade's entry is the newest that filled, or the one before an open position's. A few more, in
# case a venue filled an entry that was given up; beyond that every order is read.
_ENTRIES_LOOKED_AT = 8


def open_book(tx: Transaction, activation_id: str) -> OpenBook:
    """The activation's open book, all of one moment. Unknown activations have an empty one."""
    position = next(iter(tx.positions.open(activation_id=activation_id)), None)
    totals = tx.trades.totals(activation_id=activation_id)
    last = tx.trades.last_of(activation_id)
    orders = tx.orders.since_or_unfinished(
        activation_id, _first_order_time(tx, activation_id, last, position)
    )
    return OpenBook(
        orders, tx.fills.of_orders([order.id for order in orders]), position, totals.pnl,
        tx.fills.net_base(activation_id), tx.portfolio.peak_equity(activation_id),
        totals.trade_count, last, _settled(tx, activation_id),
    )  # fmt: skip


def _settled(tx: Transaction, activation_id: str) -> tuple[int, ...]:
    told = tx.events.newest(activation_id, "funding.paid", SETTLED_KEPT)
    return tuple(int(event.payload["time"]) for event in reversed(told))


def _first_order_time(
    tx: Transaction, activation_id: str, last: TradeRecord | None, position: PositionRecord | None
) -> int | None:
    """When the entry of the last trade, else of the open position, was made; None without either.

    By the entry's id, not by time: a venue's clock may date a fill before its own order.
    """
    oldest = last or position
    if oldest is None:
        return None
    for entry in tx.orders.filled_entries(activation_id, _ENTRIES_LOOKED_AT):
        if child_id(entry.id, "trade") == oldest.id:
            return entry.created_at
    return 0
