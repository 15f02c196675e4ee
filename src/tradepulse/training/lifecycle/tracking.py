"""Is what trades now what was tested? A posterior, a band, two-sample and sequential tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# What is left of a backtest's expectation in practice, before anything was seen live: a half.
# (Suhonen, Lennkh and Perez 2017 measured less, a quarter, for 215 strategies of banks.)
SHRINKAGE = 0.5


class Posterior(NamedTuple):
    """The mean a trade after seeing some, and the chance that it is above nothing."""

    mean: float
    deviation: float
    above_zero: float


def posterior(
    backtest_mean: float, deviation: float, values: Sequence[float] | Floats
) -> Posterior:
    """The expectation of a trade after `values`, given what the backtest promised.

    Prior N(m/2, (m/2)^2) with m = `backtest_mean`; trades normal with the backtest's `deviation`,
    taken as known. Conjugate, so in closed form.
    """
    from scipy.special import ndtr

    prior_mean = SHRINKAGE * backtest_mean
    spread = abs(prior_mean)
    count = len(values)
    if count == 0 or not deviation > 0.0 or spread == 0.0:
        chance = 0.5 if spread == 0.0 else float(ndtr(prior_mean / spread))
        return Posterior(prior_mean, spread, chance)
    precision = 1.0 / spread**2 + count / deviation**2
    total = prior_mean / spread**2 + float(np.sum(values)) / deviation**2
    mean, width = total / precision, math.sqrt(1.0 / precision)
    return Posterior(mean, width, float(ndtr(mean / width)))


def two_sample(
    first: Sequence[float] | Floats, second: Sequence[float] | Floats
) -> tuple[float, float]:
    """(D, p) of the two-sided Kolmogorov-Smirnov test; (NaN, NaN) where a sample is empty."""
    if len(first) == 0 or len(second) == 0:
        return math.nan, math.nan
    from scipy.stats import ks_2samp

    found = ks_2samp(np.asarray(first), np.asarray(second))
    return float(found.statistic), float(found.pvalue)


def sprt_bounds(alpha: float, beta: float) -> tuple[float, float]:
    """(lower, upper) log likelihood ratio at which Wald's sequential test ends.

    At the upper one the alternative is accepted: wrongly with chance `alpha` at most, about; at the
    lower one the null, wrongly with chance `beta`.
    """
    return math.log(beta / (1.0 - alpha)), math.log((1.0 - beta) / alpha)


def mean_log_ratio(
    values: Sequence[float] | Floats, null: float, alternative: float, deviation: float
) -> float:
    """Log likelihood ratio of two means for normal `values` of a known deviation."""
    gap = alternative - null
    centre = (alternative + null) / 2.0
    return float(np.sum(np.asarray(values) - centre)) * gap / deviation**2


def predictive_band(
    returns: Floats, days: int, *, paths: int = 5000, block: float, seed: int = 0,
    level: float = 0.90,
) -> tuple[float, float]:  # fmt: skip
    """(low, high): the total log growth over `days` of that share of resampled backtests.

    Stationary bootstrap (Politis and Romano 1994) of the backtest's daily `returns`; so it holds
    what the weather of so few days does to a strategy that is exactly what it was.
    """
    from tradepulse.training.significance.resampling import slices

    growth = np.log1p(np.maximum(returns, -0.999999))
    totals = np.empty(paths)
    rng = np.random.default_rng(seed)
    for first, rows in slices(len(growth), block, paths, rng, days):
        totals[first : first + len(rows)] = growth[rows].sum(axis=1)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(totals, (tail, 1.0 - tail))
    return float(low), float(high)
