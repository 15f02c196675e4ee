"""Spaces to search, and a search driven by a plain function."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from tradepulse.signals.declaration import Signals
from tradepulse.signals.market import Bars
from tradepulse.strategies.parameters import Bool, Choice, Float, Int
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.optimisers import Optimiser, SearchSpace, Told

Score = Callable[[Mapping[str, Any]], tuple[float, ...]]


class Mixed(Strategy):
    """Every kind of parameter."""

    bars = Int(3, 90, default=20, allow=(1, 1000))
    factor = Float(0.5, 2.0, default=1.0)
    depth = Float(-1.0, 1.0, default=0.0)
    ratio = Choice([4, 6, 12], default=4)
    kind = Choice(["sma", "ema"], default="sma")
    strict = Bool(default=False)

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.close > self.factor)


class Small(Strategy):
    """Six sets in all."""

    bars = Int(1, 3, default=2)
    strict = Bool(default=False)


class Whole(Strategy):
    """Fifteen sets, all of numbers."""

    bars = Int(1, 3, default=2)
    slow = Int(4, 8, default=5)


class Plain(Strategy):
    """Nothing to search."""


class Line(Strategy):
    """One dimension."""

    factor = Float(0.0, 1.0, default=0.5)


class BraninPlane(Strategy):
    """The domain of Branin's function."""

    x = Float(-5.0, 10.0, default=0.0)
    y = Float(0.0, 15.0, default=0.0)


class RosenbrockValley(Strategy):
    """Five dimensions, the optimum at ones; the defaults lie in a corner."""

    a = Float(-2.0, 2.0, default=-2.0)
    b = Float(-2.0, 2.0, default=-2.0)
    c = Float(-2.0, 2.0, default=-2.0)
    d = Float(-2.0, 2.0, default=-2.0)
    e = Float(-2.0, 2.0, default=-2.0)


class UnitCube(Strategy):
    """The domain of ZDT1 in six dimensions."""

    a = Float(0.0, 1.0, default=1.0)
    b = Float(0.0, 1.0, default=1.0)
    c = Float(0.0, 1.0, default=1.0)
    d = Float(0.0, 1.0, default=1.0)
    e = Float(0.0, 1.0, default=1.0)
    f = Float(0.0, 1.0, default=1.0)


def branin(p: Mapping[str, Any]) -> tuple[float, ...]:
    """Minus Branin's function: its maximum is -0.397887."""
    x, y = p["x"], p["y"]
    bend = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return (-(bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10),)


def rosenbrock(p: Mapping[str, Any]) -> tuple[float, ...]:
    """Minus Rosenbrock's function: its maximum is 0."""
    v = list(p.values())
    return (-sum(100 * (v[i + 1] - v[i] ** 2) ** 2 + (1 - v[i]) ** 2 for i in range(len(v) - 1)),)


def zdt1(p: Mapping[str, Any]) -> tuple[float, ...]:
    """Minus the two functions of ZDT1."""
    first, *rest = p.values()
    g = 1 + 9 * sum(rest) / len(rest)
    return -first, -g * (1 - math.sqrt(first / g))


def searched(optimiser: Optimiser, score: Score, trials: int, batch: int) -> list[Told]:
    """Everything that was tried, in order."""
    tried: list[Told] = []
    while len(tried) < trials:
        sets = optimiser.ask(min(batch, trials - len(tried)))
        if not sets:
            break
        results = [Told(values, score(values)) for values in sets]
        optimiser.tell(results)
        tried += results
    return tried


def space(strategy: type[Strategy], **named: Any) -> SearchSpace:
    return SearchSpace(strategy, **named)
