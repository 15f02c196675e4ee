"""Combinatorial purged cross-validation: every choice of test groups, joined into several paths.

Walk-forward shows one history; this shows as many as the groups allow, each day tested on every
path exactly once (López de Prado 2018, chapter 12).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradepulse.domain.errors import UsageError

Ints = npt.NDArray[np.int64]


class CombinatorialSplit(NamedTuple):
    """Rows to learn on, and the rows of each test group."""

    train: Ints
    tests: tuple[Ints, ...]
    groups: tuple[int, ...]


def combinatorial_splits(
    count: int, groups: int, test_groups: int, purge: int = 0, embargo: int = 0
) -> tuple[CombinatorialSplit, ...]:
    """Every choice of `test_groups` of `groups` contiguous groups of rows, in lexicographic order.

    Training rows lose `purge` rows before a test group and `purge` + `embargo` after one; a test
    group's neighbours may both be tests. Groups differ by at most one row. Error `bad_value`.
    """
    starts = group_starts(count, groups, test_groups)
    if min(purge, embargo) < 0:
        raise UsageError("bad_value", "a gap cannot be negative",
                         expected="0 or more", found=f"{purge}, {embargo}")  # fmt: skip
    ends = np.append(starts[1:], count)
    found = []
    for chosen in combinations(range(groups), test_groups):
        free = np.ones(count, np.bool_)
        for group in chosen:
            free[max(0, starts[group] - purge) : ends[group] + purge + embargo] = False
        tests = tuple(np.arange(starts[group], ends[group]) for group in chosen)
        found.append(CombinatorialSplit(np.flatnonzero(free), tests, chosen))
    return tuple(found)


def combinatorial_paths(groups: int, test_groups: int) -> Ints:
    """The path that each split's test groups belong to, (splits, test_groups).

    The n-th time a group is tested it belongs to path n; there are C(groups, test_groups) ×
    test_groups / groups paths, and each holds every group once.
    """
    group_starts(groups, groups, test_groups)
    used = [0] * groups
    found = []
    for chosen in combinations(range(groups), test_groups):
        found.append([used[group] for group in chosen])
        for group in chosen:
            used[group] += 1
    return np.array(found, dtype=np.int64)


def group_starts(count: int, groups: int, test_groups: int) -> Ints:
    """The first row of each group. Error `bad_value` where the numbers do not fit one another."""
    if not 1 <= test_groups < groups <= count:
        raise UsageError(
            "bad_value", "these groups make no sense",
            expected=f"1 test group or more, fewer than the groups, and at most {count} groups",
            found=f"{groups} groups, {test_groups} of them tests, of {count} rows",
        )  # fmt: skip
    return np.arange(groups, dtype=np.int64) * count // groups


def purged_train(
    t0: npt.ArrayLike,
    t1: npt.ArrayLike,
    tests: Sequence[tuple[int, int]],
    embargo: int = 0,
) -> Ints:
    """The observations that may be learned from, by time: row numbers, ascending.

    An observation reaches from `t0` (when it is made) to `t1` (when its outcome is known). It is
    left out if that overlaps a test span (first t0, last t1, both inclusive) or begins within
    `embargo` after one. By times, not by rows: with gaps or with outcomes of different lengths,
    purging a number of rows lets the future through. López de Prado 2018, chapter 7.
    """
    made, known = np.asarray(t0), np.asarray(t1)
    free = np.ones(len(made), np.bool_)
    for first, last in tests:
        free &= (known < first) | (made > last + embargo)
    return np.flatnonzero(free)
