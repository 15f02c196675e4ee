"""One dimension of a search space: named values, whole numbers, or real numbers."""

from __future__ import annotations

import math
import random
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from tradepulse.strategies.parameters import Choice, Int, Parameter, Value

# A grid coarser than any broker's step: 0.3712 tells more of a rule than 0.37119824. It also makes
# a set the same set wherever it is told.
FLOAT_DIGITS = 4


class Axis(ABC):
    """The values that a search may give one parameter."""

    @property
    @abstractmethod
    def size(self) -> float:
        """How many values there are; infinite for real numbers."""

    @abstractmethod
    def draw(self, rng: random.Random) -> Value:
        """One value, each as likely as any other."""

    @abstractmethod
    def nearest(self, value: Value) -> Value | None:
        """`value` as this axis writes it, None if it lies outside."""

    @abstractmethod
    def grid(self, steps: int) -> Iterator[Value]:
        """Every value; `steps` equally spaced ones, ends included, of real numbers."""

    @abstractmethod
    def __str__(self) -> str:
        """The axis in words, for a message."""


@dataclass(frozen=True)
class Listed(Axis):
    """A few values without an order: a choice, or the one value of a fixed parameter."""

    values: tuple[Value, ...]

    @property
    def size(self) -> float:
        return len(self.values)

    def draw(self, rng: random.Random) -> Value:
        return rng.choice(self.values)

    def nearest(self, value: Value) -> Value | None:
        return next((item for item in self.values if _same(item, value)), None)

    def grid(self, steps: int) -> Iterator[Value]:
        del steps
        return iter(self.values)

    def __str__(self) -> str:
        return f"one of {', '.join(map(str, self.values))}"


class Ordered(Axis):
    """An axis of numbers: a sampler walks from `start` to `end` on it."""

    @property
    @abstractmethod
    def ends(self) -> tuple[float, float]:
        """The first and the last position."""

    @abstractmethod
    def position(self, value: Value) -> float:
        """Where a value of the axis lies."""

    @abstractmethod
    def at(self, position: float) -> Value:
        """The value nearest to a position between the ends."""


@dataclass(frozen=True)
class Ladder(Listed, Ordered):
    """The values that `--grid` names of a numeric parameter; a position is a place among them."""

    values: tuple[int | float, ...]

    @property
    def ends(self) -> tuple[float, float]:
        return 0, len(self.values) - 1

    def position(self, value: Value) -> float:
        return bisect_left(sorted(self.values), float(value))

    def at(self, position: float) -> Value:
        return sorted(self.values)[_clipped(round(position), *self.ends)]


@dataclass(frozen=True)
class Whole(Ordered):
    """Whole numbers from `low` to `high`, both included."""

    low: int
    high: int

    @property
    def size(self) -> float:
        return max(0, self.high - self.low + 1)

    @property
    def ends(self) -> tuple[float, float]:
        return self.low, self.high

    def draw(self, rng: random.Random) -> Value:
        return rng.randint(self.low, self.high)

    def nearest(self, value: Value) -> Value | None:
        return int(value) if self.low <= float(value) <= self.high else None

    def grid(self, steps: int) -> Iterator[Value]:
        del steps
        return iter(range(self.low, self.high + 1))

    def position(self, value: Value) -> float:
        return int(value)

    def at(self, position: float) -> Value:
        return _clipped(round(position), self.low, self.high)

    def __str__(self) -> str:
        return f"a whole number from {self.low} to {self.high}"


@dataclass(frozen=True)
class Real(Ordered):
    """Real numbers from `low` to `high`, written with four digits after the point."""

    low: float
    high: float

    @property
    def size(self) -> float:
        if self.low > self.high:
            return 0
        return 1 if self.low == self.high else math.inf

    @property
    def ends(self) -> tuple[float, float]:
        return self.low, self.high

    def draw(self, rng: random.Random) -> Value:
        return self.at(rng.uniform(self.low, self.high))

    def nearest(self, value: Value) -> Value | None:
        number = float(value)
        return self.at(number) if self.low <= number <= self.high else None

    def grid(self, steps: int) -> Iterator[Value]:
        if self.size == 1:
            return iter((self.low,))
        width = (self.high - self.low) / (steps - 1)
        return iter([self.at(self.low + width * step) for step in range(steps)])

    def position(self, value: Value) -> float:
        return float(value)

    def at(self, position: float) -> Value:
        # Ends that have more digits themselves are not rounded over; -0.0 is written 0.0.
        return min(max(round(position, FLOAT_DIGITS), self.low), self.high) + 0.0

    def __str__(self) -> str:
        return f"a number from {self.low:g} to {self.high:g}"


def axis_of(parameter: Parameter) -> Axis:
    """The search range that a parameter declares."""
    match parameter:
        case Choice():
            return Listed(parameter.options)
        case Int():
            return Whole(int(parameter.low), int(parameter.high))
        case _:
            return Real(parameter.low, parameter.high)  # type: ignore[attr-defined]


def _same(one: Value, other: Value) -> bool:
    # 1 == True in Python; on an axis of both they are two values.
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _clipped(place: int, low: float, high: float) -> int:
    return min(max(place, int(low)), int(high))
