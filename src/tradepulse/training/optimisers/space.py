"""The space a search walks through: the declared ranges, narrowed by what the user named."""

from __future__ import annotations

import difflib
import itertools
import math
import random
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.strategies.parameters import Choice, Parameter, Value
from tradepulse.training.optimisers.axes import Axis, Ladder, Listed, axis_of

if TYPE_CHECKING:  # a child process that only searches need not load the compiler
    from tradepulse.strategies.strategy import Strategy

# A grid over a real-number range without `--grid` takes this many equally spaced values of it.
GRID_STEPS = 5
# Past this a grid would list sets for longer than anybody waits to try them.
LARGEST_GRID = 1_000_000


class SearchSpace:
    """The axes of a search, by parameter name in the order of declaration.

    `fixed` gives parameters one value each, `grid` restricts parameters to named values; both may
    lie outside the search range but not outside what the parameter allows. `parameters` are the
    declarations, `axes` what may be searched, `free` the axes with more than one value.
    Errors: `unknown_parameter`, `bad_parameter`, `bad_grid`, `empty_space`.
    """

    def __init__(
        self,
        strategy: type[Strategy],
        fixed: Mapping[str, object] | None = None,
        grid: Mapping[str, Iterable[object]] | None = None,
    ) -> None:
        self.strategy_name = strategy.name
        self.parameters: dict[str, Parameter] = dict(strategy.declared)
        named = _named(self, fixed or {}, grid or {})
        self.axes: dict[str, Axis] = {
            name: named.get(name) or axis_of(item) for name, item in self.parameters.items()
        }
        empty = [name for name, axis in self.axes.items() if axis.size == 0]
        if empty:
            raise UsageError(
                "empty_space", f"parameter {empty[0]} has no value to search",
                expected="one value or more of each parameter", found="none",
            )  # fmt: skip

    @property
    def free(self) -> dict[str, Axis]:
        return {name: axis for name, axis in self.axes.items() if axis.size > 1}

    @property
    def size(self) -> float:
        """How many different sets there are; infinite with a real-number range among them."""
        return math.prod(axis.size for axis in self.axes.values())

    @property
    def defaults(self) -> dict[str, Value] | None:
        """The strategy's defaults with the fixed values; None if they lie outside the space."""
        found: dict[str, Value] = {}
        for name, axis in self.axes.items():
            start = next(axis.grid(2)) if axis.size == 1 else self.parameters[name].default
            value = axis.nearest(start)
            if value is None:
                return None
            found[name] = value
        return found

    def draw(self, rng: random.Random) -> dict[str, Value]:
        """A random set."""
        return {name: axis.draw(rng) for name, axis in self.axes.items()}

    def complete(self, free: Mapping[str, Value]) -> dict[str, Value]:
        """A set from the values of the free axes alone."""
        return {
            name: free[name] if name in free else next(axis.grid(2))
            for name, axis in self.axes.items()
        }

    def check(self, values: Mapping[str, object]) -> dict[str, Value]:
        """`values` as a complete set in the order of declaration, real numbers rounded.

        A parameter with a single value may be left out. Errors `unknown_parameter`,
        `bad_parameter`: missing, of another type, or outside the space.
        """
        for name in values:
            self.parameter(name)
        return {name: self._inside(name, axis, values) for name, axis in self.axes.items()}

    def parameter(self, name: str) -> Parameter:
        """The declaration of that name. Error `unknown_parameter`, naming a close one."""
        if name in self.parameters:
            return self.parameters[name]
        known = list(self.parameters)
        close = difflib.get_close_matches(str(name), known, 1)
        raise UsageError(
            "unknown_parameter", f"strategy {self.strategy_name} has no parameter {name!r}",
            expected=", ".join(known) or "no parameters", found=str(name),
            hint=f"Did you mean {close[0]}?" if close else None,
        )  # fmt: skip

    def _inside(self, name: str, axis: Axis, values: Mapping[str, object]) -> Value:
        if name not in values and axis.size == 1:
            return next(axis.grid(2))
        if name not in values:
            raise UsageError("bad_parameter", f"parameter {name} is missing",
                             expected=str(axis), found="no value")  # fmt: skip
        found = axis.nearest(self.parameters[name].check(values[name]))
        if found is None:
            raise UsageError("bad_parameter", f"parameter {name} is outside the search space",
                             expected=str(axis), found=repr(values[name]))  # fmt: skip
        return found

    @property
    def grid_size(self) -> int:
        """How many sets a grid search tries: real-number ranges count `GRID_STEPS` values."""
        return math.prod(self._widths().values())

    def _widths(self) -> dict[str, int]:
        # A whole-number range is counted by its ends: listing a wide one costs memory.
        return {
            name: len(_steps(axis)) if math.isinf(axis.size) else int(axis.size)
            for name, axis in self.axes.items()
        }

    def grid(self, limit: int | None = None) -> Iterator[dict[str, Value]]:
        """Every combination, the last name running fastest; `GRID_STEPS` values of a real range.

        Error `space_too_large` past `limit` or `LARGEST_GRID` combinations.
        """
        widths = self._widths()
        count, most = math.prod(widths.values()), min(limit or LARGEST_GRID, LARGEST_GRID)
        if count > most:
            widest = max(widths, key=lambda name: widths[name])
            raise RefusedError(
                "space_too_large", f"a grid over {self.strategy_name} is too large to enumerate",
                expected=f"{most:,} combinations at most",
                found=f"{count:,} ({' x '.join(str(n) for n in widths.values() if n > 1)})",
                hint=f"Name fewer values, such as --grid {widest}=a,b,c, allow more trials, or"
                " search with random or tpe.",
            )  # fmt: skip
        values = [_steps(axis) for axis in self.axes.values()]
        return (dict(zip(self.axes, found, strict=True)) for found in itertools.product(*values))


def _steps(axis: Axis) -> list[Value]:
    return list(dict.fromkeys(axis.grid(GRID_STEPS)))


def _named(
    space: SearchSpace, fixed: Mapping[str, object], grid: Mapping[str, Iterable[object]]
) -> dict[str, Axis]:
    if both := sorted(set(fixed) & set(grid)):
        raise UsageError("bad_grid", f"parameter {both[0]} is both fixed and searched",
                         expected="a value or a grid", found="both")  # fmt: skip
    named: dict[str, Axis] = {
        name: Listed((space.parameter(name).check(value),)) for name, value in fixed.items()
    }
    for name, values in grid.items():
        item = space.parameter(name)
        several = isinstance(values, Iterable) and not isinstance(values, str)
        listed = dict.fromkeys(item.check(value) for value in (values if several else [values]))
        named[name] = (
            Listed(tuple(listed))
            if isinstance(item, Choice)
            else Ladder(tuple(value for value in listed if not isinstance(value, str)))
        )
    return named
