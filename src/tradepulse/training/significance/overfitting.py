"""How often the best trial of one half of the days is below the middle of the other half.

Combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado, Zhu 2017). On a grid of
neighbouring sets the figure is close to a coin flip even with a true edge, so it is a veto over
one half and never a proof; `representatives` removes the neighbours first.
"""

from __future__ import annotations

import math
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.training.significance.columns import Floats, as_columns, deviations
from tradepulse.training.significance.segments import Ints, sharpe_of_sums, stretch_sums

# Cells of the (splits, columns) matrices at a time.
_CELLS = 1_000_000


class Overfitting(NamedTuple):
    """The verdict and what it rests on; arrays have one entry a split.

    `probability` of overfitting: the share of splits with `logits` <= 0. `probability_of_loss`:
    the share in which the selected trial lost out of sample. `slope`, `intercept`: out-of-sample
    Sharpe on in-sample Sharpe of the selected. `selected` are column numbers in order of arrival.
    All NaN and empty with fewer than two trials that moved.
    """

    probability: float
    probability_of_loss: float
    slope: float
    intercept: float
    logits: Floats
    in_sample: Floats
    out_of_sample: Floats
    selected: Ints


class BlockMoments:
    """CSCV over columns that arrive a few at a time: sums a block are all that is kept.

    `days` rows of which the first `days` mod `blocks` are dropped; `blocks` is even. Memory is
    2 × blocks numbers a column. Errors `bad_value` for an odd number, `too_little_data` where a
    half has fewer than two days.
    """

    def __init__(self, days: int, blocks: int = 16) -> None:
        if blocks < 2 or blocks % 2:
            raise UsageError("bad_value", "the blocks cannot be halved",
                             expected="an even number, 2 or more", found=str(blocks))  # fmt: skip
        self.length = days // blocks
        if self.length * blocks < 4 or self.length < 1:
            raise RefusedError(
                "too_little_data", "there are too few days to cross-validate",
                expected=f"{max(4, blocks)} days or more for {blocks} blocks", found=str(days),
            )  # fmt: skip
        self.days, self.blocks, self.count = days, blocks, 0
        self._totals: list[Floats] = []
        self._squares: list[Floats] = []
        self._moving: list[Ints] = []

    def add(self, columns: npt.ArrayLike) -> None:
        """Takes in the columns of a (days, n) matrix. Errors `bad_shape`, `bad_returns`."""
        matrix = as_columns(columns, self.days)[self.days % self.blocks :]
        # A trial that never moved would win wherever all others lose, and nobody would choose it.
        moving = np.flatnonzero(deviations(matrix) > 0.0)
        starts = np.arange(self.blocks) * self.length
        sums = stretch_sums(matrix[:, moving], starts)
        self._totals.append(sums.total)
        self._squares.append(sums.squares)
        self._moving.append(moving + self.count)
        self.count += matrix.shape[1]

    def result(self) -> Overfitting:
        """The verdict over all columns so far."""
        if sum(len(moving) for moving in self._moving) < 2:
            nothing = np.empty(0)
            return Overfitting(math.nan, math.nan, math.nan, math.nan, nothing, nothing, nothing,
                               np.empty(0, np.int64))  # fmt: skip
        total = np.concatenate(self._totals, axis=1)
        squares = np.concatenate(self._squares, axis=1)
        ranks, inside, outside, chosen = _cross_validate(total, squares, self.length)
        logits = np.log(ranks / (1.0 - ranks))
        slope, intercept = _line(inside, outside)
        return Overfitting(
            float((logits <= 0.0).mean()), float((outside < 0.0).mean()), slope, intercept,
            logits, inside, outside, np.concatenate(self._moving)[chosen],
        )  # fmt: skip


def probability_of_overfitting(columns: npt.ArrayLike, blocks: int = 16) -> Overfitting:
    """The verdict on a whole (days, n) matrix of daily returns."""
    matrix = as_columns(columns)
    test = BlockMoments(len(matrix), blocks)
    test.add(matrix)
    return test.result()


def _cross_validate(
    total: Floats, squares: Floats, length: int
) -> tuple[Floats, Floats, Floats, Ints]:
    """(relative rank out of sample, Sharpe inside, outside, column chosen) of every split."""
    blocks, columns = total.shape
    halves = np.zeros((math.comb(blocks, blocks // 2), blocks))
    for row, half in enumerate(combinations(range(blocks), blocks // 2)):
        halves[row, list(half)] = 1.0
    splits, days = len(halves), length * blocks // 2
    all_total, all_squares = total.sum(axis=0), squares.sum(axis=0)
    ranks, inside, outside = np.empty(splits), np.empty(splits), np.empty(splits)
    chosen = np.empty(splits, np.int64)
    step = max(1, _CELLS // columns)
    # In lexicographic order the complement of split i is split -1 - i: one product serves both.
    for first in range(0, splits // 2, step):
        rows = np.arange(first, min(first + step, splits // 2))
        one_total, one_squares = halves[rows] @ total, halves[rows] @ squares
        one = sharpe_of_sums(one_total, one_squares, days)
        other = sharpe_of_sums(all_total - one_total, all_squares - one_squares, days)
        for places, train, test in ((rows, one, other), (splits - 1 - rows, other, one)):
            best = train.argmax(axis=1)
            chosen[places] = best
            inside[places] = np.take_along_axis(train, best[:, None], axis=1)[:, 0]
            reached = np.take_along_axis(test, best[:, None], axis=1)
            outside[places] = reached[:, 0]
            below, level = (test < reached).sum(axis=1), (test == reached).sum(axis=1)
            ranks[places] = (below + (level + 1) / 2.0) / (columns + 1)
    return ranks, inside, outside, chosen


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Slope and intercept of y on x by least squares; NaN where x does not vary."""
    gap = x - x.mean()
    spread = float(gap @ gap)
    if not spread > 0.0:
        return math.nan, math.nan
    slope = float(gap @ y) / spread
    return slope, float(y.mean() - slope * x.mean())
