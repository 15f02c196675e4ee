"""Every parameter set that was tried: how many were is part of the result."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tradepulse.domain.configuration import Trial
from tradepulse.domain.study import Family
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting, page_of
from tradepulse.storage.repositories.rows import Rows, same
from tradepulse.storage.tables import training_trials as table
from tradepulse.storage.trial_rows import BARE_TRIAL, TRIAL


class Trials(Rows[Trial]):
    """Rows of `training_trials`; the key is (job_id, number)."""

    _codec = TRIAL
    _sorting = Sorting({"number": table.c.number}, tie=table.c.job_id)

    def page(
        self,
        *,
        job_id: str | None = None,
        strategy_name: str | None = None,
        segment: str | None = None,
        sort: str = "number",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Trial]:
        """Trials in the order they were tried, their `daily_returns` left empty."""
        query = sa.select(*BARE_TRIAL.columns).where(
            *[
                condition
                for condition in (
                    same(table.c.job_id, job_id), same(table.c.strategy_name, strategy_name),
                    same(table.c.segment, segment),
                )
                if condition is not None
            ]
        )  # fmt: skip
        return page_of(
            self._connection, BARE_TRIAL, query, self._sorting,
            sort=sort, cursor=cursor, limit=limit,
        )  # fmt: skip

    def of_job(self, job_id: str, numbers: range | None = None) -> tuple[Trial, ...]:
        """Trials of a job by number; those in a range (without steps), or all."""
        query = self._select(table.c.job_id == job_id)
        if numbers is not None:
            query = query.where(table.c.number >= numbers.start, table.c.number < numbers.stop)
        return self._fetch(query.order_by(table.c.number))

    def of_family(self, strategy_name: str, exchange: str, pair: str) -> tuple[Trial, ...]:
        """All trials ever made of a family (strategy, exchange, pair), whatever the job."""
        query = self._select(*_of(Family(strategy_name, exchange, pair)))
        return self._fetch(query.order_by(table.c.job_id, table.c.number))

    def family_batch(
        self,
        family: Family,
        *,
        segments: Iterable[str],
        except_job: str,
        after: tuple[str, int] | None,
        limit: int,
    ) -> tuple[Trial, ...]:
        """The next trials of the family's other jobs behind the key `after` (job_id, number).

        `segments` may end in `*`: `pool-*`. Read in batches by the key, a ledger of any length
        needs the memory of one batch.
        """
        query = self._select(*_of(family), table.c.job_id != except_job, _in_segments(segments))
        if after is not None:
            job, number = after
            query = query.where(
                sa.or_(
                    table.c.job_id > job,
                    sa.and_(table.c.job_id == job, table.c.number > number),
                )
            )
        return self._fetch(query.order_by(table.c.job_id, table.c.number).limit(limit))

    def count(self, strategy_name: str, exchange: str, pair: str) -> int:
        """How many trials were ever made of a family, repetitions included."""
        query = sa.select(sa.func.count()).select_from(table)
        query = query.where(*_of(Family(strategy_name, exchange, pair)))
        return int(self._connection.execute(query).scalar_one())

    def numbers(self, job_id: str) -> frozenset[int]:
        """Numbers already stored for a job: what a resumed search need not run again."""
        query = sa.select(table.c.number).where(table.c.job_id == job_id)
        return frozenset(self._connection.execute(query).scalars())


def _of(family: Family) -> list[sa.ColumnElement[bool]]:
    return [
        table.c.strategy_name == family.strategy_name,
        table.c.exchange == family.exchange,
        table.c.pair == family.pair,
    ]


def _in_segments(segments: Iterable[str]) -> sa.ColumnElement[bool]:
    column = table.c.segment
    return sa.or_(
        sa.false(),
        *[
            column.startswith(name[:-1], autoescape=True) if name.endswith("*") else column == name
            for name in segments
        ],
    )
