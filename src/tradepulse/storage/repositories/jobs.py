"""Training jobs."""

from __future__ import annotations

from tradepulse.domain.job import Job, JobState
from tradepulse.storage.bulk import write_many
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same
from tradepulse.storage.tables import training_jobs as table


class Jobs(NamedRows[Job]):
    """Rows of `training_jobs`."""

    _codec = dataclass_codec(table, Job)
    _noun = "job"
    _sorting = Sorting({"created_at": table.c.created_at}, tie=table.c.id)

    def save(self, job: Job) -> None:
        """Write `job` whole, new or changed."""
        write_many(self._connection, self._codec, [job], "replace")

    def page(
        self,
        *,
        state: JobState | str | None = None,
        kind: str | None = None,
        sort: str = "-created_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Job]:
        """Jobs, newest first unless sorted otherwise."""
        query = self._select(
            same(table.c.state, None if state is None else str(state)), same(table.c.kind, kind)
        )
        return self._page(query, sort, cursor, limit)
