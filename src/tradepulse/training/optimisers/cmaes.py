"""CMA-ES: a normal distribution that moves and stretches towards better sets."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tradepulse.strategies.parameters import Value
from tradepulse.training.optimisers.axes import Ordered
from tradepulse.training.optimisers.persistent import PersistentStudy
from tradepulse.training.optimisers.port import Optimiser, Told
from tradepulse.training.optimisers.random import RandomOptimiser
from tradepulse.training.optimisers.space import SearchSpace

# A generation larger than this many usual ones would leave too few of them in a search.
_LARGEST = 4


class CmaesOptimiser:
    """Covariance matrix adaptation over the numeric parameters, for one objective.

    Choices and truth values have no order, so they are drawn at random beside it. With fewer than
    two numeric ranges there is no covariance to adapt: then it is the random search, and `search`
    says so. It knows ranks only: infeasible sets are told as worse than any feasible one, failed
    sets as worse still. Source: Hansen & Ostermeier 2001; Optuna and cmaes.
    """

    name = "cmaes"

    def __init__(self, space: SearchSpace, seed: int = 0) -> None:
        self._space, self._seed = space, seed
        self._numeric = sum(isinstance(axis, Ordered) for axis in space.free.values())
        self.search = "cmaes" if self._numeric > 1 else "random"
        self._inner: Optimiser | None = None

    def ask(self, n: int) -> list[dict[str, Value]]:
        if self._inner is None:
            self._inner = self._made(n)
        return self._inner.ask(n)

    def tell(self, results: Sequence[Told]) -> None:
        if self._inner is None:
            self._inner = self._made(len(results))
        self._inner.tell(results)

    def _made(self, batch: int) -> Optimiser:
        """The search with a generation as large as a batch: of a batch larger than a generation
        the surplus would teach it nothing."""
        if self.search == "random":
            return RandomOptimiser(self._space, self._seed)
        from optuna.samplers import CmaEsSampler

        usual = 4 + math.floor(3 * math.log(self._numeric))
        sampler = CmaEsSampler(
            seed=self._seed % 2**32,
            popsize=min(max(usual, batch), _LARGEST * usual),
            warn_independent_sampling=False,
        )
        return PersistentStudy(self._space, sampler, self._seed)
