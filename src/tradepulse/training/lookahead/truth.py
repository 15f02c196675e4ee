"""What really happened after each bar, as scores that a causal series cannot be correlated with.

Returns are divided by the volatility known before them, freed of the time of the week (a rule of
the clock is no look-ahead), and turned into normal scores, so that one crash counts as one bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.domain.interval import DAY_MS, HOUR_MS, WEEK_MS

LEADS = 48
HORIZONS = (1, 4, 12, 24, 48, 96)
_VOLATILITY_BARS = 50
# Bars an average slot of the week needs before its own mean is taken off.
_FEWEST_A_SLOT = 4
# Share of the variance of a market's returns that its present bar may explain: beyond it (a sine
# wave in a test) everything honest foretells the next bar.
_PREDICTABLE = 0.3

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Truth:
    """The market's own future, computed once for all probes."""

    bars: BarSeries

    @cached_property
    def _moves(self) -> Floats:
        close = self.bars.close
        return np.asarray(np.diff(np.log(close), prepend=np.log(close[:1])))

    @cached_property
    def steps(self) -> Floats:
        """The return into each bar over its expected size, less the mean of its slot."""
        moves = self._moves
        size = np.sqrt(_smoothed(moves**2, _VOLATILITY_BARS))
        expected = np.concatenate((size[:1], size[:-1]))
        floor = float(np.median(size)) * 0.05 + 1e-12
        unit = np.clip(moves / np.maximum(expected, floor), -12.0, 12.0)
        return np.asarray(unit - _slot_means(self.bars, unit))

    @cached_property
    def scores(self) -> Floats:
        """Normal scores of `steps`: white unless the market itself has a memory."""
        return normal_scores(self.steps)

    def ahead(self, horizon: int) -> Floats:
        """The sum of the next `horizon` steps; NaN at the end."""
        total = np.concatenate(([0.0], np.cumsum(self.steps)))
        sums = np.full(len(self.steps), np.nan)
        sums[: len(sums) - horizon] = total[horizon + 1 :] - total[1 : len(sums) - horizon + 1]
        return sums

    @cached_property
    def leads(self) -> Matrix:
        """(LEADS + HORIZONS, bars): scores of single later steps, then of sums of them, less what
        the present bar says of them."""
        later = [np.concatenate((self.scores[k:], np.full(k, np.nan))) for k in range(1, LEADS + 1)]
        sums = [normal_scores(self.ahead(horizon)) for horizon in HORIZONS]
        return _surprise([*later, *sums], self._present, most=_PREDICTABLE)

    @cached_property
    def turbulence(self) -> Matrix:
        """(HORIZONS, bars): scores of the mean size of the next steps, less what recent sizes and
        the slot of the week say of it."""
        return self._levels_ahead(self._sizes)

    @cached_property
    def activity(self) -> Matrix:
        """(HORIZONS, bars): the same of the next bars' volume."""
        return self._levels_ahead(self._volume)

    def unexpected(self, values: Floats, about: str) -> Floats:
        """`values` less what the recent sizes (or volumes) say of them."""
        known = self._sizes if about == "turbulence" else self._volume
        return np.asarray(_surprise([normal_scores(values)], self._recent(known))[0])

    @cached_property
    def _sizes(self) -> Floats:
        """Sizes of the moves, 1 on average; not over what was expected, which follows them."""
        sizes = np.abs(self._moves)
        return np.asarray(sizes / (float(np.mean(sizes)) + 1e-12))

    @cached_property
    def _volume(self) -> Floats:
        return np.log1p(self.bars.volume / (float(np.mean(self.bars.volume)) + 1e-12))

    @cached_property
    def _present(self) -> Matrix:
        bars, step = self.bars, self.steps
        spread = np.maximum(bars.high - bars.low, 1e-12)
        place = (2.0 * bars.close - bars.high - bars.low) / spread
        sums = [_moving_sum(step, n) for n in (5, 20, 100)]
        before = [np.concatenate((np.zeros(k), step[:-k])) for k in (1, 2)]
        return np.stack([np.ones(len(step)), step, *before, *sums, place, place * np.abs(step),
                         np.sign(step), np.abs(step)])  # fmt: skip

    def _recent(self, sizes: Floats) -> Matrix:
        slots = _slot_means(self.bars, sizes)
        known = [np.log(_smoothed(sizes, n) + 1e-3) for n in (1, 5, 20, 100)]
        return np.stack([np.ones(len(sizes)), *known, slots])

    def _levels_ahead(self, values: Floats) -> Matrix:
        means = [normal_scores(self._mean_ahead(values, horizon)) for horizon in HORIZONS]
        return _surprise(means, self._recent(values))

    def _mean_ahead(self, values: Floats, horizon: int) -> Floats:
        total = np.concatenate(([0.0], np.cumsum(values)))
        means = np.full(len(values), np.nan)
        means[: len(values) - horizon] = (
            total[horizon + 1 :] - total[1 : len(values) - horizon + 1]
        ) / horizon
        return means


