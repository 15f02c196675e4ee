"""The audit of commands, as a hash chain."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from tradepulse.domain.audit import AuditEntry
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import Rows, same, within
from tradepulse.storage.tables import audit_log

_BATCH = 1000


class Audit(Rows[AuditEntry]):
    """Rows of `audit_log`: appended, never changed."""

    _codec = dataclass_codec(audit_log, AuditEntry)
    _sorting = Sorting({"number": audit_log.c.number}, tie=audit_log.c.number)

    def append(self, entry: AuditEntry) -> AuditEntry:
        """The entry as the newest link. The caller holds the chain (`tx.hold`)."""
        linked = entry.following(self._first(self._select().order_by(audit_log.c.number.desc())))
        self.insert(linked)
        return linked

    def page(
        self,
        *,
        user_id: str | None = None,
        route: str | None = None,
        object_id: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-number",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[AuditEntry]:
        """Entries with since_ms <= time < until_ms, newest first unless sorted otherwise."""
        query = self._select(
            same(audit_log.c.user_id, user_id),
            same(audit_log.c.route, route),
            same(audit_log.c.object, object_id),
            *within(audit_log.c.time, since_ms, until_ms),
        )
        return self._page(query, sort, cursor, limit)

    def first_broken(self) -> int | None:
        """The number of the first entry whose hash or link is wrong, None if all are intact. That
        the newest ones were cut off cannot be seen from those that are left."""
        link, expected = "", 1
        for entry in self._every():
            wrong = entry.number != expected or entry.previous_hash != link
            if wrong or entry.hash != entry.digest():
                return expected
            link, expected = entry.hash, expected + 1
        return None

    def count(self) -> int:
        """How many entries there are."""
        query = sa.select(sa.func.count()).select_from(audit_log)
        return int(self._connection.execute(query).scalar_one())

    def _every(self) -> Iterator[AuditEntry]:
        last = 0
        while batch := self._fetch(
            self._select(audit_log.c.number > last).order_by(audit_log.c.number).limit(_BATCH)
        ):
            yield from batch
            last = batch[-1].number
