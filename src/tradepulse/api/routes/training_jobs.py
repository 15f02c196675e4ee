"""Training jobs: asked for, followed, paused, and what they tried."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel

from tradepulse.api.access import TRAINER
from tradepulse.api.asking import AskedName, AskedPair, Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Context, Here
from tradepulse.api.idempotency import IdempotencyKey, answered
from tradepulse.api.shapes.ledger import LogShape
from tradepulse.api.shapes.training import (
    JobAccepted,
    JobsAccepted,
    JobShape,
    NewTrainingJob,
    NewTrainingJobs,
    TrainingOptions,
    TrialShape,
)
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.errors import UsageError
from tradepulse.domain.job import Job, JobState

router = APIRouter(prefix="/training", tags=["training"], route_class=ConditionalRoute)
# Each is looked at before it is queued, so a request of more would keep its sender waiting.
MOST_JOBS = 200

A = TypeVar("A", bound=BaseModel)


@router.post("/jobs", status_code=202, dependencies=[TRAINER])
def create_job(
    here: Here, body: NewTrainingJob, idempotency_key: IdempotencyKey = None
) -> JobAccepted:
    """Train a strategy on a symbol. What cannot begin is refused now: unknown names, an empty
    space, too little data for the folds."""
    asked = [(body.strategy, body.symbol, body.interval)]

    def accepted(jobs: list[Job]) -> JobAccepted:
        return JobAccepted(id=jobs[0].id, state=jobs[0].state)

    return _queued(here, body, body.exchange, asked, idempotency_key, JobAccepted, accepted)


@router.post("/start-multi-dimensional", status_code=202, dependencies=[TRAINER])
def create_jobs(
    here: Here, body: NewTrainingJobs, idempotency_key: IdempotencyKey = None
) -> JobsAccepted:
    """Train every strategy on every symbol at every interval; all are queued, or none is."""
    asked = [*product(body.strategies, body.symbols, body.intervals)]
    if len(asked) > MOST_JOBS:
        raise UsageError(
            "too_many_jobs", "one request cannot ask for so many jobs",
            expected=f"{MOST_JOBS} at most", found=str(len(asked)),
        )  # fmt: skip

    def accepted(jobs: list[Job]) -> JobsAccepted:
        return JobsAccepted(job_ids=[job.id for job in jobs])

    return _queued(here, body, body.exchange, asked, idempotency_key, JobsAccepted, accepted)


def _queued(
    here: Context, body: TrainingOptions, exchange: str | None,
    asked: list[tuple[str, str, str]], key: str | None, answer_type: type[A],
    accepted: Callable[[list[Job]], A],
) -> A:  # fmt: skip
    from tradepulse.bootstrap import check_training, training_spec
    from tradepulse.storage.training_requests import request_trainings

    specs = []
    for strategy, symbol, interval in asked:
        spec = training_spec(
            here.app, strategy=strategy, exchange=None if exchange is None else exchange.lower(),
            pair=symbol, interval=interval, **body.options,
        )  # fmt: skip
        check_training(here.app, spec)
        specs.append(spec)
    now_ms = here.now_ms()
    request = {"command": "train", **body.model_dump(mode="json")}
    with here.database.transaction() as tx:

        def act() -> A:
            return accepted(request_trainings(tx, specs, now_ms=now_ms, user_id=here.user.id))

        answer, _ = answered(tx, key, request, now_ms, answer_type, act)
    return answer


@router.get("/jobs")
def list_jobs(
    here: Here,
    paging: Paging,
    pair: AskedPair,
    state: JobState | None = None,
    kind: Annotated[str | None, Query(description="`train` or `sweep`.")] = None,
    strategy: AskedName | None = None,
) -> Listed[JobShape]:
    """Jobs, newest first: training jobs, and sweeps as they were run."""
    with here.database.reading() as tx:
        page = tx.jobs.page(state=state, kind=kind, strategy=strategy, pair=pair, **paging)
    return Listed[JobShape].model_validate(page)


@router.get("/jobs/{job_id}")
def show_job(here: Here, job_id: str) -> JobShape:
    """One job: its state, how far it is, and what it found."""
    with here.database.reading() as tx:
        return JobShape.model_validate(tx.jobs.get(job_id))


@router.post("/jobs/{job_id}/pause", status_code=202, dependencies=[TRAINER])
def pause_job(here: Here, job_id: str, idempotency_key: IdempotencyKey = None) -> JobAccepted:
    """Stop with the batch at hand and keep everything; `resume` goes on to the same result."""
    return _asked(here, job_id, idempotency_key, "pause")


@router.post("/jobs/{job_id}/resume", status_code=202, dependencies=[TRAINER])
def resume_job(here: Here, job_id: str, idempotency_key: IdempotencyKey = None) -> JobAccepted:
    """Queue a paused or failed job again, or take back a wish that was not heeded yet."""
    return _asked(here, job_id, idempotency_key, "resume")


@router.post("/jobs/{job_id}/cancel", status_code=202, dependencies=[TRAINER])
def cancel_job(here: Here, job_id: str, idempotency_key: IdempotencyKey = None) -> JobAccepted:
    """End it for good. What it tried stays in the ledger, and counts."""
    return _asked(here, job_id, idempotency_key, "cancel")


def _asked(here: Context, job_id: str, key: str | None, wish: str) -> JobAccepted:
    from tradepulse.storage import training_requests

    requests: dict[str, Callable[..., Job]] = {
        "pause": training_requests.request_pause,
        "resume": training_requests.request_resume,
        "cancel": training_requests.request_cancel,
    }
    now_ms = here.now_ms()
    with here.database.transaction() as tx:
        # By its whole id: a program that sends a part of one means something else.
        tx.jobs.get(job_id)

        def act() -> JobAccepted:
            job = requests[wish](tx, job_id, now_ms=now_ms)
            return JobAccepted(id=job.id, state=job.state)

        request = {"command": f"{wish} job", "id": job_id}
        answer, _ = answered(tx, key, request, now_ms, JobAccepted, act)
    return answer


@router.get("/jobs/{job_id}/trials")
def list_trials(
    here: Here,
    paging: Paging,
    job_id: str,
    segment: Annotated[
        str | None, Query(description="development, fold-1, pool-1, plateau, sweep")
    ] = None,
) -> Listed[TrialShape]:
    """Every set the job has tried, in order; without its daily returns."""
    with here.database.reading() as tx:
        tx.jobs.get(job_id)
        page = tx.trials.page(job_id=job_id, segment=segment, **paging)
    return Listed[TrialShape].model_validate(page)


@router.get("/jobs/{job_id}/logs")
def list_job_logs(here: Here, paging: Paging, job_id: str) -> Listed[LogShape]:
    """What the job has said, newest first."""
    with here.database.reading() as tx:
        tx.jobs.get(job_id)
        page = tx.logs.page(job_id=job_id, **paging)
    return Listed[LogShape].model_validate(page)
