"""Moments, probabilistic Sharpe, errors and intervals against the reference vectors."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from significance_reference import BOOTSTRAP, CLOSED, RETURNS, VECTORS

from tradepulse.domain.errors import DataError
from tradepulse.training.significance.sharpe import (
    annualisation,
    bootstrap_sharpe_interval,
    moments,
    probabilistic_sharpe,
    probabilistic_sharpe_2025,
    sharpe_error,
    sharpe_error_iid,
    sharpe_interval,
    sharpe_of_columns,
)

PSR = VECTORS["psr"]
INTERVALS = VECTORS["sharpe_ci"]


def test_the_copy_is_the_reference(shared: Path) -> None:
    reference = json.loads((shared / "reference" / "quant_vectors.json").read_text())
    for name, value in VECTORS.items():
        assert value == (
            reference["metrics"]["returns"] if name == "fixture_returns" else reference[name]
        )


@pytest.mark.parametrize("case", PSR["vectors"][:3], ids=lambda case: case["name"][:20])
def test_probabilistic_sharpe(case: dict[str, float]) -> None:
    found = probabilistic_sharpe(case["SR"], case["T"], case["skew"], case["kurt"], case["SR0"])
    assert found == pytest.approx(case["expect"], rel=CLOSED)


def test_quantstats_differs_in_the_sixth_digit_only() -> None:
    found, other = moments(RETURNS), PSR["vectors"][3]
    chance = probabilistic_sharpe(found.sharpe, found.count, found.skew, found.kurtosis)
    assert chance == pytest.approx(other["expect"], abs=other["tol"])


@pytest.mark.parametrize("case", PSR["variant_2025"]["vectors"])
def test_probabilistic_sharpe_2025(case: dict[str, float]) -> None:
    found = probabilistic_sharpe_2025(
        case["SR"], case["T"], case["skew"], case["kurt"], case["SR0"], case["rho"]
    )
    assert found == pytest.approx(case["expect"], rel=CLOSED)
    assert round(found, 3) == case.get("expect_round3", round(found, 3))


def test_errors_of_the_2025_example() -> None:
    expected = PSR["variant_2025"]["se"]
    assert round(sharpe_error(0.036 / 0.079, 24, -2.448, 10.164), 3) == expected["nonnormal"]
    assert round(sharpe_error(0.036 / 0.079, 24, 0.0, 3.0), 3) == expected["normal"]


@pytest.mark.parametrize("case", INTERVALS["lo_vectors_round3"])
def test_error_of_lo(case: dict[str, float]) -> None:
    assert round(sharpe_error_iid(case["SR"], case["T"]), 3) == case["expect"]


def test_interval_of_the_fixture() -> None:
    expected, found = INTERVALS["fixture"], moments(RETURNS)
    assert found.sharpe == pytest.approx(expected["SR"], rel=CLOSED)
    assert found.skew == pytest.approx(PSR["vectors"][2]["skew"], rel=CLOSED)
    assert found.kurtosis == pytest.approx(PSR["vectors"][2]["kurt"], rel=CLOSED)
    error = sharpe_error(found.sharpe, found.count, found.skew, found.kurtosis)
    assert error == pytest.approx(expected["SE"], rel=CLOSED)
    assert sharpe_interval(RETURNS) == pytest.approx(expected["ci95"], rel=CLOSED)


def test_bootstrapped_interval_of_the_fixture() -> None:
    expected = INTERVALS["stationary_bootstrap_ci_block5_seed42_10000"]
    found = bootstrap_sharpe_interval(RETURNS, 5.0, 10_000, seed=42)
    assert found == pytest.approx(expected, abs=BOOTSTRAP)
    assert found == bootstrap_sharpe_interval(RETURNS, 5.0, 10_000, seed=42)


@pytest.mark.parametrize("case", INTERVALS["eta_q"]["vectors"])
def test_annualisation(case: dict[str, float]) -> None:
    q = int(case["q"])
    correlations = [case["ar1"] ** lag for lag in range(1, q)]
    assert annualisation(q, correlations) == pytest.approx(case["expect"], rel=CLOSED)


def test_without_autocorrelation_annualising_is_the_root() -> None:
    assert annualisation(365, []) == pytest.approx(math.sqrt(365))
    assert math.isnan(annualisation(12, [-1.0] * 11))


@pytest.mark.parametrize("returns", [[], [0.01], [0.0] * 50, [0.001] * 50])
def test_a_series_without_spread_has_no_sharpe(returns: list[float]) -> None:
    found = moments(returns)
    assert found.count == len(returns)
    assert math.isnan(found.sharpe)
    assert math.isnan(probabilistic_sharpe(found.sharpe, found.count, found.skew, found.kurtosis))
    assert all(math.isnan(end) for end in sharpe_interval(returns))
    assert all(math.isnan(end) for end in bootstrap_sharpe_interval(returns, 2.0, 10, 0))


def test_columns_that_do_not_move_have_no_sharpe_among_others() -> None:
    found = sharpe_of_columns(np.column_stack((RETURNS, 0.0 * RETURNS, -RETURNS)))
    assert found[0] == pytest.approx(moments(RETURNS).sharpe, rel=1e-12)
    assert math.isnan(found[1])
    assert found[2] == pytest.approx(-found[0], rel=1e-12)


@given(st.floats(-0.5, 0.5), st.integers(10, 2000), st.floats(-0.3, 0.3), st.floats(0.0, 0.2))
def test_a_higher_benchmark_is_harder_to_beat(
    sharpe: float, count: int, benchmark: float, step: float
) -> None:
    for form in (probabilistic_sharpe, probabilistic_sharpe_2025):
        low = form(sharpe, count, 0.0, 3.0, benchmark)
        high = form(sharpe, count, 0.0, 3.0, benchmark + step)
        assert 0.0 <= low <= 1.0
        assert form is probabilistic_sharpe_2025 or high <= low
    assert probabilistic_sharpe(sharpe, count, 0.0, 3.0, sharpe) == 0.5


@pytest.mark.parametrize(
    ("values", "code"),
    [([0.1, math.nan], "bad_returns"), ([[0.1, 0.2]], "bad_shape"), ([math.inf], "bad_returns")],
)
def test_what_is_not_a_series_is_refused(values: list[float], code: str) -> None:
    with pytest.raises(DataError) as caught:
        moments(values)
    assert caught.value.code == code
