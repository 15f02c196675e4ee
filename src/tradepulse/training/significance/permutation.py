"""Tests by shuffling: what the same search, or the same trades, would show without an edge."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import RefusedError
from tradepulse.training.significance.columns import Floats, as_series

# Up to so many values every sign pattern is tried: a million sums.
_EXACT = 20
_CELLS = 2_000_000
_ROUNDING = 1e-12


def sign_flip(values: npt.ArrayLike, permutations: int = 10_000, seed: int = 0) -> float:
    """The chance of a mean as high as this if every value were as likely its opposite.

    For trades: `values` are R multiples or returns. Exact over all 2^n patterns up to 20 values,
    else `permutations` drawn from `seed`, p = (1 + reached) / (1 + drawn). 1 for no value.
    Errors `bad_shape`, `bad_returns`.
    """
    series = as_series(values)
    # Sums of the same numbers in another order differ in the last digit: that is a tie.
    needed = float(series.sum()) - _ROUNDING * float(np.abs(series).sum())
    if len(series) <= _EXACT:
        sums = np.zeros(1)
        for value in series:
            sums = np.concatenate((sums + value, sums - value))
        return float((sums >= needed).mean())
    rng = np.random.default_rng(seed)
    reached, step = 0, max(1, _CELLS // len(series))
    for first in range(0, permutations, step):
        signs = rng.integers(0, 2, (min(step, permutations - first), len(series)), np.int8)
        reached += int(((2.0 * signs - 1.0) @ series >= needed).sum())
    return (1.0 + reached) / (1.0 + permutations)


def permutation_p_value(observed: float, permuted: Sequence[float] | Floats) -> float:
    """(1 + how many permuted results reach the observed) / (1 + how many there are).

    A NaN among `permuted` (nothing traded on that market) does not reach; an observed NaN is
    reached by all.
    """
    drawn = np.asarray(permuted, dtype=np.float64)
    reached = len(drawn) if math.isnan(observed) else int((drawn >= observed).sum())
    return (1.0 + reached) / (1.0 + len(drawn))


def permuted_bars(bars: BarSeries, rng: np.random.Generator) -> BarSeries:
    """The same bars in a shuffled order: drift and bar shapes kept, every pattern destroyed.

    Gaps (open over the close before) and intrabar shapes (high, low and close over open, with the
    volume) are shuffled apart, each as a whole, so their multisets stay. The first open and all
    open times stay, and so does the last close up to rounding. A time-of-day pattern is destroyed
    with the rest. Errors `extra_columns` (a column aligned to the old order would be a lie),
    `constant_series`.
    """
    _refuse_what_cannot_be_shuffled(bars)
    count = len(bars)
    order, gap_order = rng.permutation(count), rng.permutation(count - 1)
    high, low, close = (
        side[order] / bars.open[order] for side in (bars.high, bars.low, bars.close)
    )
    gaps = (bars.open[1:] / bars.close[:-1])[gap_order]
    steps = np.empty(count)
    steps[0] = bars.open[0]
    steps[1:] = close[:-1] * gaps
    opens = np.cumprod(steps, out=np.empty(count))
    # One factor a side keeps high >= open, close >= low exactly: rounding is monotone.
    return BarSeries(
        bars.open_time, opens, opens * high, opens * low, opens * close, bars.volume[order],
        bars.interval_ms,
    )  # fmt: skip


def _refuse_what_cannot_be_shuffled(bars: BarSeries) -> None:
    if bars.columns:
        raise RefusedError(
            "extra_columns", "bars with extra columns cannot be permuted",
            expected="open, high, low, close and volume alone", found=", ".join(bars.columns),
            hint="A column aligned to the old order of bars would no longer belong to them.",
        )  # fmt: skip
    if len(bars) < 3 or bars.high.max() == bars.low.min():
        raise RefusedError(
            "constant_series", "there is nothing to shuffle in these bars",
            expected="three bars or more whose prices move", found=f"{len(bars)} bars, one price",
        )  # fmt: skip
