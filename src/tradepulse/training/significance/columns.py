"""Daily return series side by side: what is accepted as such, and which of them move.

A matrix has a row a day and a column a trial, simple net returns, float64. A column that never
moves (a trial that never traded) has no Sharpe; rounding dust counts as not moving.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tradepulse.domain.errors import DataError

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Work is cut to so many columns at a time: memory stays flat, and a block fits the cache.
CHUNK = 256
# A spread this small beside the largest return is rounding, not risk: a ratio over it is noise.
RELATIVE_ZERO = 1e-12


def as_columns(values: npt.ArrayLike, days: int | None = None) -> Floats:
    """`values` as a (days, n) matrix; one series becomes one column.

    Errors `bad_shape` where the days differ from `days`, `bad_returns` for NaN or infinity.
    """
    columns = np.asarray(values, dtype=np.float64)
    if columns.ndim == 1:
        columns = columns[:, None]
    if columns.ndim != 2 or (days is not None and len(columns) != days):
        raise DataError(
            "bad_shape", "these are not return columns of the same days",
            expected=f"a matrix of {days if days is not None else 'any number of'} rows",
            found=f"shape {np.shape(values)}",
        )  # fmt: skip
    if not np.isfinite(columns).all():
        raise DataError(
            "bad_returns", "a return is not a number",
            expected="finite returns", found="NaN or infinity",
        )  # fmt: skip
    return columns


def as_series(values: npt.ArrayLike) -> Floats:
    """`values` as one finite series. Errors as `as_columns`, and `bad_shape` for a matrix."""
    if np.ndim(values) != 1:
        raise DataError("bad_shape", "one return series is wanted",
                        expected="one dimension", found=f"shape {np.shape(values)}")  # fmt: skip
    return as_columns(values)[:, 0]


def deviations(columns: Floats) -> Floats:
    """Standard deviation (ddof 1) of each column; exactly 0 for one that does not move."""
    if len(columns) < 2:
        return np.zeros(columns.shape[1])
    spread = columns.std(axis=0, ddof=1)
    largest = np.abs(columns).max(axis=0)
    return np.where(spread > RELATIVE_ZERO * largest, spread, 0.0)
