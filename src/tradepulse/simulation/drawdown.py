"""How far and how long equity stood below its peak, measured on bar closes.

The initial equity is the first peak: a first bar of -10 % is a drawdown of 10 %, not of none.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from tradepulse.domain.bars import Floats
from tradepulse.signals.jit import kernel


class Drawdown(NamedTuple):
    """The drawdown family of one equity curve. `deepest` is a fraction, at most 0."""

    deepest: float
    longest_bars: int
    bars_under_water: int
    sum_of_squares: float


@kernel
def drawdown(equity: Floats, initial: float) -> Drawdown:
    """The drawdown family of `equity` (bar closes, quote units) after `initial`.

    `longest_bars` runs from the last bar at a peak to the bar that is back at it, both known by
    index; a drawdown not yet recovered counts up to the last bar.
    """
    peak = initial
    deepest = 0.0
    longest = 0
    under = 0
    stretch = 0
    squares = 0.0
    for i in range(len(equity)):
        if equity[i] >= peak:
            peak = equity[i]
            if stretch > 0:
                longest = max(longest, stretch + 1)
                stretch = 0
            continue
        below = equity[i] / peak - 1.0
        deepest = min(deepest, below)
        squares += below * below
        under += 1
        stretch += 1
    return Drawdown(deepest, max(longest, stretch), under, squares)


@kernel
def max_drawdown(equity: Floats, initial: float) -> float:
    """The deepest fall from a peak as a fraction, at most 0."""
    return drawdown(equity, initial).deepest


@kernel
def calmar(growth_a_year: float, deepest: float) -> float:
    """CAGR over the size of the deepest drawdown; NaN where equity never fell."""
    return growth_a_year / abs(deepest) if deepest < 0.0 else math.nan


@kernel
def ulcer_index(sum_of_squares: float, bars: int) -> float:
    """100 × root mean square drawdown over all `bars`, the start not counted; NaN of no bar."""
    return 100.0 * math.sqrt(sum_of_squares / bars) if bars > 0 else math.nan


@kernel
def share(part: float, whole: float) -> float:
    """`part / whole`; NaN of nothing. Time under water and exposure are such shares of bars."""
    return part / whole if whole > 0.0 else math.nan
