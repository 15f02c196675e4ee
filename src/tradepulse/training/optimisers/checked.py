"""Stands between a user's own optimiser and the search: what it asks for is checked first."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tradepulse.domain.errors import TradePulseError, UsageError
from tradepulse.strategies.parameters import Value
from tradepulse.training.optimisers.port import Told
from tradepulse.training.optimisers.space import SearchSpace


class CheckedOptimiser:
    """A user's class made with `(space, seed)`; every set it asks for lies inside the space.

    Error `bad_optimiser` names the file and what was found: an `ask` that returns no list of
    mappings, more sets than asked for, a set outside the space, or an exception of its own.
    """

    def __init__(self, made: type[Any], space: SearchSpace, seed: int, source: str) -> None:
        self.name = str(made.name)
        self._space, self._source = space, source
        self._inner = self._own("__init__", lambda: made(space, seed))

    def ask(self, n: int) -> list[dict[str, Value]]:
        found = self._own("ask", lambda: self._inner.ask(n))
        if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
            raise self._bad("a list of mappings from ask", _shape(found))
        if len(found) > n:
            raise self._bad(f"{n} sets at most from ask({n})", f"{len(found)} sets")
        return [self._inside(item) for item in found]

    def tell(self, results: Sequence[Told]) -> None:
        self._own("tell", lambda: self._inner.tell(results))

    def _inside(self, values: Mapping[str, object]) -> dict[str, Value]:
        try:
            return self._space.check(values)
        except TradePulseError as error:
            raise self._bad(
                f"sets inside the space ({error.expected})", f"{error.message}: {error.found}"
            ) from error

    def _own(self, method: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:  # whatever a user's file raises is reported as theirs
            frames = traceback.extract_tb(error.__traceback__)
            lines = [f.lineno for f in frames if Path(f.filename) == Path(self._source)]
            place = f", line {lines[-1]}" if lines else ""
            raise self._bad(
                f"{method} without an exception", f"{type(error).__name__}: {error}{place}"
            ) from error

    def _bad(self, expected: str, found: str) -> UsageError:
        return UsageError(
            "bad_optimiser", f"optimiser {self.name} ({self._source}) breaks the contract",
            expected=expected, found=found,
        )  # fmt: skip


def _shape(found: object) -> str:
    if isinstance(found, list):
        strange = next(item for item in found if not isinstance(item, Mapping))
        return f"a list with {type(strange).__name__}"
    return type(found).__name__
