"""What an adaptive search remembers: the best results and the latest ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradepulse.training.optimisers.optuna_study import finite_values, violation
from tradepulse.training.optimisers.port import Told

# Optuna's TPE takes the best tenth, 25 at most, for its model of the good: with these it is the
# same model as from all results.
BEST = 25
# The latest results stand for the rest, which TPE itself weighs less the older they are.
LATEST = 225


class Memory:
    """At most `best` + `latest` results, in the order they were told.

    Best means beaten by the fewest others (for several objectives: dominated), feasible before
    infeasible before failed, the earlier one on a tie.
    """

    def __init__(self, best: int = BEST, latest: int = LATEST) -> None:
        self._best, self._latest = best, latest
        self.kept: list[Told] = []

    def add(self, results: Sequence[Told]) -> None:
        self.kept.extend(results)
        older = self.kept[: -self._latest]
        if len(older) > self._best:
            ranks = _beaten_by(older)
            chosen = sorted(range(len(older)), key=lambda place: (ranks[place], place))
            self.kept = [
                *(older[place] for place in sorted(chosen[: self._best])),
                *self.kept[-self._latest :],
            ]


def _beaten_by(results: Sequence[Told]) -> list[int]:
    values = np.array([finite_values(told) for told in results])
    broken = np.array([violation(told) for told in results])
    better = (values[:, None] >= values[None]).all(2) & (values[:, None] > values[None]).any(2)
    beats = (broken[:, None] < broken[None]) | ((broken[:, None] == broken[None]) & better)
    return [int(count) for count in beats.sum(0)]
