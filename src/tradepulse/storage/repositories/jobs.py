"""Training jobs: listed, and held by one runner at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from tradepulse.domain.configuration import Json
from tradepulse.domain.job import Job, JobState
from tradepulse.storage.bulk import write_many
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same
from tradepulse.storage.tables import training_jobs as table

QUEUED, RUNNING = str(JobState.QUEUED), str(JobState.RUNNING)


class Held(NamedTuple):
    """A job its runner still holds. `wish`: `pause` or `cancel`, if somebody asked for that."""

    wish: str | None


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
        strategy: str | None = None,
        pair: str | None = None,
        sort: str = "-created_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Job]:
        """Jobs, newest first unless sorted otherwise."""
        spec = table.c.spec
        query = self._select(
            same(table.c.state, None if state is None else str(state)),
            same(table.c.kind, kind),
            same(spec["strategy"].as_string(), strategy),
            # A sweep's request says `symbol`.
            None if pair is None
            else sa.or_(spec["pair"].as_string() == pair, spec["symbol"].as_string() == pair),
        )  # fmt: skip
        return self._page(query, sort, cursor, limit)

    def lock(self, job_id: str) -> Job:
        """The job, held to the commit: its state does not change under who looks at it."""
        found = self._first(self._select(table.c.id == job_id).with_for_update())
        if found is None:
            raise self._missing(job_id)
        return found

    def claimable(self, kinds: Sequence[str], now_ms: int, job_id: str | None = None) -> Job | None:
        """The oldest job nobody runs: queued, or its runner's lease has ended. Held to the commit.

        A row another worker is just looking at is passed over, not waited for.
        """
        query = self._select(
            table.c.kind.in_(kinds),
            sa.or_(
                table.c.state == QUEUED,
                sa.and_(table.c.state == RUNNING, table.c.lease_until < now_ms),
            ),
            same(table.c.id, job_id),
        )
        query = query.order_by(table.c.created_at, table.c.id).with_for_update(skip_locked=True)
        return self._first(query)

    def take(self, job: Job, owner: str, now_ms: int, lease_until: int) -> bool:
        """Compare-and-set: whether `job` is now held by `owner`, under the next attempt number.

        False when anybody took it since `job` was read.
        """
        statement = (
            sa.update(table)
            .where(
                table.c.id == job.id, table.c.attempt == job.attempt,
                table.c.state == str(job.state),
            )
            .values(
                state=RUNNING, owner=owner, lease_until=lease_until, attempt=job.attempt + 1,
                started_at=sa.func.coalesce(table.c.started_at, now_ms), finished_at=None,
                error=None, progress=job.progress,
            )
        )  # fmt: skip
        return self._connection.execute(statement).rowcount == 1

    def renew(self, job: Job, lease_until: int, progress: Json | None = None) -> Held | None:
        """What is written to a held job, its lease prolonged; None when it is held no more.

        The row stays locked to the commit, so nobody takes it over while its holder writes.
        """
        values: dict[str, Any] = {"lease_until": lease_until}
        return self._write_held(
            job, values if progress is None else values | {"progress": progress}
        )

    def end(self, job: Job, state: JobState, **values: Any) -> bool:
        """Let go of a held job in that state. False when it is no longer its holder's."""
        free = {"owner": None, "lease_until": None, "wish": None, "state": str(state)}
        return self._write_held(job, free | values) is not None

    def _write_held(self, job: Job, values: dict[str, Any]) -> Held | None:
        statement = (
            sa.update(table)
            .where(
                table.c.id == job.id, table.c.state == RUNNING, table.c.owner == job.owner,
                table.c.attempt == job.attempt,
            )
            .values(values)
            .returning(table.c.wish)
        )  # fmt: skip
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else Held(row.wish)
