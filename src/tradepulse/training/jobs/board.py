"""The port to the queue of training jobs: who holds which, and for how long."""

from __future__ import annotations

from threading import Event
from typing import Any, Protocol

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.job import Job, JobState
from tradepulse.training.ledger import TrialLedger
from tradepulse.training.spec import TrainSpec

# The kind of the jobs that a runner of this room knows how to run.
TRAIN = "train"


class JobBoard(Protocol):
    """Jobs on which several runners agree. A claimed `Job` is itself the proof of holding it:
    its `owner` and `attempt` must still be those of the row for anything to be written."""

    def submit(self, spec: TrainSpec, owner: str, lease_ms: int) -> Job:
        """A new job, held by `owner` from its first moment: nobody else can take it first."""
        ...

    def claim(self, owner: str, lease_ms: int, job_id: str | None = None) -> Job | None:
        """The oldest job nobody runs (or the one of that id), now held by `owner`; None: none."""
        ...

    def renew(self, job: Job, lease_ms: int) -> bool:
        """Prolongs the lease from now on; False when the job is somebody else's by now."""
        ...

    def ledger(self, job: Job, lease_ms: int, stop: Event) -> TrialLedger:
        """The ledger a training run of `job` writes to; it raises `Interrupted` with the reason
        `stopped` once `stop` is set."""
        ...

    def let_go(self, job: Job, state: JobState) -> bool:
        """Gives the job back as QUEUED, PAUSED or CANCELLED; False when it was lost before."""
        ...

    def fail(self, job: Job, error: TradePulseError) -> bool:
        """Ends the job as FAILED with the error; False when it was lost before."""
        ...

    def finish(self, job: Job, result: Any) -> Configuration | None:
        """Stores what was found and ends the job as DONE, as one unit: the configuration as
        stored. None when the job was lost before, and nothing is stored.

        Raises `Interrupted` with the reason `cancelled` when that was asked for since the last
        batch: the job has ended as CANCELLED then, and nothing is stored."""
        ...
