"""The queue of training jobs in the database: claimed by compare-and-set, held by a lease."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from typing import Any

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.job import Job, JobState
from tradepulse.storage.database import Database
from tradepulse.storage.stages import created
from tradepulse.storage.training_ledger import Clock, DatabaseLedger, Listener
from tradepulse.storage.training_requests import CANCEL, request_training, settled, tell, title
from tradepulse.storage.transaction import Transaction
from tradepulse.training.jobs.board import TRAIN
from tradepulse.training.ledger import Interrupted
from tradepulse.training.spec import TrainSpec

# A job that kills its runner would be taken up for ever. So many runners may die on it one after
# the other without having tried anything more; people do not kill that often.
MOST_DEATHS = 20


class DatabaseJobs:
    """The `JobBoard` over a database. `listener` hears of the progress of jobs that run here.

    Leases are measured by `clock`. Clocks of machines that share a database should agree to a few
    seconds; where they do not, a job changes hands too early and nothing worse: the fence holds.
    """

    def __init__(self, database: Database, clock: Clock, listener: Listener | None = None) -> None:
        self._database, self._clock, self._listener = database, clock, listener

    def submit(self, spec: TrainSpec, owner: str, lease_ms: int) -> Job:
        """A new job, held by `owner` from its first moment: nobody else can take it first."""
        now = self._clock()
        with self._database.transaction() as tx:
            job = request_training(tx, spec, now_ms=now)
            held = self._take(tx, job, owner, now, now + lease_ms)
        assert held is not None  # noqa: S101  (it was made in this transaction)
        return held

    def claim(self, owner: str, lease_ms: int, job_id: str | None = None) -> Job | None:
        """The oldest free job (or the one of that id), now held by `owner`; None: none is free.

        A job whose runner died before it heeded a wish is not run, the wish is done instead.
        """
        now = self._clock()
        with self._database.transaction() as tx:
            while (found := tx.jobs.claimable([TRAIN], now, job_id)) is not None:
                taken = self._take(tx, found, owner, now, now + lease_ms)
                if taken is not None:
                    return taken
        return None

    def renew(self, job: Job, lease_ms: int) -> bool:
        """Prolongs the lease from now on; False when the job is somebody else's by now."""
        with self._database.transaction() as tx:
            return tx.jobs.renew(job, self._clock() + lease_ms) is not None

    def ledger(self, job: Job, lease_ms: int, stop: Event | None = None) -> DatabaseLedger:
        """The ledger that a training run of `job` writes to; it interrupts once `stop` is set."""
        return DatabaseLedger(self._database, job, self._clock, lease_ms, self._listener, stop)

    def let_go(self, job: Job, state: JobState) -> bool:
        """Gives the job back as QUEUED, PAUSED or CANCELLED; False when it was lost before."""
        now = self._clock()
        with self._database.transaction() as tx:
            return self._end(tx, job, state, now, str(state).lower())

    def fail(self, job: Job, error: TradePulseError) -> bool:
        """Ends the job as FAILED with the error; False when it was lost before."""
        now = self._clock()
        with self._database.transaction() as tx:
            told = f"{error.code}: {error}"
            return self._end(tx, job, JobState.FAILED, now, told, level="error", error=told)

    def finish(self, job: Job, result: Any) -> Configuration | None:
        """The configuration as stored, with its study and the job DONE, in one transaction; None,
        and nothing stored, when the job was lost before.

        Raises `Interrupted` (`cancelled`) when that was asked for since the last batch: the job has
        ended as CANCELLED, and nothing is stored. A pause is too late: there is nothing left to do.

        A run that found nothing new (the same configuration on the same data, judged alike) answers
        with the one that is there.
        """
        now = self._clock()
        with self._database.transaction() as tx:
            if tx.jobs.lock(job.id).wish != CANCEL:
                return self._store(tx, job, result, now)
            cancelled = self._end(tx, job, JobState.CANCELLED, now, "cancelled")
        if cancelled:
            # Behind the commit: raised within it, the end itself would be undone.
            raise Interrupted("cancelled")
        return None

    def _store(self, tx: Transaction, job: Job, result: Any, now: int) -> Configuration | None:
        found: Configuration = result.configuration
        known = tx.configurations.same_as(found.configuration_hash, found.data_fingerprint)
        stored = known if known is not None and _judged_alike(known, found) else found
        done = {"configuration_ids": [stored.id], "phase": "done", "message": "", "eta_s": 0.0}
        told = f"found {stored.id}, {stored.lifecycle_stage}"
        if not self._end(tx, job, JobState.DONE, now, told, more=done):
            return None
        if stored is found:
            tx.configurations.insert(found)
            tx.studies.insert(result.study)
            tx.events.append(replace(created(found, now, job_id=job.id), user_id=job.user_id))
        return stored

    def _take(self, tx: Transaction, job: Job, owner: str, now: int, until: int) -> Job | None:
        died = job.state is JobState.RUNNING
        if job.wish is not None:
            state = JobState.CANCELLED if job.wish == CANCEL else JobState.PAUSED
            self._put_down(tx, settled(job, state, now), now, str(state).lower())
            return None
        deaths = int(job.progress.get("deaths", 0)) + died
        if deaths >= MOST_DEATHS:
            told = f"runner_lost: {deaths} runners died on it without a new trial"
            ended = replace(settled(job, JobState.FAILED, now), error=told)
            self._put_down(tx, ended, now, told)
            return None
        wanted = replace(job, progress={**job.progress, "deaths": deaths})
        if not tx.jobs.take(wanted, owner, now, until):
            return None
        held = tx.jobs.get(job.id)
        tell(tx, held, now, f"{title(job)}: {'taken over' if died else 'started'} by {owner}")
        return held

    def _put_down(self, tx: Transaction, job: Job, now: int, told: str) -> None:
        tx.jobs.save(job)
        tell(tx, job, now, f"{title(job)}: {told}")

    def _end(
        self, tx: Transaction, job: Job, state: JobState, now: int, told: str, *,
        level: str = "info", error: str | None = None, more: dict[str, Any] | None = None,
    ) -> bool:  # fmt: skip
        held = tx.jobs.lock(job.id)
        progress = {**held.progress, "eta_s": None, **(more or {})}
        over = now if state.is_over else None
        if not tx.jobs.end(job, state, finished_at=over, error=error, progress=progress):
            return False
        tell(tx, tx.jobs.get(job.id), now, f"{title(job)}: {told}", level)
        return True


def _judged_alike(known: Configuration, found: Configuration) -> bool:
    same = ("lifecycle_stage", "evidence", "metrics", "trials", "data_range", "code_version")
    return all(getattr(known, name) == getattr(found, name) for name in same)
