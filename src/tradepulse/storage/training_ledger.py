"""A training run's memory in the database: every batch of trials is one transaction with a fence.

The fence is the update of the job's row: it writes only while the row still names this runner and
this attempt. A runner that lost its lease, however late it wakes up, cannot write a trial.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Event, Lock
from typing import Any

from tradepulse.domain.configuration import Trial
from tradepulse.domain.job import Job
from tradepulse.domain.study import Family, HoldOut
from tradepulse.storage.database import Database
from tradepulse.storage.hold_outs import seal_hold_out
from tradepulse.storage.training_requests import CANCEL, PAUSE, job_event, tell, title
from tradepulse.storage.transaction import Transaction
from tradepulse.training.ledger import BATCH_TRIALS, WHOLE_WINDOW, Interrupted, TrainProgress

Clock = Callable[[], int]
Listener = Callable[[dict[str, Any]], None]

# Trials over a whole history, not a fold of it: what significance is measured over.
SEGMENTS = (*WHOLE_WINDOW, "pool-*")
# Progress is told this often at most; screens show no more, and the log stays short.
TELL_EVERY_MS = 300
_REASONS = {PAUSE: "paused", CANCEL: "cancelled"}


class DatabaseLedger:
    """The `TrialLedger` of one held job; searches that run side by side may share it.

    `listener` hears of progress after it is stored. Once `stop` is set the run is interrupted with
    the reason `stopped`, wherever it tells of itself next.
    """

    def __init__(
        self, database: Database, job: Job, clock: Clock, lease_ms: int,
        listener: Listener | None = None, stop: Event | None = None,
    ) -> None:  # fmt: skip
        self._database, self._job, self._clock = database, job, clock
        self._lease_ms, self._listener = lease_ms, listener
        self._stop, self._lock = stop or Event(), Lock()
        self._pace = _Pace()
        self._deaths = job.progress.get("deaths", 0)
        self._most_done = int(job.progress.get("trials_done") or 0)
        self._phases: set[str] = set()
        self._told_at = -TELL_EVERY_MS

    def stored(self, job_id: str, numbers: range) -> tuple[Trial, ...]:
        """Those of a job's trials that have these numbers, in order."""
        with self._database.reading() as tx:
            return tx.trials.of_job(job_id, numbers)

    def record(self, trials: Sequence[Trial], told: TrainProgress) -> None:
        """Keeps a batch and the progress. Raises `Interrupted`: `lost` before anything is
        written, `paused` and `cancelled` after the batch is."""
        with self._lock:
            now = self._clock()
            self._pace.tried(told.trials_done, now)
            self._write(told, now, trials)

    def advance(self, told: TrainProgress) -> None:
        """Keeps the progress, a few times a second at most. Raises `Interrupted`."""
        with self._lock:
            now = self._clock()
            is_due = now - self._told_at >= TELL_EVERY_MS
            if is_due or self._stop.is_set() or told.phase not in self._phases:
                self._write(told, now, ())

    def family_returns(self, family: Family, except_job: str) -> Iterator[Sequence[Trial]]:
        """Trials of the family's other jobs over whole windows by (job, number), in batches.

        Each batch is a transaction of its own: a long look holds nobody up.
        """
        after: tuple[str, int] | None = None
        while True:
            with self._database.reading() as tx:
                batch = tx.trials.family_batch(
                    family, segments=SEGMENTS, except_job=except_job, after=after,
                    limit=BATCH_TRIALS,
                )  # fmt: skip
            if not batch:
                return
            yield batch
            after = (batch[-1].job_id, batch[-1].number)

    def seal(self, proposed: HoldOut) -> HoldOut:
        """The family's hold-out: the one sealed before, else `proposed`, sealed now."""
        with self._database.transaction() as tx:
            return seal_hold_out(tx, proposed, self._clock())

    def _write(self, told: TrainProgress, now: int, trials: Sequence[Trial]) -> None:
        if trials:
            self._deaths = 0
        progress = self._progress(told, now)
        with self._database.transaction() as tx:
            held = tx.jobs.renew(self._job, now + self._lease_ms, progress)
            if held is None:
                raise Interrupted("lost")
            tx.trials.insert_many(trials)
            self._tell(tx, replace(self._job, progress=progress, wish=held.wish), now, told)
        if self._listener is not None:
            self._listener(progress)
        if self._stop.is_set():
            raise Interrupted("stopped")
        if held.wish is not None:
            raise Interrupted(_REASONS[held.wish])

    def _tell(self, tx: Transaction, job: Job, now: int, told: TrainProgress) -> None:
        if told.phase not in self._phases:
            self._phases.add(told.phase)
            told_so = f"{told.phase}: {told.message}" if told.message else told.phase
            tell(tx, job, now, f"{title(job)}: {told_so}")
        elif now - self._told_at >= TELL_EVERY_MS:
            tx.events.append(job_event(job, now))
        else:
            return
        self._told_at = now

    def _progress(self, told: TrainProgress, now: int) -> dict[str, Any]:
        best = told.best
        # Who goes on with a job reads its first trials back; to whoever watches they are done.
        self._most_done = max(self._most_done, told.trials_done)
        return {
            "phase": told.phase,
            "message": told.message,
            "trials_done": self._most_done,
            "trials_total": max(told.trials_total, self._most_done),
            "best": best if best is not None and math.isfinite(best) else None,
            "eta_s": self._pace.left_s(told.trials_total - told.trials_done, now),
            "deaths": self._deaths,
        }


class _Pace:
    """How fast trials come, counted from the first batch that was run and not read back."""

    def __init__(self) -> None:
        self._first: tuple[int, int] | None = None
        self._last = (0, 0)

    def tried(self, done: int, now: int) -> None:
        self._first = self._first or (done, now)
        self._last = (done, now)

    def left_s(self, trials: int, now: int) -> float | None:
        """Seconds for so many more trials; None while the pace is not known."""
        if self._first is None or trials <= 0:
            return None
        done, passed = self._last[0] - self._first[0], now - self._first[1]
        return round(trials * passed / done / 1000, 1) if done > 0 and passed > 0 else None
