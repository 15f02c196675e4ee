"""What a series of period returns says: growth, spread, ratios, tails.

Every function takes simple returns (0.01 = +1 %), one a period, net of all costs, and returns one
float64; NaN means not defined. `periods_per_year` is 365 for days, never 252. Definitions:
docs/METRICS.md, agreed with empyrical and quantstats to 1e-9.
"""

from __future__ import annotations

import math

import numpy as np

from tradepulse.domain.bars import Floats
from tradepulse.signals.jit import kernel

# A spread this small beside the largest return is rounding, not risk: a ratio over it is noise.
_RELATIVE_ZERO = 1e-12


@kernel
def period_returns(equity: Floats, initial: float) -> Floats:
    """Simple returns of `equity` (one point a period, the start not among them) from `initial`.

    After a point at or below zero the return is 0: a bankrupt account earns nothing.
    """
    out = np.empty(len(equity))
    before = initial
    for i in range(len(equity)):
        out[i] = equity[i] / before - 1.0 if before > 0.0 else 0.0
        before = equity[i]
    return out


@kernel
def mean(returns: Floats) -> float:
    """Arithmetic mean; NaN of nothing."""
    total = 0.0
    for i in range(len(returns)):
        total += returns[i]
    return total / len(returns) if len(returns) > 0 else math.nan


@kernel
def spread(returns: Floats) -> float:
    """Standard deviation of a sample (ddof 1); exactly 0 for equal returns, NaN below two."""
    n = len(returns)
    if n < 2:
        return math.nan
    centre = mean(returns)
    squares = 0.0
    largest = 0.0
    for i in range(n):
        gap = returns[i] - centre
        squares += gap * gap
        largest = max(largest, abs(returns[i]))
    value = math.sqrt(squares / (n - 1))
    return value if value > _RELATIVE_ZERO * largest else 0.0


@kernel
def annual_volatility(returns: Floats, periods_per_year: float) -> float:
    """Standard deviation (ddof 1) times the root of periods a year; NaN below two returns."""
    return spread(returns) * math.sqrt(periods_per_year)


@kernel
def sharpe(returns: Floats, periods_per_year: float) -> float:
    """Annualised mean over standard deviation (ddof 1), no risk-free rate; NaN without spread."""
    deviation = spread(returns)
    if not deviation > 0.0:
        return math.nan
    return mean(returns) / deviation * math.sqrt(periods_per_year)


@kernel
def sortino(returns: Floats, periods_per_year: float) -> float:
    """Annualised mean over downside deviation around 0, over **all** periods; NaN without a loss.

    Dividing by the number of losing periods instead would reward a strategy for losing rarely
    but deeply.
    """
    squares = 0.0
    for i in range(len(returns)):
        if returns[i] < 0.0:
            squares += returns[i] * returns[i]
    if squares == 0.0:
        return math.nan
    return mean(returns) / math.sqrt(squares / len(returns)) * math.sqrt(periods_per_year)


@kernel
def cagr(initial: float, final: float, periods: int, periods_per_year: float) -> float:
    """Growth a year over `periods` return periods; -1 when nothing is left, NaN of no period.

    NaN also where a few lucky days, compounded to a year, leave the range of a float.
    """
    if periods < 1 or not initial > 0.0:
        return math.nan
    if final <= 0.0:
        return -1.0
    exponent = periods_per_year / periods * math.log(final / initial)
    return math.nan if exponent > 700.0 else (final / initial) ** (periods_per_year / periods) - 1.0


@kernel
def _settle(values: Floats, low: int, high: int, rank: int) -> None:
    """Order `values[low..high]` just enough that `rank` holds its value and divides the rest.

    Hoare's selection: linear where a sort is not. It is most of the time of a summary.
    """
    while low < high:
        middle = (low + high) >> 1
        a, b, c = values[low], values[middle], values[high]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if rank <= j:
            high = j
        elif rank >= i:
            low = i
        else:
            return


@kernel
def _percentile_in_place(values: Floats, low: int, share: float) -> float:
    """Linear percentile of `values`, reordered; all below `low` are known to be the smallest."""
    last = len(values) - 1
    position = share * last
    rank = int(position)
    _settle(values, low, last, rank)
    value = values[rank]
    if position > rank:
        above = values[rank + 1]
        for i in range(rank + 2, last + 1):
            above = min(above, values[i])
        value += (position - rank) * (above - value)
    return float(value)


@kernel
def percentiles(returns: Floats) -> tuple[float, float]:
    """5th and 95th percentile (linear between ranks, as NumPy's default); NaN of nothing."""
    n = len(returns)
    if n == 0:
        return math.nan, math.nan
    scratch = returns.copy()
    lower = _percentile_in_place(scratch, 0, 0.05)
    return lower, _percentile_in_place(scratch, int(0.05 * (n - 1)), 0.95)


@kernel
def tail_ratio(returns: Floats) -> float:
    """|95th percentile| over |5th percentile|; NaN where the 5th is zero."""
    lower, upper = percentiles(returns)
    return abs(upper) / abs(lower) if lower != 0.0 else math.nan


@kernel
def value_at_risk(returns: Floats) -> float:
    """The historical 5th percentile of returns (a loss is negative); NaN of nothing."""
    return percentiles(returns)[0]


@kernel
def mean_at_or_below(returns: Floats, level: float) -> float:
    """Mean of the returns that are at most `level`; NaN where there is none."""
    total = 0.0
    count = 0
    for i in range(len(returns)):
        if returns[i] <= level:
            total += returns[i]
            count += 1
    return total / count if count > 0 else math.nan


@kernel
def conditional_value_at_risk(returns: Floats) -> float:
    """Mean of the returns at or below the 5th percentile; NaN of nothing."""
    return mean_at_or_below(returns, value_at_risk(returns))
