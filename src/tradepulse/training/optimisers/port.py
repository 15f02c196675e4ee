"""What a search is: two methods, `ask(n)` and `tell(results)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from tradepulse.strategies.parameters import Value


class Told(NamedTuple):
    """What a tried set earned.

    `values` has one number an objective, higher is better; NaN means that the trial failed (a set
    that never trades has no Sharpe ratio). `feasible` is False where a constraint was broken.
    """

    parameters: Mapping[str, Value]
    values: tuple[float, ...]
    feasible: bool = True


class Optimiser(Protocol):
    """A search. The same seed and the same results told in the same batches give the same asks."""

    def ask(self, n: int) -> list[dict[str, Value]]:
        """Up to `n` complete parameter sets to try; fewer or none: the space is exhausted."""
        ...

    def tell(self, results: Sequence[Told]) -> None:
        """Takes what tried sets earned, those of the last ask or (on resuming) any others."""
        ...
