"""Orders and what filled them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import sqlalchemy as sa

from tradepulse.domain.ledger import FillRecord, OrderRecord
from tradepulse.domain.lifecycle import OrderState
from tradepulse.storage.bulk import write_many
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same, within
from tradepulse.storage.sqlite import difference, exact_sum
from tradepulse.storage.tables import fills, orders

_OVER = tuple(str(state) for state in OrderState if state.is_over)


class Orders(NamedRows[OrderRecord]):
    """Rows of `orders`: written as an intent before anything is sent."""

    _codec = dataclass_codec(orders, OrderRecord)
    _noun = "order"
    _sorting = Sorting(
        {"created_at": orders.c.created_at, "updated_at": orders.c.updated_at}, tie=orders.c.id
    )

    def save_many(self, records: Iterable[OrderRecord]) -> int:
        """How many were written, new or in a new state."""
        return write_many(self._connection, self._codec, records, "replace")

    def by_client_order_id(self, client_order_id: str) -> OrderRecord | None:
        """The order we gave that id, or None."""
        return self._first(self._select(orders.c.client_order_id == client_order_id))

    def unfinished(self, activation_id: str | None = None) -> tuple[OrderRecord, ...]:
        """Orders that may still fill, UNKNOWN ones included, oldest first."""
        query = self._select(
            orders.c.state.not_in(_OVER), same(orders.c.activation_id, activation_id)
        )
        return self._fetch(query.order_by(orders.c.created_at, orders.c.id))

    def since_or_unfinished(
        self, activation_id: str, since_ms: int | None
    ) -> tuple[OrderRecord, ...]:
        """Orders of an activation that may still fill, and all made from `since_ms` on (None: those
        that may still fill alone), oldest first."""
        query = self._select(
            orders.c.activation_id == activation_id,
            orders.c.state.not_in(_OVER) if since_ms is None
            else sa.or_(orders.c.state.not_in(_OVER), orders.c.created_at >= since_ms),
        )  # fmt: skip
        return self._fetch(query.order_by(orders.c.created_at, orders.c.id))

    def filled_entries(self, activation_id: str, limit: int) -> tuple[OrderRecord, ...]:
        """The newest `limit` entries of an activation that filled at all, newest first."""
        has_fill = sa.exists().where(fills.c.order_id == orders.c.id)
        query = self._select(
            orders.c.activation_id == activation_id, orders.c.role == "entry", has_fill
        )
        newest = query.order_by(orders.c.created_at.desc(), orders.c.id.desc())
        return self._fetch(newest.limit(limit))

    def of_activation(self, activation_id: str) -> tuple[OrderRecord, ...]:
        """All orders of an activation, oldest first."""
        query = self._select(orders.c.activation_id == activation_id)
        return self._fetch(query.order_by(orders.c.created_at, orders.c.id))

    def page(
        self,
        *,
        activation_id: str | None = None,
        configuration_id: str | None = None,
        wallet_id: str | None = None,
        pair: str | None = None,
        state: OrderState | str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-created_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[OrderRecord]:
        """Orders with since_ms <= created_at < until_ms, newest first unless sorted otherwise."""
        query = self._select(
            same(orders.c.activation_id, activation_id),
            same(orders.c.configuration_id, configuration_id),
            same(orders.c.wallet_id, wallet_id),
            same(orders.c.pair, pair),
            same(orders.c.state, None if state is None else str(state)),
            *within(orders.c.created_at, since_ms, until_ms),
        )
        return self._page(query, sort, cursor, limit)


class Fills(NamedRows[FillRecord]):
    """Rows of `fills`; their orders come first in the transaction."""

    _codec = dataclass_codec(fills, FillRecord)
    _noun = "fill"
    _sorting = Sorting({"time": fills.c.time}, tie=fills.c.id)

    def of_order(self, order_id: str) -> tuple[FillRecord, ...]:
        """Fills of an order by time."""
        query = self._select(fills.c.order_id == order_id)
        return self._fetch(query.order_by(fills.c.time, fills.c.id))

    def of_orders(self, order_ids: Iterable[str]) -> tuple[FillRecord, ...]:
        """Fills of these orders by time."""
        query = self._select(fills.c.order_id.in_(list(order_ids)))
        return self._fetch(query.order_by(fills.c.time, fills.c.id))

    def venue_ids(self, wallet_id: str, since_ms: int) -> frozenset[str]:
        """The venue's trade ids of a wallet's fills with time >= since_ms."""
        query = sa.select(fills.c.venue_trade_id).where(
            fills.c.wallet_id == wallet_id, fills.c.time >= since_ms,
            fills.c.venue_trade_id.is_not(None),
        )  # fmt: skip
        return frozenset(self._connection.execute(query).scalars())

    def net_base(self, activation_id: str) -> Decimal:
        """Base units bought less sold less kept as fee, exactly, over all fills of an
        activation."""
        bought = sa.case((fills.c.side == "buy", fills.c.quantity))
        sold = sa.case((fills.c.side == "sell", fills.c.quantity))
        query = sa.select(exact_sum(bought), exact_sum(sold), exact_sum(fills.c.fee_base)).where(
            fills.c.activation_id == activation_id
        )
        ins, outs, kept = self._connection.execute(query).one()
        nothing = Decimal(0)
        return difference(ins or nothing, outs or nothing, kept or nothing)

    def of_activation(self, activation_id: str) -> tuple[FillRecord, ...]:
        """All fills of an activation by time."""
        query = self._select(fills.c.activation_id == activation_id)
        return self._fetch(query.order_by(fills.c.time, fills.c.id))

    def page(
        self,
        *,
        activation_id: str | None = None,
        configuration_id: str | None = None,
        wallet_id: str | None = None,
        pair: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-time",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[FillRecord]:
        """Fills with since_ms <= time < until_ms, newest first unless sorted otherwise."""
        query = self._select(
            same(fills.c.activation_id, activation_id),
            same(fills.c.configuration_id, configuration_id),
            same(fills.c.wallet_id, wallet_id),
            same(fills.c.pair, pair),
            *within(fills.c.time, since_ms, until_ms),
        )
        return self._page(query, sort, cursor, limit)
