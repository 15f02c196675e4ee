"""Random search: the baseline that every cleverer search has to beat."""

from __future__ import annotations

from collections.abc import Sequence

from tradepulse.strategies.parameters import Value
from tradepulse.training.optimisers.distinct import Unseen
from tradepulse.training.optimisers.port import Told
from tradepulse.training.optimisers.space import SearchSpace


class RandomOptimiser:
    """The defaults first, where the space holds them, then different uniform draws; of a small
    space each set once. Source: Bergstra & Bengio 2012.
    """

    name = "random"

    def __init__(self, space: SearchSpace, seed: int = 0) -> None:
        self._unseen = Unseen(space, seed)
        self._first = space.defaults

    def ask(self, n: int) -> list[dict[str, Value]]:
        batch: list[dict[str, Value]] = []
        while len(batch) < n:
            values = self._next()
            if values is None:
                break
            batch.append(values)
        return batch

    def tell(self, results: Sequence[Told]) -> None:
        """Marks the sets as seen, so that a set from elsewhere is not tried again."""
        for told in results:
            self._unseen.claim(told.parameters)

    def _next(self) -> dict[str, Value] | None:
        first, self._first = self._first, None
        if first is not None and self._unseen.claim(first):
            return first
        return self._unseen.draw()
