"""Posterior, band, two-sample and sequential tests against closed forms and vectors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from tradepulse.training.lifecycle.tracking import (
    mean_log_ratio,
    posterior,
    predictive_band,
    sprt_bounds,
    two_sample,
)

BACKTEST = [0.5, -1, 1.2, -1, 2, 0.3, -0.8, 1.1, -1, 0.9]
LIVE = [-1, -1, -0.6, 0.4, -1, -0.9, 0.2, -1, 0.7, -0.5]


def test_two_sample_vector() -> None:
    assert two_sample(BACKTEST, LIVE) == pytest.approx((0.4, 0.41752365281777043), abs=1e-12)
    assert all(math.isnan(value) for value in two_sample([], LIVE))


def test_sprt_bounds_vector() -> None:
    lower, upper = sprt_bounds(0.05, 0.10)
    assert (lower, upper) == pytest.approx((-2.251291798606495, 2.8903717578961645), abs=1e-15)


def test_log_ratio_is_that_of_the_densities() -> None:
    want = sum(norm.logpdf(x, 0.0, 1.1) - norm.logpdf(x, 0.4, 1.1) for x in LIVE)
    assert mean_log_ratio(LIVE, 0.4, 0.0, 1.1) == pytest.approx(want)


def test_posterior_is_the_integral() -> None:
    mean, deviation = 0.32, 1.05
    found = posterior(mean, deviation, LIVE)
    grid = np.linspace(-3.0, 3.0, 200_001)
    density = norm.pdf(grid, 0.5 * mean, 0.5 * mean)
    for x in LIVE:
        density = density * norm.pdf(x, grid, deviation)
    density /= density.sum()
    assert found.mean == pytest.approx(float((density * grid).sum()), abs=1e-6)
    assert found.above_zero == pytest.approx(float(density[grid > 0].sum()), abs=1e-4)


@pytest.mark.parametrize(
    ("mean", "values", "chance"),
    [
        # Nothing seen: the prior alone, one deviation above nothing.
        (0.3, [], norm.cdf(1.0)),
        (-0.3, [], norm.cdf(-1.0)),
        (0.0, LIVE, 0.5),
    ],
)
def test_posterior_at_its_edges(mean: float, values: list[float], chance: float) -> None:
    assert posterior(mean, 1.0, values).above_zero == pytest.approx(chance)


def test_losses_lower_the_chance_and_gains_raise_it() -> None:
    before = posterior(0.3, 1.0, []).above_zero
    assert posterior(0.3, 1.0, [-0.3] * 50).above_zero < before
    assert posterior(0.3, 1.0, [0.3] * 50).above_zero > before


def test_band_holds_what_it_says() -> None:
    """Of fresh series of the same kind about nine in ten end inside the 90 % band."""
    rng = np.random.default_rng(5)
    sample = rng.normal(0.001, 0.02, 2000)
    low, high = predictive_band(sample, 60, paths=2000, block=3.0, seed=1)
    growth = np.log1p(rng.normal(sample.mean(), 0.02, (4000, 60))).sum(axis=1)
    assert np.mean((growth >= low) & (growth <= high)) == pytest.approx(0.90, abs=0.03)
    assert predictive_band(sample, 60, paths=2000, block=3.0, seed=1) == (low, high)
