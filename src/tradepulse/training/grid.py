"""The parameter sets of a search: a grid of values, or a list of sets."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tradepulse.domain.errors import UsageError
from tradepulse.strategies.strategy import Strategy

Grid = Mapping[str, Iterable[Any]] | Sequence[Mapping[str, Any]]


def expand(strategy: type[Strategy], grid: Grid) -> list[dict[str, Any]]:
    """Every combination of the grid, checked and complete; the last name runs fastest.

    Errors `unknown_parameter`, `bad_parameter`, `empty_grid`, `bad_grid`.
    """
    if isinstance(grid, Mapping):
        names = list(grid)
        axes = [_axis(name, values) for name, values in grid.items()]
        wanted: Iterable[Mapping[str, Any]] = (
            dict(zip(names, values, strict=True)) for values in itertools.product(*axes)
        )
    else:
        wanted = list(grid) if isinstance(grid, Iterable) else [grid]
        strange = [item for item in wanted if not isinstance(item, Mapping)]
        if strange:
            raise UsageError("bad_grid", "this is not a grid",
                             expected="name to values, or a list of parameter mappings",
                             found=type(strange[0]).__name__)  # fmt: skip
    sets = [strategy(values).parameters for values in wanted]
    if not sets:
        raise UsageError("empty_grid", "there is nothing to search",
                         expected="at least one parameter set", found="none")  # fmt: skip
    return sets


def _axis(name: str, values: Iterable[Any]) -> list[Any]:
    several = isinstance(values, Iterable) and not isinstance(values, str)
    found = list(values) if several else [values]
    if not found:
        raise UsageError("empty_grid", f"grid parameter {name!r} has no values",
                         expected="one value or more", found="none")  # fmt: skip
    return found
