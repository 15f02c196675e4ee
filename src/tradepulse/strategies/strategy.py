"""`Strategy`: parameters and one method that says, as expressions, when to be in the market."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

from tradepulse.domain.errors import NotFoundError, TradePulseError, UsageError
from tradepulse.signals.declaration import Signals
from tradepulse.signals.graph import Graph
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Parameter, Value


class Strategy:
    """Declare parameters in the class body, return `Signals` from `signals(bar)`.

    The class's docstring is shown to users. `name` is the snake_case of the class name unless set.
    """

    name: ClassVar[str] = ""
    declared: ClassVar[Mapping[str, Parameter]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
        found: dict[str, Parameter] = {}
        for parent in reversed(cls.__mro__):
            found.update({k: v for k, v in vars(parent).items() if isinstance(v, Parameter)})
        cls.declared = found

    def __init__(self, parameters: Mapping[str, object] | None = None, **named: object) -> None:
        given = {**(parameters or {}), **named}
        for key in given:
            if key not in self.declared:
                raise _unknown(self.name, key, list(self.declared))
        self._values = {
            key: item.check(given[key]) if key in given else item.default
            for key, item in self.declared.items()
        }

    @property
    def parameters(self) -> dict[str, Value]:
        """All parameters with their values, defaults included, in the order of declaration."""
        return dict(self._values)

    def signals(self, bar: Bars) -> Signals:  # noqa: ARG002  (for those who override it)
        """What to do on each bar. Override this."""
        raise UsageError(
            "no_signals", f"strategy {self.name} has no signals method",
            expected="def signals(self, bar: Bars) -> Signals", found=type(self).__name__,
        )  # fmt: skip

    @cached_property
    def graph(self) -> Graph:
        """The signal graph of these parameter values. Error `broken_strategy` names the line."""
        try:
            made = self.signals(Bars())
        except TradePulseError:
            raise
        except Exception as error:  # whatever a user's method raises is reported as theirs
            raise _broken(type(self), error) from error
        if not isinstance(made, Signals):
            raise UsageError(
                "no_signals", f"strategy {self.name} returned no signals",
                expected="Signals", found=type(made).__name__,
            )  # fmt: skip
        return made.graph()

    @classmethod
    def description(cls) -> str:
        return inspect.cleandoc(cls.__doc__ or "").strip()

    @classmethod
    def schema(cls) -> dict[str, Any]:
        """JSON Schema of the parameters, in the order of declaration."""
        return {
            "type": "object",
            "properties": {key: item.schema() for key, item in cls.declared.items()},
            "additionalProperties": False,
        }


def _broken(strategy: type[Strategy], error: Exception) -> NotFoundError:
    file, line, trace = strategy.signals.__code__.co_filename, None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return NotFoundError(
        "broken_strategy", f"strategy {strategy.name} cannot say its signals ({file}, line {line})",
        expected="signals(bar) that returns Signals", found=f"{type(error).__name__}: {error}",
    )  # fmt: skip


def _unknown(strategy: str, key: str, known: list[str]) -> UsageError:
    close = difflib.get_close_matches(key, known, 1)
    return UsageError(
        "unknown_parameter", f"strategy {strategy} has no parameter {key!r}",
        expected=", ".join(known) or "no parameters", found=key,
        hint=f"Did you mean {close[0]}?" if close else None,
    )  # fmt: skip
