"""Wishes about training jobs, written before anybody acts on them: queue, pause, resume, cancel.

A wish about a job that somebody runs is left in its row, and its runner heeds it at the next batch.
A job nobody runs is changed at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from tradepulse.domain.errors import RefusedError
from tradepulse.domain.event import LogLine, NewEvent
from tradepulse.domain.job import Job, JobState
from tradepulse.storage.transaction import Transaction
from tradepulse.training.jobs.board import TRAIN
from tradepulse.training.spec import TrainSpec

PAUSE, CANCEL = "pause", "cancel"
_ASKED = {PAUSE: JobState.PAUSED, CANCEL: JobState.CANCELLED}


def request_training(
    tx: Transaction, spec: TrainSpec, *, now_ms: int, user_id: str = "local"
) -> Job:
    """A new job, QUEUED. Whether it can be run at all is for the caller to have looked at."""
    progress = {"trials_done": 0, "trials_total": None, "best": None, "phase": "queued"}
    job = Job(
        str(uuid4()), TRAIN, JobState.QUEUED, spec.as_json(), progress, now_ms, user_id=user_id
    )
    tx.jobs.insert(job)
    tell(tx, job, now_ms, f"{title(job)}: queued")
    return job


def request_trainings(
    tx: Transaction, specs: Sequence[TrainSpec], *, now_ms: int, user_id: str = "local"
) -> list[Job]:
    """A new job for each, to be run in that order: they are dated a millisecond apart, since the
    oldest is taken first."""
    return [
        request_training(tx, spec, now_ms=now_ms + place, user_id=user_id)
        for place, spec in enumerate(specs)
    ]


def request_pause(tx: Transaction, job_id: str, *, now_ms: int) -> Job:
    """The job, PAUSED or about to be. Errors: `job_not_found`, `job_over` (RefusedError)."""
    return _ask(tx, job_id, PAUSE, now_ms)


def request_cancel(tx: Transaction, job_id: str, *, now_ms: int) -> Job:
    """The job, CANCELLED or about to be. Its trials stay: they were tried. Errors:
    `job_not_found`, `job_over` (RefusedError)."""
    return _ask(tx, job_id, CANCEL, now_ms)


def request_resume(tx: Transaction, job_id: str, *, now_ms: int) -> Job:
    """The job, to be run on from where it stopped: a paused or failed one is QUEUED again, a wish
    that was not heeded yet is taken back.

    Errors: `job_not_found`; `job_over` for one that is done or cancelled (RefusedError).
    """
    job = tx.jobs.lock(tx.jobs.resolve(job_id).id)
    if job.state in (JobState.DONE, JobState.CANCELLED):
        raise _over(job, "a job that is paused, failed or waiting")
    if job.state in (JobState.QUEUED, JobState.RUNNING):
        changed = replace(job, wish=None)
    else:
        changed = replace(
            job, state=JobState.QUEUED, wish=None, error=None, finished_at=None,
            progress={**job.progress, "deaths": 0},
        )  # fmt: skip
    if changed != job:
        tx.jobs.save(changed)
        tell(tx, changed, now_ms, f"{title(job)}: resumed")
    return changed


def _ask(tx: Transaction, job_id: str, wish: str, now_ms: int) -> Job:
    job = tx.jobs.lock(tx.jobs.resolve(job_id).id)
    if job.state.is_over:
        raise _over(job, "a job that is queued, running or paused")
    is_held = job.state is JobState.RUNNING and (job.lease_until or 0) >= now_ms
    changed = replace(job, wish=wish) if is_held else settled(job, _ASKED[wish], now_ms)
    if changed != job:
        tx.jobs.save(changed)
        told = f"{wish} asked for" if is_held else str(changed.state).lower()
        tell(tx, changed, now_ms, f"{title(job)}: {told}")
    return changed


def settled(job: Job, state: JobState, now_ms: int) -> Job:
    """The job in that state, held by nobody. Its attempt stays: who held it has lost it anyway."""
    return replace(
        job, state=state, owner=None, lease_until=None, wish=None,
        finished_at=now_ms if state.is_over else None,
    )  # fmt: skip


def title(job: Job) -> str:
    """What a job is about, for people."""
    spec = job.spec
    return " ".join(
        str(spec.get(name, "?")) for name in ("strategy", "exchange", "pair", "interval")
    )


def job_event(job: Job, now_ms: int, more: Mapping[str, Any] | None = None) -> NewEvent:
    """The event `job.progress` of a job as it is now."""
    payload = {
        "state": str(job.state), "wish": job.wish, "error": job.error, **job.progress,
        **(more or {}),
    }  # fmt: skip
    return NewEvent(now_ms, "job.progress", "job", job.id, payload, job.user_id)


def tell(tx: Transaction, job: Job, now_ms: int, message: str, level: str = "info") -> None:
    """Write the job's state as an event, and a line for people."""
    tx.events.append(
        job_event(job, now_ms),
        NewEvent(now_ms, "log.written", "job", job.id, {"message": message}, job.user_id),
    )
    tx.logs.insert_many(
        [LogLine(now_ms, level, message, None, None, {"job_id": job.id}, user_id=job.user_id)]
    )


def _over(job: Job, expected: str) -> RefusedError:
    return RefusedError(
        "job_over", f"the job is {str(job.state).lower()}", expected=expected, found=str(job.state)
    )
