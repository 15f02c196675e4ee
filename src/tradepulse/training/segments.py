"""One search inside a training run: ask, run, record, tell, in batches; resumed by replaying it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np

from tradepulse.domain.bars import Floats
from tradepulse.domain.configuration import Trial, hash_configuration
from tradepulse.domain.errors import RefusedError
from tradepulse.simulation.metrics import as_dict
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.evaluation import ENOUGH_TRADES, Span, TrialExecutor
from tradepulse.training.ledger import BATCH_TRIALS, TrainProgress, TrialLedger
from tradepulse.training.objectives import Constraint, Objective, Patience
from tradepulse.training.optimisers import Optimiser, Told
from tradepulse.training.spec import TrainSpec
from tradepulse.training.windows import Dataset, graph_of

# Sets between two tellings. An adaptive search learns more often; one that learns nothing keeps
# the compiled sweep fed. Fixed numbers: a batch is the unit that is stored and resumed.
ADAPTIVE_BATCH = 20
FIXED_BATCH = 256
# Room for the trials of a segment, so that a number says where it belongs.
SEGMENT_NUMBERS = 1_000_000


@dataclass(frozen=True)
class Segment:
    """A named part of the run with its stretch of bars; `index` orders trial numbers."""

    name: str
    index: int
    window: Span


@dataclass(frozen=True)
class Tried:
    """A set that was run: `scores` in the order of the objectives, higher is better."""

    parameters: Mapping[str, Any]
    scores: tuple[float, ...]
    feasible: bool
    trades: int
    number: int

    @property
    def eligible_score(self) -> float:
        """The first score, or NaN where a constraint was broken."""
        return self.scores[0] if self.feasible else float("nan")


class Trialist:
    """Runs and records sets of one job. Threads may share it: two searches run side by side."""

    def __init__(
        self, spec: TrainSpec, strategy: type[Strategy], data: Dataset, executor: TrialExecutor,
        ledger: TrialLedger, job_id: str, objectives: Sequence[Objective],
        constraints: Sequence[Constraint], total: int,
    ) -> None:  # fmt: skip
        self.spec, self.strategy, self.data = spec, strategy, data
        self.executor, self.job_id = executor, job_id
        self._ledger, self._objectives, self._constraints = ledger, objectives, constraints
        self._lock, self._done, self._total = Lock(), 0, total
        # (whether it traded enough, its score): as the choice is made in the end.
        self._best: tuple[bool, float] | None = None

    def search(self, segment: Segment, optimiser: Optimiser, budget: int | None) -> list[Tried]:
        """Every set the optimiser asked for, in order. `budget` None: until it has no more."""
        batch = ADAPTIVE_BATCH if self.spec.is_adaptive else FIXED_BATCH
        patience = Patience(self.spec.patience)
        tried: list[Tried] = []
        while budget is None or len(tried) < budget:
            wanted = batch if budget is None else min(batch, budget - len(tried))
            sets = optimiser.ask(wanted)
            if not sets:
                break
            found = self.run(segment, sets, len(tried))
            optimiser.tell([Told(t.parameters, t.scores, t.feasible) for t in found])
            tried += found
            # A batch is stored whole, so the search ends with the batch that used the patience up.
            if any(patience.told(t.eligible_score) for t in found):
                break
        return tried

    def run(
        self, segment: Segment, sets: Sequence[Mapping[str, Any]], first: int = 0
    ) -> list[Tried]:
        """The results of `sets`, from the ledger where they are stored, run and recorded if not.

        `first` is the place of the first of them in the segment.
        """
        trials = self.stored(segment, first, len(sets))
        fresh = len(trials) < len(sets)
        if fresh:
            trials = self._evaluated(segment, sets, first)
        else:
            self._check_same(segment, sets, trials)
        found = self._scored(trials)
        self._tell(segment, found, trials if fresh else ())
        return found

    def run_all(self, segment: Segment, sets: Sequence[Mapping[str, Any]]) -> None:
        """Runs any number of sets in batches, for the ledger alone."""
        for first in range(0, len(sets), FIXED_BATCH):
            self.run(segment, sets[first : first + FIXED_BATCH], first)

    def stored(self, segment: Segment, first: int, count: int) -> tuple[Trial, ...]:
        """The trials at these places of the segment, as far as the ledger has them."""
        base = segment.index * SEGMENT_NUMBERS + first
        with self._lock:
            return self._ledger.stored(self.job_id, range(base, base + count))

    def batches(self, segment: Segment) -> Iterator[tuple[Trial, ...]]:
        """All trials of the segment, a few hundred at a time: their series are most of the memory
        of a training run."""
        first = 0
        while batch := self.stored(segment, first, BATCH_TRIALS):
            yield batch
            first += len(batch)

    def series(self, number: int) -> Floats:
        """The daily returns of one of the job's trials."""
        with self._lock:
            (trial,) = self._ledger.stored(self.job_id, range(number, number + 1))
        return series_of(trial)

    def advance(self, phase: str, message: str = "") -> None:
        """Says that a phase without trials has begun; here the run may be interrupted."""
        with self._lock:
            self._ledger.advance(
                TrainProgress(phase, self._done, self._total, self._best_score(), message)
            )

    def _best_score(self) -> float | None:
        return None if self._best is None else self._best[1]

    def hash_of(self, parameters: Mapping[str, Any]) -> str:
        """The configuration hash of a set of this job."""
        spec = self.spec
        graph = graph_of(self.strategy, parameters, spec.rules)
        return hash_configuration(
            spec.strategy, dict(parameters), graph.hash, spec.exchange, spec.pair, spec.interval,
            spec.rules.as_json(),
        )  # fmt: skip

    def _scored(self, trials: Sequence[Trial]) -> list[Tried]:
        found = []
        for trial in trials:
            returns = series_of(trial)
            scores = tuple(o.score(trial.metrics, returns) for o in self._objectives)
            feasible = all(c.holds(trial.metrics) for c in self._constraints)
            trades = int(trial.metrics["trade_count"] or 0)
            found.append(Tried(trial.parameters, scores, feasible, trades, trial.number))
        return found

    def _tell(self, segment: Segment, found: Sequence[Tried], trials: Sequence[Trial]) -> None:
        with self._lock:
            self._done += len(found)
            for item in found:
                score = item.eligible_score
                if item.trades and not np.isnan(score) and segment.name == "development":
                    found_now = (item.trades >= ENOUGH_TRADES, score)
                    self._best = max(self._best or found_now, found_now)
            told = TrainProgress(segment.name, self._done, self._total, self._best_score())
            if trials:
                self._ledger.record(trials, told)

    def _check_same(
        self, segment: Segment, sets: Sequence[Mapping[str, Any]], trials: Sequence[Trial]
    ) -> None:
        """What is stored must be what this run would do: else it is another run's work."""
        for values, trial in zip(sets, trials, strict=True):
            same = (
                trial.configuration_hash == self.hash_of(values)
                and trial.data_fingerprint == self.data.fingerprint
                and (trial.window_start, trial.window_end) == segment.window
            )
            if not same:
                raise RefusedError(
                    "resume_differs", f"the stored trials of {segment.name} are of another run",
                    expected=f"{dict(values)} on data {self.data.fingerprint[:12]}",
                    found=f"{dict(trial.parameters)} on data {trial.data_fingerprint[:12]}",
                    hint="The bars, the code or the options have changed: train anew.",
                )  # fmt: skip

    def _evaluated(
        self, segment: Segment, sets: Sequence[Mapping[str, Any]], first: int
    ) -> tuple[Trial, ...]:
        metrics, returns = self.executor.evaluate(sets, segment.window)
        base = segment.index * SEGMENT_NUMBERS + first
        return tuple(
            self._trial(segment, base + place, values, as_dict(metrics[place]), returns[place])
            for place, values in enumerate(sets)
        )

    def _trial(
        self, segment: Segment, number: int, values: Mapping[str, Any],
        metrics: Mapping[str, float | None], returns: Floats,
    ) -> Trial:  # fmt: skip
        series = returns.astype("<f8").tobytes()
        return Trial(
            job_id=self.job_id, number=number, strategy_name=self.spec.strategy,
            exchange=self.spec.exchange, pair=self.spec.pair, interval=self.spec.interval,
            parameters=dict(values), configuration_hash=self.hash_of(values),
            data_fingerprint=self.data.fingerprint, metrics=metrics, daily_returns=series,
            returns_hash=hashlib.sha256(series).hexdigest(), segment=segment.name,
            window_start=segment.window[0], window_end=segment.window[1],
        )  # fmt: skip


def series_of(trial: Trial) -> Floats:
    """The trial's daily returns."""
    found: Floats = np.frombuffer(trial.daily_returns, dtype="<f8").astype(np.float64)
    return found


def ranked(tried: Sequence[Tried]) -> list[float]:
    """A score a set for choosing: NaN for the infeasible, and for sets that hardly traded where
    others did."""
    trades = np.array([t.trades for t in tried])
    scores = np.array([t.eligible_score for t in tried], dtype=np.float64)
    enough = trades >= ENOUGH_TRADES
    scores[~enough if (enough & ~np.isnan(scores)).any() else trades == 0] = np.nan
    return [float(score) for score in scores]
