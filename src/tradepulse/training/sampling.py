"""Random parameter sets from a strategy's own search ranges, the same ones for the same seed."""

from __future__ import annotations

from tradepulse.domain.errors import UsageError
from tradepulse.strategies.parameters import Value
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.optimisers.random import RandomOptimiser
from tradepulse.training.optimisers.space import SearchSpace


def random_sets(strategy: type[Strategy], count: int, seed: int = 0) -> list[dict[str, Value]]:
    """`count` different sets, fewer where the ranges hold fewer. The first is the defaults.

    Those of a random search with that seed. Error `bad_value` for a count under one.
    """
    if count < 1:
        raise UsageError(
            "bad_value", "nothing to try", expected="1 trial or more", found=str(count)
        )
    return RandomOptimiser(SearchSpace(strategy), seed).ask(count)
