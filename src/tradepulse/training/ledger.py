"""The port through which a training run remembers: its trials, its progress, its hold-out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tradepulse.domain.configuration import Trial
from tradepulse.domain.study import Family, HoldOut

# Segments whose trials traded a whole history and not a fold of it, besides `pool-…`.
WHOLE_WINDOW = ("development", "plateau", "drawn", "sweep")
# Trials read back at a time: their series are most of the memory of a training run.
BATCH_TRIALS = 512


class Interrupted(Exception):  # noqa: N818  (a wish that is obeyed, not a fault)
    """The run is to stop here. `reason`: `paused`, `cancelled`, or `lost` (somebody else has it).

    Everything recorded stays; the same run called again goes on behind it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class TrainProgress:
    """Where a run is. `phase` in words; `best` is the best score of the first objective so far."""

    phase: str
    trials_done: int
    trials_total: int
    best: float | None = None
    message: str = ""


class TrialLedger(Protocol):
    """What was tried, kept so that it survives the process that tried it."""

    def stored(self, job_id: str, numbers: range) -> tuple[Trial, ...]:
        """Those of a job's trials that have these numbers (a range without steps), in order."""
        ...

    def record(self, trials: Sequence[Trial], told: TrainProgress) -> None:
        """Keeps a batch and the progress as one unit. Raises `Interrupted`."""
        ...

    def advance(self, told: TrainProgress) -> None:
        """Keeps the progress of work without trials. Raises `Interrupted`."""
        ...

    def family_returns(self, family: Family, except_job: str) -> Iterator[Sequence[Trial]]:
        """Trials of the family's other jobs over whole histories (`is_whole_window`), in batches,
        in a fixed order."""
        ...

    def seal(self, proposed: HoldOut) -> HoldOut:
        """The family's newest hold-out, or `proposed`, sealed now: see `hold_out_after`."""
        ...


class MemoryLedger:
    """A ledger that ends with the process: for notebooks and tests. `progress` hears of it."""

    def __init__(self, progress: Callable[[TrainProgress], None] | None = None) -> None:
        self._progress = progress
        self.trials: dict[tuple[str, int], Trial] = {}
        self.told: TrainProgress | None = None
        self._sealed: dict[Family, HoldOut] = {}

    def stored(self, job_id: str, numbers: range) -> tuple[Trial, ...]:
        found = (self.trials.get((job_id, number)) for number in numbers)
        return tuple(trial for trial in found if trial is not None)

    def record(self, trials: Sequence[Trial], told: TrainProgress) -> None:
        self.trials.update({(trial.job_id, trial.number): trial for trial in trials})
        self.advance(told)

    def advance(self, told: TrainProgress) -> None:
        self.told = told
        if self._progress is not None:
            self._progress(told)

    def family_returns(self, family: Family, except_job: str) -> Iterator[Sequence[Trial]]:
        found = [
            t for t in self.trials.values()
            if t.job_id != except_job and is_whole_window(t.segment)
            and Family(t.strategy_name, t.exchange, t.pair) == family
        ]  # fmt: skip
        found.sort(key=lambda trial: (trial.job_id, trial.number))
        for first in range(0, len(found), BATCH_TRIALS):
            yield found[first : first + BATCH_TRIALS]

    def seal(self, proposed: HoldOut) -> HoldOut:
        held = hold_out_after(self._sealed.get(proposed.family), proposed)
        self._sealed[proposed.family] = held
        return held


def hold_out_after(known: HoldOut | None, proposed: HoldOut) -> HoldOut:
    """The hold-out that holds for a family: the one sealed before, or the proposed one.

    One that nobody opened moves forward with newer bars, never back: its later part has not been
    searched by anyone, its earlier part is given to development. One that was opened gives way only
    to bars that all came after it.
    """
    if known is None:
        return proposed
    if known.opened_at is None:
        return proposed if proposed.start_ms > known.start_ms else known
    return proposed if proposed.start_ms >= known.end_ms else known


def is_whole_window(segment: str) -> bool:
    """Whether a segment's trials traded a whole history, not a fold of it; plain sweeps do."""
    return segment in WHOLE_WINDOW or segment.startswith("pool-")
