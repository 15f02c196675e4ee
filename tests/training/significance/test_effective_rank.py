"""How many independent trials there are: the extremes, the definition, streaming, idle trials."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.training.significance.effective_rank import TrialGram


def rank(columns: np.ndarray) -> float:
    gram = TrialGram(len(columns))
    gram.add(columns)
    return gram.effective_rank()


@given(st.integers(3, 40), st.integers(1, 60), st.integers(0, 999))
def test_it_is_the_entropy_of_the_correlation_matrix(days: int, count: int, seed: int) -> None:
    columns = np.random.default_rng(seed).normal(size=(days, count))
    likeness = np.atleast_2d(np.corrcoef(columns, rowvar=False))
    shares = np.linalg.eigvalsh(likeness).clip(min=0.0) / count
    shares = shares[shares > 1e-12]
    expected = float(np.exp(-(shares * np.log(shares)).sum()))
    assert rank(columns) == pytest.approx(expected, rel=1e-6)


def test_copies_are_one_trial_whatever_their_size() -> None:
    column = np.random.default_rng(1).normal(size=(200, 1))
    assert rank(column * np.array([1.0, 3.0, -2.0, 0.001])) == pytest.approx(1.0)


def test_uncorrelated_trials_are_all_counted() -> None:
    columns = np.linalg.qr(np.random.default_rng(1).normal(size=(50, 51)))[0]
    centred = np.linalg.qr(columns[:, :20] - columns[:, :20].mean(axis=0))[0]
    assert rank(centred) == pytest.approx(20.0)


def test_batches_add_up_and_idle_trials_count_as_tried() -> None:
    columns = np.random.default_rng(1).normal(size=(60, 600))
    columns[:, ::7] = 0.0
    gram = TrialGram(60)
    for first, last in ((0, 1), (1, 3), (3, 600)):
        gram.add(columns[:, first:last])
    assert gram.count == 600
    moving = np.delete(columns, slice(None, None, 7), axis=1)
    assert gram.effective_rank() == pytest.approx(rank(moving))


def test_where_nothing_moved_there_was_one_trial() -> None:
    assert rank(np.zeros((30, 5))) == 1.0
    assert TrialGram(30).effective_rank() == 1.0
