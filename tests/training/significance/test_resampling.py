"""The stationary bootstrap: rows in range, blocks of the asked mean, counts that agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.errors import UsageError
from tradepulse.training.significance.resampling import resampled_counts, stationary_indices


@given(st.integers(1, 50), st.floats(1.0, 20.0), st.integers(1, 20), st.integers(1, 60))
def test_rows_lie_in_the_sample(days: int, block: float, replications: int, horizon: int) -> None:
    rng = np.random.default_rng(days)
    rows = stationary_indices(days, block, replications, rng, horizon)
    assert rows.shape == (replications, horizon)
    assert rows.min() >= 0
    assert rows.max() < days


def test_blocks_have_the_mean_length_and_wrap() -> None:
    rows = stationary_indices(1000, 5.0, 200, np.random.default_rng(1))
    follows = (np.diff(rows, axis=1) % 1000) == 1
    assert follows.mean() == pytest.approx(1.0 - 1.0 / 5.0, abs=0.005)
    assert np.bincount(rows.ravel(), minlength=1000).min() > 0
    whole = stationary_indices(10, 1e12, 3, np.random.default_rng(1))
    assert ((np.diff(whole, axis=1) % 10) == 1).all()


def test_counts_of_a_seed() -> None:
    counts = resampled_counts(40, 3.0, 500, seed=9)
    assert counts.shape == (500, 40)
    assert (counts.sum(axis=1) == 40).all()
    assert counts.mean() == 1.0
    assert np.array_equal(counts, resampled_counts(40, 3.0, 500, seed=9))
    assert not np.array_equal(counts, resampled_counts(40, 3.0, 500, seed=10))


@pytest.mark.parametrize(("days", "block", "replications"), [(0, 2, 5), (5, 0.5, 5), (5, 2, 0)])
def test_nothing_to_resample(days: int, block: float, replications: int) -> None:
    with pytest.raises(UsageError) as caught:
        stationary_indices(days, block, replications, np.random.default_rng(0))
    assert caught.value.code == "bad_value"
