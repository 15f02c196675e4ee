"""Out-of-sample paths from moments equal those put together day by day."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradepulse.domain.errors import UsageError
from tradepulse.training.folds.combinatorial import combinatorial_paths, combinatorial_splits
from tradepulse.training.significance.path_sharpes import GroupMoments, combinatorial_sharpes
from tradepulse.training.significance.sharpe import sharpe_of_columns


def by_hand(
    columns: np.ndarray, groups: int, tests: int, purge: int, embargo: int
) -> tuple[list[float], list[int]]:
    paths = combinatorial_paths(groups, tests)
    series = np.full((paths.max() + 1, len(columns)), np.nan)
    chosen = []
    for number, split in enumerate(
        combinatorial_splits(len(columns), groups, tests, purge, embargo)
    ):
        best = int(np.nanargmax(sharpe_of_columns(columns[split.train])))
        chosen.append(best)
        for place, rows in enumerate(split.tests):
            series[paths[number, place], rows] = columns[rows, best]
    return list(sharpe_of_columns(series.T)), chosen


@settings(max_examples=25)
@given(
    st.integers(60, 90), st.integers(3, 6), st.integers(1, 2), st.integers(0, 12),
    st.integers(0, 5), st.integers(0, 999),
)  # fmt: skip
def test_moments_are_enough(
    days: int, groups: int, tests: int, purge: int, embargo: int, seed: int
) -> None:
    columns = np.random.default_rng(seed).normal(0.0, 0.01, (days, 12))
    if min(len(split.train) for split in combinatorial_splits(
        days, groups, tests, purge, embargo)) < 3:  # fmt: skip
        return
    found = combinatorial_sharpes(columns, groups, tests, purge, embargo)
    sharpes, chosen = by_hand(columns, groups, tests, purge, embargo)
    assert list(found.selected) == chosen
    assert list(found.sharpes) == pytest.approx(sharpes, rel=1e-9, abs=1e-12)


def test_ten_groups_give_nine_paths_whatever_the_batches() -> None:
    columns = np.random.default_rng(5).normal(0.0, 0.01, (300, 50))
    columns[:, 7] = 0.0
    test = GroupMoments(300)
    for first, last in ((0, 8), (8, 50)):
        test.add(columns[:, first:last])
    found, whole = test.result(), combinatorial_sharpes(columns)
    assert len(found.sharpes) == 9
    assert len(found.selected) == 45
    assert np.array_equal(found.sharpes, whole.sharpes)
    assert 7 not in found.selected
    assert test.count == 50


def test_a_true_edge_stays_and_luck_does_not() -> None:
    columns = np.random.default_rng(6).normal(0.0, 0.01, (600, 100))
    lucky = combinatorial_sharpes(columns, purge=2).sharpes
    columns[:, 3] += 0.003
    skilled = combinatorial_sharpes(columns, purge=2)
    assert set(skilled.selected) == {3}
    assert skilled.sharpes.min() > 0.2 > abs(lucky.mean()) + 0.05


def test_where_nothing_moved_there_is_no_path() -> None:
    for columns in (np.zeros((100, 4)), np.empty((100, 0))):
        found = combinatorial_sharpes(columns)
        assert len(found.sharpes) == len(found.selected) == 0


def test_more_groups_than_days_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        GroupMoments(8)
    assert caught.value.code == "bad_value"
