"""What a case is: engines side by side, the unit of the answer, and the bars to meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from benchmarks.peers.environments import numba_cache_of, python_of
from benchmarks.process import Measurement, own_python

OURS = "tradepulse"


class Reading(Enum):
    """What of a process is the answer."""

    TIMED = "the best of the times it printed, for a unit of work"
    RATE = "units of work a second, by the best of the times it printed"
    PROCESS = "the whole process on the wall clock"
    MEMORY = "the peak memory of the process"


@dataclass(frozen=True)
class Entrant:
    """One engine in one case: `python COMMAND`, and the units of work in one timing of it."""

    engine: str
    command: tuple[str, ...]
    units: float = 1.0
    peer: str | None = None
    note: str = ""
    # Whether the case's bar is for it; a variant may be shown for comparison alone.
    bar: bool = True

    def argv(self) -> list[str]:
        python = python_of(self.peer) if self.peer else own_python()
        return [str(python), *self.command]

    def environment(self) -> Mapping[str, str]:
        return {"NUMBA_CACHE_DIR": str(numba_cache_of(self.peer))} if self.peer else {}


@dataclass(frozen=True)
class Case:
    """Engines side by side. `factor` turns seconds a unit of work into `unit`.

    `bar` is what our value must reach (at most; for a rate at least), `memory_bar_mb` our peak,
    `ratio_bars` how many times a peer's value ours must be better.
    """

    key: str
    title: str
    unit: str
    entrants: tuple[Entrant, ...]
    reading: Reading = Reading.TIMED
    factor: float = 1.0
    bar: float | None = None
    memory_bar_mb: float | None = None
    ratio_bars: Mapping[str, float] = field(default_factory=dict)
    # Which of our entrants did the work the peers' results are compared with.
    compared: str = OURS

    def value(self, entrant: Entrant, runs: list[Measurement]) -> float:
        """The best of `runs` in the case's unit."""
        if self.reading is Reading.MEMORY:
            return min(run.peak_mb for run in runs)
        if self.reading is Reading.PROCESS:
            return min(run.wall_s for run in runs) * self.factor
        return self._of(entrant, min(min(run.seconds) for run in runs))

    def cpu_value(self, entrant: Entrant, runs: list[Measurement]) -> float | None:
        """The same in processor time, all threads together; None where it says nothing.

        On a busy machine the wall clock counts the neighbours too; this hardly does.
        """
        best = min(min(run.cpu_seconds) for run in runs)
        if self.reading is Reading.MEMORY or best <= 0.0:
            return None
        if self.reading is Reading.PROCESS:
            return min(run.process_cpu_s for run in runs) * self.factor
        return self._of(entrant, best)

    def _of(self, entrant: Entrant, seconds: float) -> float:
        if self.reading is Reading.RATE:
            return entrant.units / seconds
        return seconds / entrant.units * self.factor

    def meets(self, value: float) -> bool | None:
        """Whether our `value` reaches the bar; None where there is no bar."""
        if self.bar is None:
            return None
        return value >= self.bar if self.reading is Reading.RATE else value <= self.bar

    def times_better(self, ours: float, theirs: float) -> float:
        """How many times better ours is; above 1 is better."""
        return ours / theirs if self.reading is Reading.RATE else theirs / ours
