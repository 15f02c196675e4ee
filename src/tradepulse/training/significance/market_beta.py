"""Returns without what holding the market would have paid.

In a rising market a rule that is mostly long looks skilled to every test. So the tests run on
returns minus beta × buy-and-hold, beta measured on development data and frozen.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError
from tradepulse.domain.interval import DAY_MS
from tradepulse.training.significance.columns import (
    RELATIVE_ZERO,
    Floats,
    as_columns,
    as_series,
)  # fmt: skip


def beta(returns: npt.ArrayLike, benchmark: npt.ArrayLike) -> float:
    """The slope of `returns` on `benchmark` by least squares; 0 where the benchmark never moves.

    Errors `bad_shape`, `bad_returns`.
    """
    return float(betas_of(as_series(returns), benchmark)[0])


def betas_of(columns: npt.ArrayLike, benchmark: npt.ArrayLike) -> Floats:
    """The beta of each column of a (days, n) matrix."""
    market = as_series(benchmark)
    matrix = as_columns(columns, len(market))
    if len(market) < 2:
        return np.zeros(matrix.shape[1])
    gap = market - market.mean()
    spread = float(gap @ gap)
    if not spread > RELATIVE_ZERO * float(market @ market):
        return np.zeros(matrix.shape[1])
    slopes: Floats = gap @ (matrix - matrix.mean(axis=0)) / spread
    return slopes


def less_market(
    columns: npt.ArrayLike,
    benchmark: npt.ArrayLike,
    betas: npt.ArrayLike | None = None,
) -> Floats:
    """`columns` minus beta × benchmark, in the shape given (one series or a matrix).

    `betas`: one number a column, frozen elsewhere; measured on these days where not given.
    """
    market = as_series(benchmark)
    matrix = as_columns(columns, len(market))
    held = betas_of(matrix, market) if betas is None else np.asarray(betas, dtype=np.float64)
    adjusted = matrix - market[:, None] * held
    # What is left of a trial that was the market is rounding, and its Sharpe would be a fiction.
    dust = np.abs(adjusted).max(axis=0) <= RELATIVE_ZERO * np.abs(matrix).max(axis=0)
    adjusted[:, dust] = 0.0
    return adjusted[:, 0] if np.ndim(columns) == 1 else adjusted


def buy_and_hold_returns(bars: BarSeries, start_ms: int, end_ms: int) -> Floats:
    """The market's return on each UTC day that a bar of [start_ms, end_ms) opens in.

    From the first open to the day's last close, then close to close: the days, and their number,
    are those of a trial's series over the same window (bars longer than a day: one a bar). Error
    `empty`.
    """
    held = bars.between(start_ms, end_ms)
    if not len(held):
        raise DataError("empty", "there are no bars to hold",
                        expected=f"bars from {start_ms} to {end_ms}", found="none")  # fmt: skip
    day = held.open_time // max(held.interval_ms, DAY_MS)
    last = np.append(np.flatnonzero(np.diff(day)), len(held) - 1)
    closes = held.close[last]
    found: Floats = closes / np.concatenate(([held.open[0]], closes[:-1])) - 1.0
    return found
