"""What choosing the best trial would have earned out of sample, on many paths through the days.

For each combinatorial split the trial with the best Sharpe on the purged training days is chosen
and earns its returns on the test groups; the groups of a path join into one series.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.training.folds.combinatorial import (
    combinatorial_paths,
    combinatorial_splits,
    group_starts,
)
from tradepulse.training.significance.columns import Flags, Floats, as_columns, deviations
from tradepulse.training.significance.segments import Ints, sharpe_of_sums, stretch_sums


class PathSharpes(NamedTuple):
    """Per-day Sharpe of every path, and the column chosen in every split (order of arrival).

    Both empty where no trial moved.
    """

    sharpes: Floats
    selected: Ints


class GroupMoments:
    """The paths over columns that arrive a few at a time: sums a stretch are all that is kept.

    `purge` and `embargo` in days; memory is at most 6 × groups numbers a column. Error `bad_value`
    where groups, test groups and days do not fit.
    """

    def __init__(
        self, days: int, groups: int = 10, test_groups: int = 2, purge: int = 1, embargo: int = 0
    ) -> None:
        self.days, self.groups, self.test_groups, self.count = days, groups, test_groups, 0
        splits = combinatorial_splits(days, groups, test_groups, purge, embargo)
        bounds = group_starts(days, groups, test_groups)
        # Whatever is purged begins or ends here, so every training set is a union of stretches.
        cuts = np.concatenate((bounds, bounds - purge, bounds + purge + embargo))
        self._starts: Ints = np.unique(cuts[(cuts >= 0) & (cuts < days)])
        self._lengths = np.diff(np.append(self._starts, days)).astype(np.float64)
        self._group = np.searchsorted(bounds, self._starts, side="right") - 1
        self._train = [np.isin(self._starts, split.train) for split in splits]
        self._tests = [split.groups for split in splits]
        self._totals: list[Floats] = []
        self._squares: list[Floats] = []
        self._moving: list[Ints] = []

    def add(self, columns: npt.ArrayLike) -> None:
        """Takes in the columns of a (days, n) matrix. Errors `bad_shape`, `bad_returns`."""
        matrix = as_columns(columns, self.days)
        moving = np.flatnonzero(deviations(matrix) > 0.0)
        sums = stretch_sums(matrix[:, moving], self._starts)
        self._totals.append(sums.total)
        self._squares.append(sums.squares)
        self._moving.append(moving + self.count)
        self.count += matrix.shape[1]

    def result(self) -> PathSharpes:
        """The paths over all columns so far."""
        if not sum(len(moving) for moving in self._moving):
            return PathSharpes(np.empty(0), np.empty(0, np.int64))
        total = np.concatenate(self._totals, axis=1)
        squares = np.concatenate(self._squares, axis=1)
        best = np.array([self._best(total, squares, train) for train in self._train])
        sharpes = self._paths(total, squares, best)
        return PathSharpes(sharpes, np.concatenate(self._moving)[best])

    def _best(self, total: Floats, squares: Floats, train: Flags) -> int:
        """The place, among columns that move, of the best Sharpe on a split's training days."""
        days = self._lengths[train].sum()
        inside = sharpe_of_sums(total[train].sum(axis=0), squares[train].sum(axis=0), days)
        return int(inside.argmax())

    def _paths(self, total: Floats, squares: Floats, best: Ints) -> Floats:
        """Each path's Sharpe from the sums of the columns chosen for its groups."""
        paths = combinatorial_paths(self.groups, self.test_groups)
        count = int(paths.max()) + 1
        path_total, path_squares = np.zeros(count), np.zeros(count)
        for split, groups in enumerate(self._tests):
            for place, group in enumerate(groups):
                rows, path = self._group == group, paths[split, place]
                path_total[path] += total[rows, best[split]].sum()
                path_squares[path] += squares[rows, best[split]].sum()
        return sharpe_of_sums(path_total, path_squares, self.days)


def combinatorial_sharpes(
    columns: npt.ArrayLike,
    groups: int = 10,
    test_groups: int = 2,
    purge: int = 1,
    embargo: int = 0,
) -> PathSharpes:
    """The paths of a whole (days, n) matrix of daily returns."""
    matrix = as_columns(columns)
    test = GroupMoments(len(matrix), groups, test_groups, purge, embargo)
    test.add(matrix)
    return test.result()
