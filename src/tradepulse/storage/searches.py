"""A search whose every step is in the database: the job, each trial, the configuration it found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event
from typing import Any

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import Trial
from tradepulse.domain.event import NewEvent
from tradepulse.domain.job import Job, JobState
from tradepulse.storage.database import Database
from tradepulse.storage.stages import created
from tradepulse.storage.transaction import Transaction
from tradepulse.training.search import SearchRequest, SearchResult, grid_search
from tradepulse.training.sweep import Progress

Clock = Callable[[], int]


def search_and_store(
    database: Database,
    request: SearchRequest,
    bars: BarSeries,
    clock: Clock,
    *,
    funding: Any = None,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> SearchResult:
    """The result of the search, stored: a job with its trials, the best set as a configuration.

    The same configuration found again on the same data is the one stored before, not a second.
    Whatever ends the search early is written into its job and raised.
    """
    record = _SearchRecord(database, request, clock)
    try:
        result = grid_search(
            request, bars, record.add, clock(),
            funding=funding, progress=progress, cancelled=cancelled,
        )  # fmt: skip
    except BaseException as error:
        record.fail(error)
        raise
    return record.finish(result)


class _SearchRecord:
    """Writes a search as it goes. Its job begins with the first trials, which name it."""

    def __init__(self, database: Database, request: SearchRequest, clock: Clock) -> None:
        self._database, self._request, self._clock = database, request, clock
        self._job: Job | None = None
        self._trials = 0

    def add(self, trials: Sequence[Trial]) -> None:
        """Store a batch of trials and tell of the progress, in one transaction."""
        now = self._clock()
        job = self._job or Job(
            trials[0].job_id, "sweep", JobState.RUNNING, _spec(self._request), {}, now, now
        )
        self._trials += len(trials)
        self._job = replace(job, progress={"trials_done": self._trials})
        with self._database.transaction() as tx:
            self._save(tx, self._job, now)
            tx.trials.insert_many(trials)

    def finish(self, result: SearchResult) -> SearchResult:
        """Store the configuration and end the job; the result with the configuration as stored."""
        assert self._job is not None  # noqa: S101  (a search of no sets is refused)
        now, found = self._clock(), result.configuration
        with self._database.transaction() as tx:
            known = tx.configurations.same_as(found.configuration_hash, found.data_fingerprint)
            if known is None:
                tx.configurations.insert(found)
                tx.events.append(created(found, now))
            stored = known or found
            progress = {"trials_done": self._trials, "configuration_ids": [stored.id]}
            ended = replace(self._job, state=JobState.DONE, progress=progress, finished_at=now)
            self._save(tx, ended, now)
        return replace(result, configuration=stored)

    def fail(self, error: BaseException) -> None:
        """End the job with the error. A search that stored nothing leaves nothing."""
        if self._job is None:
            return
        now = self._clock()
        stopped = isinstance(error, KeyboardInterrupt) or getattr(error, "code", "") == "cancelled"
        state = JobState.CANCELLED if stopped else JobState.FAILED
        told = str(error) or type(error).__name__
        ended = replace(self._job, state=state, error=told, finished_at=now)
        with self._database.transaction() as tx:
            self._save(tx, ended, now)

    def _save(self, tx: Transaction, job: Job, now: int) -> None:
        tx.jobs.save(job)
        payload = {"state": str(job.state), **job.progress}
        tx.events.append(NewEvent(now, "job.progress", "job", job.id, payload))


def _spec(request: SearchRequest) -> dict[str, Any]:
    return {
        "strategy": request.strategy.name,
        "exchange": request.exchange,
        "symbol": request.pair,
        "interval": request.interval,
        "search": "grid",
        "objective": request.objective,
        "rules": request.rules.as_json(),
    }
