"""Batches of different sets: what was asked or told before is not asked again."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from tradepulse.domain.configuration import canonical_json
from tradepulse.strategies.parameters import Value
from tradepulse.training.optimisers.space import SearchSpace

# Proposals in a row that may be known sets before a random unseen one takes their place.
PATIENCE = 5
# Random draws before a space counts as exhausted, or (if it can be listed) is listed.
_DRAWS = 50
# A space of this many sets is listed to find its last unseen ones; a larger one is never emptied.
_LISTABLE = 20_000

Proposal = Callable[[], dict[str, Value]]


class Unseen:
    """Which sets of a space were not asked or told yet."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        self._space = space
        self._rng = random.Random(seed)  # noqa: S311  (a search, not a secret)
        self._seen: set[str] = set()

    def claim(self, values: Mapping[str, Value]) -> bool:
        """True if the set is new; from now on it is not."""
        key = canonical_json(dict(values))
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    def draw(self) -> dict[str, Value] | None:
        """A random set nobody saw, None if there is none left."""
        if len(self._seen) < self._space.size:
            for _ in range(_DRAWS):
                values = self._space.draw(self._rng)
                if self.claim(values):
                    return values
            if self._space.size <= _LISTABLE:
                return self._last()
        return None

    def _last(self) -> dict[str, Value] | None:
        left = [v for v in self._space.grid() if canonical_json(v) not in self._seen]
        if not left:
            return None
        values = self._rng.choice(left)
        self.claim(values)
        return values


def distinct(n: int, propose: Proposal, unseen: Unseen) -> list[dict[str, Value]]:
    """Up to `n` new sets: proposals, and a random unseen set for each run of known ones.

    Without this an adaptive search that has converged would try one set a thousand times; with it
    the trials left explore. Fewer sets than `n` mean that the space is exhausted.
    """
    batch: list[dict[str, Value]] = []
    while len(batch) < n:
        values = _new(propose, unseen)
        if values is None:
            values = unseen.draw()
        if values is None:
            break
        batch.append(values)
    return batch


def _new(propose: Proposal, unseen: Unseen) -> dict[str, Value] | None:
    for _ in range(PATIENCE):
        values = propose()
        if unseen.claim(values):
            return values
    return None
