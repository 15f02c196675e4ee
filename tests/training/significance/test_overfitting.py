"""Cross-validated overfitting: the vectors, what must be 0 or 1, streaming, representatives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from significance_reference import CLOSED, M2, VECTORS, M

from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.training.significance.overfitting import (
    BlockMoments,
    probability_of_overfitting,
)
from tradepulse.training.significance.representatives import representatives

CSCV = VECTORS["cscv_pbo"]
RECENTRED = (M2 - M2.mean(axis=0)) / M2.std(axis=0, ddof=1)


def check(found: Any, expected: dict[str, Any]) -> None:
    assert found.probability == pytest.approx(expected["pbo"], abs=CLOSED)
    assert found.probability_of_loss == pytest.approx(expected["prob_oos_loss"], abs=CLOSED)
    assert found.slope == pytest.approx(expected["slope"], rel=CLOSED)
    if "intercept" in expected:
        assert found.intercept == pytest.approx(expected["intercept"], rel=CLOSED)
    # These are printed to ten digits.
    for name, field in (
        ("logits", found.logits), ("is_best", found.in_sample),
        ("oos_of_best", found.out_of_sample), ("selected", found.selected),
    ):  # fmt: skip
        if name in expected:
            assert list(field) == pytest.approx(expected[name], abs=1e-9)


@pytest.mark.parametrize(
    ("columns", "blocks", "name"),
    [(M, 4, "M_S4"), (M, 8, "M_S8"), (M2, 8, "M2_S8"), (RECENTRED, 8, "M2_recentred_unit_S8")],
)
def test_vectors(columns: np.ndarray, blocks: int, name: str) -> None:
    check(probability_of_overfitting(columns, blocks), CSCV[name])


def test_the_first_rows_that_fill_no_block_are_dropped() -> None:
    longer = np.vstack((np.full((5, 6), 9.0) * np.arange(6), M))
    check(probability_of_overfitting(longer, 8), CSCV["M_S8"])


def test_a_column_that_leads_in_every_block_is_no_accident() -> None:
    columns = M2.copy()
    columns[:, 3] += 0.05
    assert probability_of_overfitting(columns, 8).probability == 0.0


def test_like_columns_are_a_tie_and_ties_are_not_skill() -> None:
    found = probability_of_overfitting(np.repeat(M[:, :1], 5, axis=1), 4)
    assert found.probability == 1.0
    assert set(found.logits) == {0.0}


def test_batches_of_any_size_give_the_same() -> None:
    columns = np.random.default_rng(2).normal(0.0, 0.01, (203, 90))
    columns[:, [4, 50]] = 0.0
    whole = probability_of_overfitting(columns, 10)
    test = BlockMoments(203, 10)
    for first, last in ((0, 1), (1, 40), (40, 90)):
        test.add(columns[:, first:last])
    found = test.result()
    assert test.count == 90
    for one, other in zip(found, whole, strict=True):
        assert np.array_equal(one, other)
    assert not {4, 50} & set(found.selected)


def test_trials_that_never_traded_are_neither_chosen_nor_ranked() -> None:
    idle = np.column_stack((np.zeros(64), M, np.zeros(64)))
    found = probability_of_overfitting(idle, 8)
    assert found.probability == pytest.approx(CSCV["M_S8"]["pbo"])
    assert set(found.selected) == {6, 5}


@pytest.mark.parametrize("columns", [np.zeros((64, 4)), M[:, :1], np.empty((64, 0))])
def test_fewer_than_two_that_moved_have_no_answer(columns: np.ndarray) -> None:
    found = probability_of_overfitting(columns, 8)
    assert math.isnan(found.probability)
    assert math.isnan(found.slope)
    assert not len(found.logits)


@pytest.mark.parametrize(
    ("days", "blocks", "error", "code"),
    [(64, 7, UsageError, "bad_value"), (64, 0, UsageError, "bad_value"),
     (15, 16, RefusedError, "too_little_data"), (3, 2, RefusedError, "too_little_data")],
)  # fmt: skip
def test_refusals(days: int, blocks: int, error: type[Exception], code: str) -> None:
    with pytest.raises(error) as caught:
        BlockMoments(days, blocks)
    assert caught.value.code == code  # type: ignore[attr-defined]


def test_one_of_each_kind_represents_it() -> None:
    rng = np.random.default_rng(8)
    kinds = rng.normal(0.0, 0.01, (300, 3))
    columns = np.repeat(kinds, (5, 1, 4), axis=1) + rng.normal(0.0, 0.001, (300, 10))
    few = representatives(columns)
    assert [sum(number < edge for number in few) for edge in (5, 6, 10)] == [1, 2, 3]


def test_the_representative_is_the_central_one_not_the_best() -> None:
    rng = np.random.default_rng(8)
    base = rng.normal(0.0, 0.01, 300)
    columns = np.column_stack([base + rng.normal(0.0, s, 300) for s in (0.004, 0.0, 0.004, 0.004)])
    columns[:, 0] += 0.01
    assert list(representatives(columns, similarity=0.5)) == [1]


def test_of_very_many_an_even_sample_is_clustered() -> None:
    columns = np.random.default_rng(1).normal(size=(100, 60))
    columns[:, 0] = 0.0
    few = representatives(columns, most=20)
    assert len(few) == 20
    assert few[0] > 0
    assert few[-1] == 59


def test_nothing_to_cluster() -> None:
    assert list(representatives(np.zeros((20, 4)))) == []
    assert list(representatives(np.column_stack((np.zeros(64), M[:, 0])))) == [1]
