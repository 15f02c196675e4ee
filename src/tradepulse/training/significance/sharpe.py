"""How sure a Sharpe ratio is: its moments, its error, and the chance that it is above a benchmark.

Every Sharpe here is per observation (a day), never annualised; skew and kurtosis are population
moments, kurtosis not in excess (3 for a normal series). An annualised Sharpe or an excess kurtosis
in these formulas is the commonest error in the field, and makes luck look like skill.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from tradepulse.training.significance.columns import Floats, as_columns, as_series, deviations
from tradepulse.training.significance.resampling import slices


@dataclass(frozen=True)
class Moments:
    """What a return series is made of. Sharpe, skew and kurtosis are NaN without spread."""

    count: int
    mean: float
    deviation: float
    sharpe: float
    skew: float
    kurtosis: float


def moments(returns: npt.ArrayLike) -> Moments:
    """The moments of a return series: deviation with ddof 1, skew and kurtosis of the population.

    Errors `bad_shape`, `bad_returns`. Mean is NaN of nothing.
    """
    series = as_series(returns)
    count = len(series)
    if count == 0:
        return Moments(0, math.nan, math.nan, math.nan, math.nan, math.nan)
    mean = float(series.mean())
    deviation = float(deviations(series[:, None])[0]) if count > 1 else math.nan
    if not deviation > 0.0:
        return Moments(count, mean, deviation, math.nan, math.nan, math.nan)
    gaps = series - mean
    variance = float((gaps**2).mean())
    skew = float((gaps**3).mean()) / variance**1.5
    kurtosis = float((gaps**4).mean()) / variance**2
    return Moments(count, mean, deviation, mean / deviation, skew, kurtosis)


def sharpe_of_columns(columns: npt.ArrayLike) -> Floats:
    """The per-day Sharpe of each column: mean over deviation (ddof 1); NaN without spread."""
    matrix = as_columns(columns)
    spread = deviations(matrix)
    moving = spread > 0.0
    found = np.full(matrix.shape[1], np.nan)
    found[moving] = matrix[:, moving].mean(axis=0) / spread[moving]
    return found


def probabilistic_sharpe(
    sharpe: float, count: int, skew: float, kurtosis: float, benchmark: float = 0.0
) -> float:
    """The chance that the true Sharpe is above `benchmark` (Bailey, López de Prado 2012).

    The number that is compared with thresholds. NaN where the moments are NaN or impossible.
    """
    variance = _shape(sharpe, skew, kurtosis)
    if not variance > 0.0 or count < 2:
        return math.nan
    return float(ndtr((sharpe - benchmark) * math.sqrt((count - 1) / variance)))


def probabilistic_sharpe_2025(
    sharpe: float,
    count: int,
    skew: float,
    kurtosis: float,
    benchmark: float = 0.0,
    rho: float = 0.0,
) -> float:
    """The same chance with the error taken at the benchmark and first-order autocorrelation `rho`
    (López de Prado, Lipton, Zoonekynd 2025). Shown beside the 2012 form, which decides.

    NaN where the variance is not positive or |rho| >= 1.
    """
    variance = variance_2025(skew, kurtosis, benchmark, rho)
    if not variance > 0.0 or count < 1:
        return math.nan
    return float(ndtr((sharpe - benchmark) * math.sqrt(count / variance)))


def variance_2025(skew: float, kurtosis: float, benchmark: float, rho: float = 0.0) -> float:
    """Variance of sqrt(count) × Sharpe at `benchmark`, of the 2025 form; NaN for |rho| >= 1."""
    if not abs(rho) < 1.0:
        return math.nan
    first, second = rho / (1.0 - rho), rho * rho / (1.0 - rho * rho)
    return (
        1.0 + 2.0 * first
        - (1.0 + first + second) * skew * benchmark
        + (1.0 + 2.0 * second) * (kurtosis - 1.0) / 4.0 * benchmark * benchmark
    )  # fmt: skip


def sharpe_error_iid(sharpe: float, count: int) -> float:
    """Standard error of a Sharpe of independent normal returns (Lo 2002); NaN of nothing."""
    return math.sqrt((1.0 + sharpe * sharpe / 2.0) / count) if count > 0 else math.nan


def sharpe_error(sharpe: float, count: int, skew: float, kurtosis: float) -> float:
    """Standard error of a Sharpe under any skew and kurtosis (Mertens 2002, Opdyke 2006).

    NaN where the moments are NaN or impossible.
    """
    variance = _shape(sharpe, skew, kurtosis)
    return math.sqrt(variance / count) if variance > 0.0 and count > 0 else math.nan


def sharpe_interval(returns: npt.ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """The two-sided interval of the Sharpe by its standard error; NaN without spread."""
    found = moments(returns)
    error = sharpe_error(found.sharpe, found.count, found.skew, found.kurtosis)
    reach = float(ndtri(0.5 + level / 2.0)) * error
    return found.sharpe - reach, found.sharpe + reach


def bootstrap_sharpe_interval(
    returns: npt.ArrayLike,
    block: float,
    replications: int,
    seed: int,
    level: float = 0.95,
) -> tuple[float, float]:
    """The percentile interval of the Sharpe under the stationary bootstrap; NaN without spread.

    `block` is the mean block length in days. A resample without spread is left out.
    """
    series = as_series(returns)
    if not moments(series).deviation > 0.0:
        return math.nan, math.nan
    rng = np.random.default_rng(seed)
    drawn = np.empty(replications)
    for first, rows in slices(len(series), block, replications, rng):
        picked = series[rows]
        spread = deviations(picked.T)
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn[first : first + len(rows)] = np.where(
                spread > 0.0, picked.mean(axis=1) / spread, np.nan
            )
    low, high = np.nanquantile(drawn, [0.5 - level / 2.0, 0.5 + level / 2.0])
    return float(low), float(high)


def annualisation(q: int, correlations: Sequence[float]) -> float:
    """What a Sharpe per period is multiplied by for `q` periods (Lo 2002, eta of q).

    `correlations` are the autocorrelations of lags 1, 2, …; those not given are 0, and with none
    this is sqrt(q). NaN where they are impossible.
    """
    used = correlations[: q - 1]
    weighted = sum((q - lag) * rho for lag, rho in enumerate(used, start=1))
    variance = q + 2.0 * weighted
    return q / math.sqrt(variance) if variance > 0.0 else math.nan


def _shape(sharpe: float, skew: float, kurtosis: float) -> float:
    return 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
