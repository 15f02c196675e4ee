"""Open positions, and what wallets were worth over time."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import sqlalchemy as sa

from tradepulse.domain.ledger import PortfolioPoint, PositionRecord
from tradepulse.storage.bulk import write_many
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, Rows, same, within
from tradepulse.storage.tables import activations, portfolio_history, positions


class Positions(NamedRows[PositionRecord]):
    """Rows of `positions`: only what is open now."""

    _codec = dataclass_codec(positions, PositionRecord)
    _noun = "position"
    _sorting = Sorting({"entry_time": positions.c.entry_time}, tie=positions.c.id)

    def save_many(self, records: Iterable[PositionRecord]) -> int:
        """How many were written, new or changed."""
        return write_many(self._connection, self._codec, records, "replace")

    def delete_many(self, position_ids: Iterable[str]) -> int:
        """How many of them there were; they are gone."""
        statement = sa.delete(positions).where(positions.c.id.in_(list(position_ids)))
        return self._connection.execute(statement).rowcount

    def open(
        self, *, activation_id: str | None = None, wallet_id: str | None = None
    ) -> tuple[PositionRecord, ...]:
        """Open positions, oldest first."""
        query = self._select(
            same(positions.c.activation_id, activation_id), same(positions.c.wallet_id, wallet_id)
        )
        return self._fetch(query.order_by(positions.c.entry_time, positions.c.id))

    def page(
        self,
        *,
        activation_id: str | None = None,
        wallet_id: str | None = None,
        pair: str | None = None,
        sort: str = "-entry_time",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[PositionRecord]:
        """Open positions, newest first unless sorted otherwise."""
        query = self._select(
            same(positions.c.activation_id, activation_id),
            same(positions.c.wallet_id, wallet_id),
            same(positions.c.pair, pair),
        )
        return self._page(query, sort, cursor, limit)


class Portfolio(Rows[PortfolioPoint]):
    """Rows of `portfolio_history`; the key is (activation_id, time)."""

    _codec = dataclass_codec(portfolio_history, PortfolioPoint)
    _sorting = Sorting({"time": portfolio_history.c.time}, tie=portfolio_history.c.activation_id)

    def latest(self, activation_id: str) -> PortfolioPoint | None:
        """The newest point of an activation, or None."""
        query = self._select(portfolio_history.c.activation_id == activation_id)
        return self._first(query.order_by(portfolio_history.c.time.desc()))

    def peak_equity(self, activation_id: str) -> Decimal | None:
        """The highest equity of an activation, None before its first point."""
        # As a float it is only put in order: two that differ less are one peak to a drawdown.
        highest = sa.cast(portfolio_history.c.equity, sa.Float).desc()
        query = sa.select(portfolio_history.c.equity).where(
            portfolio_history.c.activation_id == activation_id
        )
        return self._connection.execute(query.order_by(highest).limit(1)).scalar_one_or_none()

    def of_activation(self, activation_id: str) -> tuple[PortfolioPoint, ...]:
        """All points of an activation by time."""
        query = self._select(portfolio_history.c.activation_id == activation_id)
        return self._fetch(query.order_by(portfolio_history.c.time))

    def last_points(
        self, wallet_id: str, before_ms: int | None = None
    ) -> dict[str, PortfolioPoint]:
        """The newest point of each activation of a wallet by its id, of those with time <
        `before_ms`; activations without one are left out."""
        other = portfolio_history.alias()
        newest = sa.select(sa.func.max(other.c.time)).where(
            other.c.activation_id == activations.c.id,
            *([] if before_ms is None else [other.c.time < before_ms]),
        )
        query = self._select(
            activations.c.wallet_id == wallet_id,
            portfolio_history.c.activation_id == activations.c.id,
            portfolio_history.c.time == newest.scalar_subquery(),
        )
        return {point.activation_id: point for point in self._fetch(query)}

    def page(
        self,
        *,
        wallet_id: str | None = None,
        activation_id: str | None = None,
        configuration_id: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-time",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[PortfolioPoint]:
        """Points with since_ms <= time < until_ms, newest first unless sorted otherwise."""
        query = self._select(
            same(portfolio_history.c.wallet_id, wallet_id),
            same(portfolio_history.c.activation_id, activation_id),
            same(portfolio_history.c.configuration_id, configuration_id),
            *within(portfolio_history.c.time, since_ms, until_ms),
        )
        return self._page(query, sort, cursor, limit)
