"""Combinatorial purged splits: the vectors, by rows and by times; paths; laws."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.errors import UsageError
from tradepulse.training.folds.combinatorial import (
    combinatorial_paths,
    combinatorial_splits,
    purged_train,
)

CPCV = json.loads((Path(__file__).parent / "fold_vectors.json").read_text())["cpcv"]
CASE = CPCV["cpcv_24_6_2_p1_e1"]


def test_splits_and_paths_of_the_vector() -> None:
    found = combinatorial_splits(24, 6, 2, purge=1, embargo=1)
    assert len(found) == CASE["n_splits"]
    for split, expected in zip(found, CASE["splits"], strict=True):
        assert split.train.tolist() == expected["train"]
        assert [rows.tolist() for rows in split.tests] == expected["test"]
    paths = combinatorial_paths(6, 2)
    assert paths.tolist() == CASE["path_ids"]
    assert paths.max() + 1 == CASE["n_paths"]


def test_purging_by_times_gives_the_same_rows() -> None:
    made = np.arange(24)
    for expected in CASE["splits"]:
        tests = [(rows[0], rows[-1] + 1) for rows in expected["test"]]
        found = purged_train(made, made + 1, tests, embargo=1)
        assert found.tolist() == expected["train"]


@pytest.mark.parametrize("case", CPCV["counts"])
def test_counts(case: dict[str, int]) -> None:
    assert math.comb(case["n"], case["k"]) == case["splits"]
    paths = combinatorial_paths(case["n"], case["k"])
    assert len(paths) == case["splits"]
    assert paths.max() + 1 == case["paths"]


@given(
    st.integers(8, 80), st.integers(2, 6), st.integers(1, 3), st.integers(0, 6), st.integers(0, 6)
)
def test_laws(count: int, groups: int, tests: int, purge: int, embargo: int) -> None:
    if tests >= groups:
        return
    splits, paths = (
        combinatorial_splits(count, groups, tests, purge, embargo),
        combinatorial_paths(groups, tests),
    )
    tested = np.zeros((paths.max() + 1, count), np.int64)
    for number, split in enumerate(splits):
        for place, rows in enumerate(split.tests):
            tested[paths[number, place], rows] += 1
            gap = split.train[:, None] - rows
            assert ((gap < -purge) | (gap > purge + embargo)).all()
    # Every path tests every row exactly once.
    assert (tested == 1).all()


@given(st.integers(5, 60), st.integers(0, 20), st.integers(0, 999))
def test_nothing_learned_from_reaches_into_a_test(count: int, embargo: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = np.cumsum(rng.integers(1, 10, count))
    known = made + rng.integers(0, 30, count)
    first = int(rng.integers(0, count - 1))
    test = (int(made[first]), int(known[first : first + 3].max()))
    kept = purged_train(made, known, [test], embargo)
    assert all(known[row] < test[0] or made[row] > test[1] + embargo for row in kept)
    left_out = np.setdiff1d(np.arange(count), kept)
    assert all(known[row] >= test[0] and made[row] <= test[1] + embargo for row in left_out)


@pytest.mark.parametrize(
    ("count", "groups", "tests", "purge"),
    [(24, 6, 6, 0), (24, 6, 0, 0), (5, 6, 2, 0), (24, 6, 2, -1)],
)
def test_numbers_that_do_not_fit(count: int, groups: int, tests: int, purge: int) -> None:
    with pytest.raises(UsageError) as caught:
        combinatorial_splits(count, groups, tests, purge)
    assert caught.value.code == "bad_value"
