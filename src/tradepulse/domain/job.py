"""A piece of work that outlives the request that asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tradepulse.domain.configuration import Json


class JobState(StrEnum):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    @property
    def is_over(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True)
class Job:
    """A row of `training_jobs`. `spec` is the request, `progress` what its runner last said.

    While it runs, `owner` holds it until `lease_until`; after that anybody may take it up again.
    `wish` is `pause` or `cancel`, written by who asks and read by who runs. `attempt` counts takers
    and fences: a runner whose number is no longer the row's has lost the job.
    """

    id: str
    kind: str
    state: JobState
    spec: Json
    progress: Json
    created_at: int
    started_at: int | None = None
    finished_at: int | None = None
    error: str | None = None
    user_id: str = "local"
    owner: str | None = None
    lease_until: int | None = None
    attempt: int = 0
    wish: str | None = None
