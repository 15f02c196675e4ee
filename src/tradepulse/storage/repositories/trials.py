"""Every parameter set that was tried: how many were is part of the result."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.domain.configuration import Trial
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import Rows, same
from tradepulse.storage.tables import training_trials as table


class Trials(Rows[Trial]):
    """Rows of `training_trials`; the key is (job_id, number)."""

    _codec = dataclass_codec(table, Trial)
    _sorting = Sorting({"number": table.c.number}, tie=table.c.job_id)

    def page(
        self,
        *,
        job_id: str | None = None,
        strategy_name: str | None = None,
        sort: str = "number",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Trial]:
        """Trials in the order they were tried."""
        query = self._select(
            same(table.c.job_id, job_id), same(table.c.strategy_name, strategy_name)
        )
        return self._page(query, sort, cursor, limit)

    def of_job(self, job_id: str) -> tuple[Trial, ...]:
        """All trials of a job by number."""
        return self._fetch(self._select(table.c.job_id == job_id).order_by(table.c.number))

    def of_family(self, strategy_name: str, exchange: str, pair: str) -> tuple[Trial, ...]:
        """All trials ever made of a family (strategy, exchange, pair), whatever the job."""
        query = self._select(*self._family(strategy_name, exchange, pair))
        return self._fetch(query.order_by(table.c.job_id, table.c.number))

    def count(self, strategy_name: str, exchange: str, pair: str) -> int:
        """How many trials were ever made of a family."""
        query = sa.select(sa.func.count()).select_from(table)
        query = query.where(*self._family(strategy_name, exchange, pair))
        return int(self._connection.execute(query).scalar_one())

    def numbers(self, job_id: str) -> frozenset[int]:
        """Numbers already stored for a job: what a resumed search need not run again."""
        query = sa.select(table.c.number).where(table.c.job_id == job_id)
        return frozenset(self._connection.execute(query).scalars())

    @staticmethod
    def _family(strategy_name: str, exchange: str, pair: str) -> list[sa.ColumnElement[bool]]:
        return [
            table.c.strategy_name == strategy_name,
            table.c.exchange == exchange,
            table.c.pair == pair,
        ]
