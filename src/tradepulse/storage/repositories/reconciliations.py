"""What reconciling found, and transfers: why a balance is what it is."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

from tradepulse.domain.reconciliation import Reconciliation, Transfer
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same, within
from tradepulse.storage.sqlite import exact_sum
from tradepulse.storage.tables import reconciliations, transfers


class Reconciliations(NamedRows[Reconciliation]):
    """Rows of `reconciliations`: differences, never edits."""

    _codec = dataclass_codec(reconciliations, Reconciliation)
    _noun = "reconciliation"
    _sorting = Sorting({"time": reconciliations.c.time}, tie=reconciliations.c.id)

    def page(
        self,
        *,
        wallet_id: str | None = None,
        kind: str | None = None,
        entity_id: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-time",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Reconciliation]:
        """Differences with since_ms <= time < until_ms, newest first unless sorted otherwise."""
        query = self._select(
            same(reconciliations.c.wallet_id, wallet_id),
            same(reconciliations.c.kind, kind),
            same(reconciliations.c.entity_id, entity_id),
            *within(reconciliations.c.time, since_ms, until_ms),
        )
        return self._page(query, sort, cursor, limit)


class Transfers(NamedRows[Transfer]):
    """Rows of `transfers`."""

    _codec = dataclass_codec(transfers, Transfer)
    _noun = "transfer"
    _sorting = Sorting({"time": transfers.c.time}, tie=transfers.c.id)

    def total(
        self,
        wallet_id: str,
        currency: str,
        since_ms: int | None = None,
        until_ms: int | None = None,
    ) -> Decimal:
        """The exact sum of a wallet's transfers in that currency with since_ms <= time <
        until_ms."""
        conditions = [
            transfers.c.wallet_id == wallet_id,
            transfers.c.currency == currency,
            *within(transfers.c.time, since_ms, until_ms),
        ]
        query = sa.select(exact_sum(transfers.c.amount)).where(
            *[condition for condition in conditions if condition is not None]
        )
        return self._connection.execute(query).scalar_one() or Decimal(0)

    def page(
        self,
        *,
        wallet_id: str | None = None,
        currency: str | None = None,
        kind: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-time",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Transfer]:
        """Transfers with since_ms <= time < until_ms, newest first unless sorted otherwise."""
        query = self._select(
            same(transfers.c.wallet_id, wallet_id),
            same(transfers.c.currency, currency),
            same(transfers.c.kind, kind),
            *within(transfers.c.time, since_ms, until_ms),
        )
        return self._page(query, sort, cursor, limit)
