"""Parameters of a strategy: one declaration is search range, validation, schema and form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, ClassVar, overload

from tradepulse.domain.errors import UsageError

Value = int | float | bool | str


@dataclass(frozen=True)
class Parameter(ABC):
    """What all parameters share: a name (given by the class body) and a default."""

    default: Value
    json_type: ClassVar[str] = "string"

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    name: ClassVar[str] = ""

    @abstractmethod
    def check(self, value: object) -> Value:
        """The value in this parameter's type. Error `bad_parameter` if it is outside."""

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the value, the search range included."""
        return {"type": self.json_type, "default": self.default}

    def _bad(self, expected: str, found: object) -> UsageError:
        return UsageError(
            "bad_parameter", f"parameter {self.name} cannot be {found!r}",
            expected=expected, found=repr(found),
        )  # fmt: skip


@dataclass(frozen=True)
class _Ranged(Parameter):
    low: float = 0.0
    high: float = 0.0
    # Values outside the search range that still make sense; the range itself if not given.
    allow: tuple[float, float] | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        return self.allow if self.allow is not None else (self.low, self.high)

    def _number(self, value: object) -> float:
        number = _parse(value)
        low, high = self.bounds
        if number is None or not low <= number <= high:
            raise self._bad(f"a number from {low:g} to {high:g}", value)
        return number

    def schema(self) -> dict[str, Any]:
        low, high = self.bounds
        return {
            **super().schema(), "minimum": low, "maximum": high,
            "search": {"low": self.low, "high": self.high},
        }  # fmt: skip


def _parse(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return None
    # Real, not float: a grid made with NumPy holds its numbers.
    return float(value) if isinstance(value, Real) else None


class Int(_Ranged):
    """A whole number searched from `low` to `high`, both included."""

    json_type = "integer"

    def __init__(
        self, low: int, high: int, *, default: int, allow: tuple[int, int] | None = None
    ) -> None:
        super().__init__(default, low, high, allow)

    @overload
    def __get__(self, instance: None, owner: type) -> Int: ...
    @overload
    def __get__(self, instance: object, owner: type) -> int: ...
    def __get__(self, instance: object | None, owner: type) -> Int | int:
        return self if instance is None else int(instance.__dict__["_values"][self.name])

    def check(self, value: object) -> int:
        number = self._number(value)
        if number != int(number):
            raise self._bad("a whole number", value)
        return int(number)


class Float(_Ranged):
    """A number searched from `low` to `high`."""

    json_type = "number"

    def __init__(
        self, low: float, high: float, *, default: float,
        allow: tuple[float, float] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(default, low, high, allow)

    @overload
    def __get__(self, instance: None, owner: type) -> Float: ...
    @overload
    def __get__(self, instance: object, owner: type) -> float: ...
    def __get__(self, instance: object | None, owner: type) -> Float | float:
        return self if instance is None else float(instance.__dict__["_values"][self.name])

    def check(self, value: object) -> float:
        return self._number(value)


class Choice(Parameter):
    """One of a few values of one type, such as `Choice([4, 6, 12], default=4)`."""

    options: tuple[Value, ...]

    def __init__(self, options: Sequence[Value], *, default: Value) -> None:
        super().__init__(default)
        object.__setattr__(self, "options", tuple(options))

    @overload
    def __get__(self, instance: None, owner: type) -> Choice: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Any: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        return self if instance is None else instance.__dict__["_values"][self.name]

    def check(self, value: object) -> Value:
        for option in self.options:
            # 4.0 or "4" from JSON or a command line is the option 4; 1 is not the option True.
            same_kind = isinstance(option, bool) == isinstance(value, bool)
            written = isinstance(value, str) and value.lower() == str(option).lower()
            if written or (same_kind and value == option):
                return option
        raise self._bad(f"one of {', '.join(map(str, self.options))}", value)

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.options), "default": self.default}


class Bool(Choice):
    """True or false."""

    def __init__(self, *, default: bool) -> None:
        super().__init__((True, False), default=default)
