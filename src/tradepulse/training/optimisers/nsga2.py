"""NSGA-II: a population of parameter sets that breeds towards the Pareto front."""

from __future__ import annotations

from collections.abc import Sequence

from tradepulse.strategies.parameters import Value
from tradepulse.training.optimisers.persistent import PersistentStudy
from tradepulse.training.optimisers.port import Told
from tradepulse.training.optimisers.space import SearchSpace

_LEAST, _MOST = 10, 50


class Nsga2Optimiser:
    """The non-dominated sorting genetic algorithm, for any number of objectives.

    Infeasible sets are told as such: any feasible set dominates them, and they dominate failed
    ones. The population is a fortieth of `trials`, from 10 to 50: with Optuna's 50 a budget of 200
    trials would see four generations, and 800 reach less of ZDT1's front.
    Source: Deb et al. 2002; Optuna.
    """

    name = "nsga2"

    def __init__(
        self, space: SearchSpace, seed: int = 0, *, trials: int | None = None, objectives: int = 2
    ) -> None:
        from optuna.samplers import NSGAIISampler

        population = _MOST if trials is None else min(max(trials // 40, _LEAST), _MOST)
        sampler = NSGAIISampler(seed=seed % 2**32, population_size=population)
        self._study = PersistentStudy(
            space, sampler, seed, objectives=objectives, constrained=True
        )  # fmt: skip

    def ask(self, n: int) -> list[dict[str, Value]]:
        return self._study.ask(n)

    def tell(self, results: Sequence[Told]) -> None:
        self._study.tell(results)