def normal_scores(values: Floats) -> Floats:
    """Ranks as quantiles of the normal distribution, ties sharing theirs; NaN stays NaN."""
    from scipy.special import ndtri

    there = np.isfinite(values)
    scores = np.full(len(values), np.nan)
    kept = values[there]
    if not len(kept):
        return scores
    _, place, counts = np.unique(kept, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - 0.5 * (counts - 1)
    quantiles = ndtri((ranks - 0.5) / len(kept))
    made = quantiles[place]
    made -= made.mean()
    deviation = float(made.std())
    scores[there] = made / deviation if deviation > 0.0 else 0.0
    return scores


def _surprise(targets: list[Floats], known: Matrix, most: float = 1.0) -> Matrix:
    """The targets less their regression on `known` (a row a feature), each of deviation one.

    A target explained by more than `most` becomes NaN: it can accuse nobody.
    """
    made = np.stack(targets)
    there = np.isfinite(made)
    # Not by BLAS: its threads would cost more than these few rows, and round as they are many.
    square = np.einsum("ft,gt->fg", known, known)
    ridge = 1e-9 * np.trace(square) * np.eye(len(known))
    filled = np.where(there, made, 0.0)
    weights = np.linalg.solve(square + ridge, np.einsum("ft,rt->fr", known, filled))
    rest = filled - np.einsum("fr,ft->rt", weights, known)
    rest[~there] = np.nan
    deviation = np.nanstd(rest, axis=1, keepdims=True)
    before = np.nanstd(np.where(there, made, np.nan), axis=1, keepdims=True)
    rest[(deviation**2 < (1.0 - most) * before**2)[:, 0]] = np.nan
    return np.asarray(rest / np.where(deviation > 0.0, deviation, 1.0))


def _smoothed(values: Floats, bars: int) -> Floats:
    """The mean of the last `bars` values, of fewer at the start."""
    counts = np.minimum(np.arange(1, len(values) + 1), bars)
    return np.maximum(_moving_sum(values, bars), 0.0) / counts


def _moving_sum(values: Floats, bars: int) -> Floats:
    total = np.concatenate((np.zeros(bars), np.cumsum(values)))
    return np.asarray(total[bars:] - total[:-bars])


def _slot_means(bars: BarSeries, values: Floats) -> Floats:
    """The mean of each bar's slot of the week, or of a coarser clock where the weeks are few."""
    for period, slot in (
        (WEEK_MS, bars.interval_ms), (WEEK_MS, HOUR_MS), (DAY_MS, bars.interval_ms),
        (DAY_MS, HOUR_MS),
    ):  # fmt: skip
        length = max(slot, bars.interval_ms)
        if length < period and len(values) * length >= _FEWEST_A_SLOT * period:
            place = (bars.open_time % period) // length
            return _group_means(place.astype(np.int64), values)
    return np.full(len(values), float(np.mean(values)) if len(values) else 0.0)


def _group_means(place: npt.NDArray[np.int64], values: Floats) -> Floats:
    counts = np.bincount(place)
    means = np.bincount(place, weights=values) / np.maximum(counts, 1)
    return np.asarray(means[place])
