"""What the best of many tries shows by luck alone, and how much data it takes to know better.

Sharpe ratios are per observation unless the name says annual. The number of trials is every set
evaluated on the data, by any search, in any session; where trials resemble one another, their
effective number (`effective_rank`).
"""

from __future__ import annotations

import math

from scipy.special import ndtri

from tradepulse.training.significance.sharpe import probabilistic_sharpe, variance_2025

EULER = 0.5772156649015329


def expected_maximum(trials: float) -> float:
    """The expected largest of `trials` independent standard normal values.

    The approximation of Bailey and López de Prado (2014). `trials` may be fractional. One trial
    is no choice: 0. Below two the formula falls to minus infinity, so the straight line from 0 at
    one to its value at two stands in. NaN stays NaN.
    """
    if math.isnan(trials):
        return math.nan
    if trials < 2.0:
        return max(trials - 1.0, 0.0) * _gumbel(2.0)
    return _gumbel(trials)


def deflated_sharpe(
    sharpe: float, count: int, skew: float, kurtosis: float, trials: float, variance: float
) -> float:
    """The chance that the true Sharpe is above what the best of `trials` shows by luck.

    `variance` is that of the trials' Sharpe ratios if none has an edge: 1 / (count - 1). The
    variance measured over the trials would grow with a truly good one and hide it. Bailey and
    López de Prado 2014. NaN as `probabilistic_sharpe`.
    """
    benchmark = math.sqrt(variance) * expected_maximum(trials)
    return probabilistic_sharpe(sharpe, count, skew, kurtosis, benchmark)


def minimum_track_record(
    sharpe: float, skew: float, kurtosis: float, benchmark: float = 0.0, confidence: float = 0.95
) -> float:
    """Observations needed to be `confidence` sure that the true Sharpe is above `benchmark`.

    Infinity for a Sharpe at or below it; NaN where a moment is. Bailey, López de Prado 2012.
    """
    if math.isnan(sharpe + skew + kurtosis + benchmark):
        return math.nan
    if sharpe <= benchmark:
        return math.inf
    shape = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
    return 1.0 + shape * (float(ndtri(confidence)) / (sharpe - benchmark)) ** 2


def minimum_track_record_2025(
    sharpe: float,
    skew: float,
    kurtosis: float,
    benchmark: float = 0.0,
    confidence: float = 0.95,
    rho: float = 0.0,
) -> float:
    """The same number by the 2025 form: the error taken at the benchmark, autocorrelation `rho`."""
    if math.isnan(sharpe + skew + kurtosis + benchmark):
        return math.nan
    if sharpe <= benchmark:
        return math.inf
    variance = variance_2025(skew, kurtosis, benchmark, rho)
    return variance * (float(ndtri(confidence)) / (sharpe - benchmark)) ** 2


def minimum_backtest_years(trials: float, annual_sharpe: float) -> float:
    """Years of data below which the best of `trials` is expected to show `annual_sharpe` by luck.

    Infinity for a Sharpe of 0 or less. Bailey, Borwein, López de Prado, Zhu 2014.
    """
    if not annual_sharpe > 0.0:
        return math.nan if math.isnan(annual_sharpe) else math.inf
    return (expected_maximum(trials) / annual_sharpe) ** 2


def _gumbel(trials: float) -> float:
    return float(
        (1.0 - EULER) * ndtri(1.0 - 1.0 / trials) + EULER * ndtri(1.0 - 1.0 / (trials * math.e))
    )
