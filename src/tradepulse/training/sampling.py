"""Random parameter sets from a strategy's own search ranges, the same ones for the same seed."""

from __future__ import annotations

import random

from tradepulse.domain.configuration import canonical_json
from tradepulse.domain.errors import UsageError
from tradepulse.strategies.parameters import Choice, Float, Int, Parameter, Value
from tradepulse.strategies.strategy import Strategy

# Draws for each set before a small space counts as exhausted.
_PATIENCE = 50
# A grid coarser than any broker's step: 0.3712 tells more of a rule than 0.37119824.
_FLOAT_DIGITS = 4


def random_sets(strategy: type[Strategy], count: int, seed: int = 0) -> list[dict[str, Value]]:
    """`count` different sets, fewer where the ranges hold fewer. The first is the defaults.

    Error `bad_value` for a count under one.
    """
    if count < 1:
        raise UsageError(
            "bad_value", "nothing to try", expected="1 trial or more", found=str(count)
        )
    draw = random.Random(seed)  # noqa: S311  (a search, not a secret)
    found = {canonical_json(values): values for values in [strategy().parameters]}
    for _ in range(count * _PATIENCE):
        if len(found) == count:
            break
        values = {name: _drawn(item, draw) for name, item in strategy.declared.items()}
        found.setdefault(canonical_json(values), values)
    return list(found.values())


def _drawn(item: Parameter, draw: random.Random) -> Value:
    match item:
        case Int():
            return draw.randint(int(item.low), int(item.high))
        case Float():
            return round(draw.uniform(item.low, item.high), _FLOAT_DIGITS)
        case Choice():
            return draw.choice(item.options)
    return item.default
