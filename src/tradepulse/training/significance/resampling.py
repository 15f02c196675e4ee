"""The stationary bootstrap of Politis and Romano (1994), vectorised over replications.

Blocks start anywhere, have geometric lengths of mean `block` and wrap around the end, so a
resampled series is stationary and keeps the dependence of neighbouring days.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from tradepulse.domain.errors import UsageError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Cells of an index matrix at a time: 16 MB, however many replications are asked for.
_CELLS = 2_000_000


def stationary_indices(
    days: int,
    block: float,
    replications: int,
    rng: np.random.Generator,
    horizon: int | None = None,
) -> Ints:
    """Row numbers 0 … days - 1 of `replications` resampled series, (replications, horizon).

    `block` is the mean block length in days, `horizon` the length of a series (that of the
    sample by default). Error `bad_value`.
    """
    length = days if horizon is None else horizon
    if days < 1 or length < 1 or replications < 1 or not block >= 1.0:
        raise UsageError(
            "bad_value", "there is nothing to resample",
            expected="days, replications and a mean block of at least 1",
            found=f"{days} days, {replications} replications, block {block}",
        )  # fmt: skip
    starts = rng.random((replications, length)) < 1.0 / block
    starts[:, 0] = True
    places = np.arange(length)
    begun = np.maximum.accumulate(np.where(starts, places, 0), axis=1)
    drawn = rng.integers(0, days, (replications, length))
    found: Ints = (np.take_along_axis(drawn, begun, axis=1) + places - begun) % days
    return found


def slices(
    days: int,
    block: float,
    replications: int,
    rng: np.random.Generator,
    horizon: int | None = None,
) -> Iterator[tuple[int, Ints]]:
    """(first replication, its and the following index rows), a bounded piece at a time."""
    length = days if horizon is None else horizon
    step = max(1, _CELLS // max(length, 1))
    for first in range(0, replications, step):
        count = min(step, replications - first)
        yield first, stationary_indices(days, block, count, rng, horizon)


def resampled_counts(days: int, block: float, replications: int, seed: int) -> Floats:
    """How often each day is drawn, (replications, days); every row sums to `days`.

    With it every bootstrapped mean of a whole matrix of columns is one matrix product.
    """
    rng = np.random.default_rng(seed)
    counts = np.empty((replications, days))
    for first, rows in slices(days, block, replications, rng):
        flat = (rows + np.arange(len(rows))[:, None] * days).ravel()
        found = np.bincount(flat, minlength=len(rows) * days)
        counts[first : first + len(rows)] = found.reshape(len(rows), days)
    return counts
