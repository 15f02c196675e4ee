"""Grid search: every combination, once, in order."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from tradepulse.strategies.parameters import Value
from tradepulse.training.optimisers.port import Told
from tradepulse.training.optimisers.space import SearchSpace


class GridOptimiser:
    """Enumerates the space, the last parameter running fastest; what it is told changes nothing.

    Of a real-number range not named by `--grid` it takes `space.GRID_STEPS` equally spaced values.
    Error `space_too_large` past `trials` or a million combinations.
    """

    name = "grid"

    def __init__(self, space: SearchSpace, trials: int | None = None) -> None:
        self._left = space.grid(trials)

    def ask(self, n: int) -> list[dict[str, Value]]:
        return list(itertools.islice(self._left, n))

    def tell(self, results: Sequence[Told]) -> None:
        """Nothing: the order was fixed at the start."""
