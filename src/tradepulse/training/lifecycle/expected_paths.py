"""What a backtest makes ordinary, day by day: how far its resampled futures fall, and how high."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tradepulse.domain.bars import Floats, Times
from tradepulse.training.lifecycle.demotion import DRAWDOWN_PATHS, Expectation

# Edges of the fall: one of twenty paths, one of a hundred, as live results are judged (demotion).
_FALLS = (0.05, 0.01)
# The range that nine of ten paths stay in.
_RANGE = (0.05, 0.5, 0.95)


class ExpectedPaths(NamedTuple):
    """After each of `days`: the fall from the peak so far that 5 and 1 of 100 paths exceed (at most
    0), and what one unit of money became at the 5th, 50th and 95th of 100."""

    days: Times
    fall_95: Floats
    fall_99: Floats
    low: Floats
    middle: Floats
    high: Floats


def expected_paths(
    promised: Expectation, days: int, points: int, *, seed: int = 0
) -> ExpectedPaths | None:
    """The paths of as many days, at no more than `points` of them and always at the last.

    5000 resampled futures (stationary bootstrap), the same that `demotion` judges by. None for a
    backtest of under two days, or one that never moved.
    """
    returns = promised.daily_returns
    if days < 1 or len(returns) < 2 or not np.any(returns):
        return None
    from tradepulse.training.significance.resampling import slices

    rng = np.random.default_rng(seed)
    shown = np.unique(np.linspace(1, days, min(points, days)).round().astype(np.int64))
    grown = np.empty((DRAWDOWN_PATHS, len(shown)))
    fallen = np.empty((DRAWDOWN_PATHS, len(shown)))
    for first, rows in slices(len(returns), promised.block, DRAWDOWN_PATHS, rng, days):
        equity = np.cumprod(np.maximum(1.0 + returns[rows], 0.0), axis=1)
        peak = np.maximum(np.maximum.accumulate(equity, axis=1), 1.0)
        deepest = np.minimum(np.minimum.accumulate(equity / peak - 1.0, axis=1), 0.0)
        grown[first : first + len(rows)] = equity[:, shown - 1]
        fallen[first : first + len(rows)] = deepest[:, shown - 1]
    falls = np.quantile(fallen, _FALLS, axis=0)
    ranges = np.quantile(grown, _RANGE, axis=0)
    return ExpectedPaths(shown, falls[0], falls[1], ranges[0], ranges[1], ranges[2])
