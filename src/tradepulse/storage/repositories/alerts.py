"""Alerts: raised once, kept until they are read and after."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.domain.alert import Alert
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same, within
from tradepulse.storage.tables import alerts as table


class Alerts(NamedRows[Alert]):
    """Rows of `alerts`."""

    _codec = dataclass_codec(table, Alert)
    _noun = "alert"
    _sorting = Sorting({"time": table.c.time}, tie=table.c.id)

    def page(
        self,
        *,
        level: str | None = None,
        code: str | None = None,
        entity_id: str | None = None,
        unread: bool | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-time",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Alert]:
        """Alerts with since_ms <= time < until_ms, newest first unless sorted otherwise."""
        query = self._select(
            same(table.c.level, level),
            same(table.c.code, code),
            same(table.c.entity_id, entity_id),
            None if unread is None else table.c.read_at.is_(None) == unread,
            *within(table.c.time, since_ms, until_ms),
        )
        return self._page(query, sort, cursor, limit)

    def unread(self, *, level: str | None = None, code: str | None = None) -> int:
        """How many such alerts nobody has read."""
        asked = (self._owned(), same(table.c.level, level), same(table.c.code, code))
        query = sa.select(sa.func.count()).where(
            table.c.read_at.is_(None), *[condition for condition in asked if condition is not None]
        )
        return int(self._connection.execute(query).scalar_one())

    def mark_read(self, alert_id: str, at: int) -> Alert:
        """The alert, read at `at` unless it had been before. Error `alert_not_found`."""
        unread = sa.update(table).where(table.c.id == alert_id, table.c.read_at.is_(None))
        self._connection.execute(unread.values(read_at=at))
        return self.get(alert_id)
