"""What the graphs said, bar by bar, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.domain.ledger import SignalRecord
from tradepulse.domain.lifecycle import Mode
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same, within
from tradepulse.storage.tables import activations, trained_configurations
from tradepulse.storage.tables import signals as table


def _of_activations(wallet_id: str | None, mode: str | None) -> sa.ColumnElement[bool] | None:
    asked = [same(activations.c.wallet_id, wallet_id), same(activations.c.mode, mode)]
    conditions = [condition for condition in asked if condition is not None]
    if not conditions:
        return None
    return table.c.activation_id.in_(sa.select(activations.c.id).where(*conditions))


def _of_configurations(pair: str | None) -> sa.ColumnElement[bool] | None:
    c = trained_configurations.c
    return None if pair is None else table.c.configuration_id.in_(
        sa.select(c.id).where(c.pair == pair)
    )  # fmt: skip


class Signals(NamedRows[SignalRecord]):
    """Rows of `signals`."""

    _codec = dataclass_codec(table, SignalRecord)
    _noun = "signal"
    _sorting = Sorting({"bar_time": table.c.bar_time}, tie=table.c.id)

    def page(
        self,
        *,
        activation_id: str | None = None,
        configuration_id: str | None = None,
        action: str | None = None,
        verdict: str | None = None,
        reason: str | None = None,
        wallet_id: str | None = None,
        pair: str | None = None,
        mode: Mode | str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-bar_time",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[SignalRecord]:
        """Signals with since_ms <= bar_time < until_ms, newest first unless sorted otherwise."""
        query = self._select(
            same(table.c.activation_id, activation_id),
            same(table.c.configuration_id, configuration_id),
            same(table.c.action, action),
            same(table.c.verdict, verdict),
            same(table.c.reason, reason),
            _of_activations(wallet_id, None if mode is None else str(mode)),
            _of_configurations(pair),
            *within(table.c.bar_time, since_ms, until_ms),
        )
        return self._page(query, sort, cursor, limit)

    def of_activation(self, activation_id: str) -> tuple[SignalRecord, ...]:
        """All signals of an activation by bar."""
        query = self._select(table.c.activation_id == activation_id)
        return self._fetch(query.order_by(table.c.bar_time, table.c.id))
