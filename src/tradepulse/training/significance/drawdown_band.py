"""How deep a drawdown of the next days is ordinary for these returns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.training.significance.columns import Floats, as_series
from tradepulse.training.significance.resampling import slices


def bootstrap_drawdowns(
    returns: npt.ArrayLike, days: int, paths: int, block: float, seed: int
) -> Floats:
    """The deepest drawdown of each of `paths` resampled futures of `days`, ascending.

    Fractions, at most 0 (the deepest first); the start counts as a peak. Blocks of mean length
    `block` days keep losing streaks together: single days would make the band too narrow. Errors
    `bad_shape`, `bad_returns`, `bad_value`.
    """
    series = as_series(returns)
    rng = np.random.default_rng(seed)
    depths = np.empty(paths)
    for first, rows in slices(len(series), block, paths, rng, days):
        equity = np.cumprod(np.maximum(1.0 + series[rows], 0.0), axis=1)
        peak = np.maximum(np.maximum.accumulate(equity, axis=1), 1.0)
        depths[first : first + len(rows)] = np.minimum((equity / peak - 1.0).min(axis=1), 0.0)
    return np.sort(depths)


def drawdown_quantile(depths: npt.ArrayLike, level: float = 0.95) -> float:
    """The depth (at most 0) that a share `level` of the paths does not go below; NaN of none."""
    found = np.asarray(depths, dtype=np.float64)
    return float(np.quantile(found, 1.0 - level)) if len(found) else float("nan")
