"""Runs training jobs one after another: claim, train, store; and lets go of one in good order."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import FailedError, TradePulseError
from tradepulse.domain.job import Job, JobState
from tradepulse.training.jobs.board import JobBoard
from tradepulse.training.jobs.heartbeat import Heartbeat
from tradepulse.training.ledger import Interrupted, TrialLedger

if TYPE_CHECKING:
    from tradepulse.training.spec import TrainSpec

_log = logging.getLogger(__name__)

# A runner that was killed is missed after this long; the beat is a third of it, so that one late
# beat loses nothing.
LEASE_MS = 15_000
BEATS_PER_LEASE = 3
POLL_S = 1.0

# Errors that are over when the machine is back: the job is given back, not ended.
# Those of a cluster are about the machine the runner is on: another may well reach it.
_PASSING = frozenset(
    {"database_unavailable", "cluster_unavailable", "bad_cluster_url", "missing_extra"}
)

# How a job is trained: (spec, ledger, job id) -> the result that `JobBoard.finish` stores.
Train = Callable[["TrainSpec", TrialLedger, str], Any]


@dataclass(frozen=True)
class Ran:
    """How a run of a job ended. `state` None: lost to another runner, whose job it now is."""

    job: Job
    state: JobState | None
    configuration: Configuration | None = None
    error: TradePulseError | None = None

    @property
    def given_back(self) -> bool:
        """Whether the job is free again for a reason that has not passed yet: taken up at once it
        would end alike."""
        return self.error is not None and self.state is not JobState.FAILED


class JobRunner:
    """Takes jobs from the board and runs each with `train`.

    `when_stopped` is the state a job is left in when this process is told to stop while running
    it: QUEUED, so that another runner takes it up at once, or PAUSED for one a person looks after.
    Setting `stop` (from a signal handler, say) ends the run at hand with its next batch.
    """

    def __init__(
        self,
        board: JobBoard,
        train: Train,
        owner: str,
        *,
        lease_ms: int = LEASE_MS,
        when_stopped: JobState = JobState.QUEUED,
    ) -> None:
        self._board, self._train, self._owner = board, train, owner
        self._lease_ms, self._when_stopped = lease_ms, when_stopped
        self.stop = threading.Event()

    def submit(self, spec: TrainSpec) -> Job:
        """A new job that this runner holds already; to be given to `run` at once."""
        return self._board.submit(spec, self._owner, self._lease_ms)

    def run_next(self, job_id: str | None = None) -> Ran | None:
        """How the oldest free job (or the one of that id) ended; None when none is free.

        KeyboardInterrupt and SystemExit pass through after the job was let go of.
        """
        job = self.claim(job_id)
        return None if job is None else self.run(job)

    def claim(self, job_id: str | None = None) -> Job | None:
        """The oldest free job (or the one of that id), held by this runner; None: none is free."""
        return self._board.claim(self._owner, self._lease_ms, job_id)

    def run(self, job: Job) -> Ran:
        """How a job that was claimed ended."""
        renew = partial(self._board.renew, job, self._lease_ms)
        with Heartbeat(renew, self._lease_ms / BEATS_PER_LEASE / 1000):
            try:
                return self._finished(job, self._trained(job))
            except Interrupted as wish:
                return self._interrupted(job, wish.reason)
            except (KeyboardInterrupt, SystemExit):
                self._board.let_go(job, self._when_stopped)
                raise
            except Exception as error:  # noqa: BLE001  (whatever it is, the job must not hang)
                return self._failed(job, error)

    def run_for_ever(
        self, poll_s: float = POLL_S, ended: Callable[[Ran], None] | None = None
    ) -> None:
        """Runs jobs as they come until `stop` is set; looks for new ones every `poll_s`, and tells
        `ended` how each ended."""
        while not self.stop.is_set():
            try:
                ran = self.run_next()
            except TradePulseError as error:
                _log.warning("the queue of jobs cannot be read: %s", error)
                ran = None
            if ran is not None and ended is not None:
                ended(ran)
            if ran is None or ran.given_back:
                self.stop.wait(poll_s)

    def _trained(self, job: Job) -> Any:
        # Imported with the first job: a worker that waits costs no compiler and no optimiser.
        from tradepulse.training.spec import TrainSpec

        ledger = self._board.ledger(job, self._lease_ms, self.stop)
        return self._train(TrainSpec.from_json(job.spec), ledger, job.id)

    def _finished(self, job: Job, result: Any) -> Ran:
        try:
            stored = self._board.finish(job, result)
        except Interrupted:
            return Ran(job, JobState.CANCELLED)
        if stored is None:
            return self._interrupted(job, "lost")
        return Ran(job, JobState.DONE, stored)

    def _interrupted(self, job: Job, reason: str) -> Ran:
        states = {
            "paused": JobState.PAUSED, "cancelled": JobState.CANCELLED,
            "stopped": self._when_stopped,
        }  # fmt: skip
        state = states.get(reason)
        if state is None or not self._board.let_go(job, state):
            _log.warning("job %s was taken over by another runner", job.id)
            return Ran(job, None)
        return Ran(job, state)

    def _failed(self, job: Job, cause: Exception) -> Ran:
        if self.stop.is_set():
            # A signal reaches the processes of the optimisers too; that they end is no fault.
            return self._interrupted(job, "stopped")
        error = cause if isinstance(cause, TradePulseError) else _unexpected(cause)
        if error.code == "internal":
            _log.error("job %s failed", job.id, exc_info=cause)
        try:
            if error.code in _PASSING:
                self._board.let_go(job, self._when_stopped)
                return Ran(job, self._when_stopped, error=error)
            ended = self._board.fail(job, error)
        except TradePulseError as unreachable:
            # The database is away: the lease ends by itself, and the next runner goes on.
            _log.warning("the end of job %s could not be written: %s", job.id, unreachable)
            return Ran(job, None, error=error)
        return Ran(job, JobState.FAILED if ended else None, error=error)


def _unexpected(cause: Exception) -> TradePulseError:
    return FailedError(
        "internal", f"{type(cause).__name__}: {cause}",
        hint="This is a defect of TradePulse or of the strategy; the log has the rest.",
    )  # fmt: skip
