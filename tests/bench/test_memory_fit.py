"""Whether a process grows: a step is no slope, and a slope is not hidden by steps."""

from __future__ import annotations

import os

import numpy as np
import pytest
from benchmarks.live.memory_fit import fit, rss_mb, told

HOURS = np.linspace(0.0, 24.0, 480)


def steps(seed: int) -> np.ndarray:
    """Memory that goes up and down by blocks that last for a while."""
    made = np.random.default_rng(seed).normal(0.0, 2.0, 60)
    return 350.0 + np.repeat(made, 8)


@pytest.mark.parametrize("rate", [0.0, 2.0, -1.0])
@pytest.mark.parametrize("seed", range(5))
def test_the_slope_is_found_within_its_error(rate: float, seed: int) -> None:
    found = fit(HOURS.tolist(), (steps(seed) + rate * HOURS).tolist())
    assert abs(found.rate - rate) < 4 * found.error < 1.0
    assert found.is_level or rate > 0.0 or found.rate > 0.0
    assert not (rate == 2.0 and found.is_level)


def test_what_a_start_fills_once_is_no_growth() -> None:
    filled = 300.0 + 60.0 * np.minimum(HOURS / 8.0, 1.0) + 0.1 * steps(3)
    found = told(HOURS.tolist(), filled.tolist())
    assert found["slope_mb_per_market_hour"] > 1.0
    assert found["is_level"]
    assert found["rss_start_mb"] < found["rss_half_mb"]


def test_too_few_samples_say_nothing() -> None:
    assert np.isnan(fit([0.0, 1.0], [1.0, 2.0]).rate)
    assert not fit([0.0, 1.0], [1.0, 2.0]).is_level


def test_the_memory_of_this_process() -> None:
    assert 20.0 < rss_mb(os.getpid()) < 4_000.0
