"""Log lines a user reads: what was done, refused, or went wrong."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.domain.event import LogLine
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import Rows, same, within
from tradepulse.storage.tables import trade_logs as table


class Logs(Rows[LogLine]):
    """Rows of `trade_logs`. The database gives the id: one in a `LogLine` is not written."""

    _codec = dataclass_codec(table, LogLine, leave_out="id")
    _sorting = Sorting({"timestamp": table.c.timestamp}, tie=table.c.id)

    def after(self, log_id: int, limit: int) -> tuple[LogLine, ...]:
        """At most `limit` lines written after the line `log_id`, oldest first."""
        query = self._select(table.c.id > log_id)
        return self._fetch(query.order_by(table.c.id).limit(limit))

    def last_id(self) -> int:
        """The number of the newest line, 0 before the first."""
        query = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))
        return int(self._connection.execute(query).scalar_one())

    def page(
        self,
        *,
        level: str | None = None,
        configuration_id: str | None = None,
        trade_id: str | None = None,
        job_id: str | None = None,
        containing: str | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        sort: str = "-timestamp",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[LogLine]:
        """Lines with since_ms <= timestamp < until_ms, newest first unless sorted otherwise.
        `job_id`: lines of a training job. `containing`: text within the message, in any case."""
        query = self._select(
            same(table.c.level, level),
            same(table.c.configuration_id, configuration_id),
            same(table.c.trade_id, trade_id),
            same(table.c.metadata["job_id"].as_string(), job_id),
            None if containing is None
            else table.c.message.icontains(containing, autoescape=True),
            *within(table.c.timestamp, since_ms, until_ms),
        )  # fmt: skip
        return self._page(query, sort, cursor, limit)
