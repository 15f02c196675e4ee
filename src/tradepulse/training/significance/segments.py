"""Sharpe ratios of unions of stretches of days, from each stretch's sums alone.

A split of cross-validation is a choice of stretches. With count, sum and sum of squares of every
stretch, thousands of splits of thousands of columns are matrix products, and the days themselves
need not be kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.training.significance.columns import RELATIVE_ZERO, Floats

Ints = npt.NDArray[np.int64]


class Sums(NamedTuple):
    """Per stretch and column, (stretches, n): sums of returns and of their squares."""

    total: Floats
    squares: Floats


def stretch_sums(columns: Floats, starts: Ints) -> Sums:
    """The sums of the stretches beginning at `starts` (the last one ends with the rows)."""
    return Sums(
        np.add.reduceat(columns, starts, axis=0), np.add.reduceat(columns**2, starts, axis=0)
    )


def sharpe_of_sums(total: Floats, squares: Floats, count: npt.ArrayLike) -> Floats:
    """Per-day Sharpe (ddof 1) from sums over `count` days, elementwise.

    A stretch without spread, or of under two days, has 0: it earned nothing either way.
    """
    days = np.asarray(count, dtype=np.float64)
    mean = total / np.maximum(days, 1.0)
    spread = squares - mean * total
    # Below this the difference of the two is rounding.
    moving = (spread > RELATIVE_ZERO * squares) & (days > 1.0)
    spread = np.where(moving, spread, 1.0) / np.maximum(days - 1.0, 1.0)
    found: Floats = np.where(moving, mean / np.sqrt(spread), 0.0)
    return found
