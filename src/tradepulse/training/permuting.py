"""The permutation test of a whole search: how often does it find as much on a shuffled market?

An adaptive search would find less on noise than on a market that rewards it for looking, so both
arms try the same sets, drawn without feedback. Drift and bar shapes are in both arms too, so a
rising market does not pass for skill (quant.md, tenth finding).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tradepulse.domain.errors import RefusedError
from tradepulse.simulation.metrics import METRICS
from tradepulse.training.evaluation import Span, TrialExecutor, best_metric
from tradepulse.training.optimisers import SearchSpace, make_optimiser
from tradepulse.training.segments import Tried
from tradepulse.training.spec import TrainSpec

# Every shuffled market is searched with this many sets at most.
MOST_SETS = 1000
# Shuffled markets between two looks at whether the run is to stop.
_AT_ONCE = 64


class Permuted(NamedTuple):
    """The best of the search on the real bars, and on each shuffled market (none: not run)."""

    observed: float
    best: tuple[float, ...]


def permutation_test(
    spec: TrainSpec, space: SearchSpace, tried: Sequence[Tried], executor: TrialExecutor,
    span: Span, advance: Callable[[str], None],
) -> Permuted:  # fmt: skip
    """Runs `spec.permutations` shuffled markets; none where bars cannot be shuffled, because an
    external column that the strategy reads belongs to the bars as they were. Constraints are left
    out in both arms."""
    sets = drawn_sets(spec, space) if spec.is_adaptive else _spread(tried)
    metric = spec.objectives[0] if spec.objectives[0] in METRICS else "sharpe"
    observed = best_metric(executor.evaluate(sets, span).metrics, metric)
    seeds = [seed_of(spec.seed, f"permutation-{k}") for k in range(spec.permutations)]
    found: list[float] = []
    for first in range(0, len(seeds), _AT_ONCE):
        advance(f"{first} of {len(seeds)} shuffled markets")
        try:
            found += executor.permuted_best(sets, span, seeds[first : first + _AT_ONCE], metric)
        except RefusedError as error:
            if error.code != "extra_columns":
                raise
            return Permuted(observed, ())
    return Permuted(observed, tuple(found))


def seed_of(seed: int, name: str) -> int:
    """A seed of its own for each part of a run, so that none repeats another's draws."""
    digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


def drawn_sets(spec: TrainSpec, space: SearchSpace) -> list[Mapping[str, Any]]:
    """As many sets as the search had, `MOST_SETS` at most, drawn without feedback."""
    count = min(spec.budget, MOST_SETS)
    drawn = make_optimiser("random", space, seed=spec.seed, trials=count, objectives=1, folder=None)
    return list(drawn.ask(count))


def _spread(tried: Sequence[Tried]) -> list[Mapping[str, Any]]:
    """The sets tried; of more than `MOST_SETS` an even sample, so that no end of a grid is left
    out."""
    rows = np.unique(np.linspace(0, len(tried) - 1, min(len(tried), MOST_SETS)).round())
    return [tried[int(row)].parameters for row in rows]
