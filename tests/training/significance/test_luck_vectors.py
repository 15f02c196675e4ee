"""Luck of the best of many, deflated Sharpe and the lengths that would be enough."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from significance_reference import CLOSED, VECTORS, M

from tradepulse.training.significance.luck import (
    deflated_sharpe,
    expected_maximum,
    minimum_backtest_years,
    minimum_track_record,
    minimum_track_record_2025,
)
from tradepulse.training.significance.sharpe import moments, sharpe_of_columns

DSR = VECTORS["dsr"]


@pytest.mark.parametrize("case", VECTORS["emax"]["vectors"])
def test_expected_maximum(case: dict[str, float]) -> None:
    found = expected_maximum(case["N"])
    assert found == pytest.approx(case["approx"], rel=CLOSED)
    assert found == pytest.approx(case["exact_integral"], abs=0.04)


def test_one_trial_is_no_choice() -> None:
    assert expected_maximum(1) == 0.0
    assert expected_maximum(0.5) == 0.0
    assert math.isnan(expected_maximum(math.nan))


@given(st.floats(1.0, 1e6), st.floats(0.0, 100.0))
def test_more_trials_never_expect_less(trials: float, more: float) -> None:
    assert expected_maximum(trials + more) >= expected_maximum(trials) >= 0.0


@pytest.mark.parametrize("case", DSR["vectors"], ids=lambda case: str(case["N"]))
def test_deflated_sharpe(case: dict[str, float]) -> None:
    shape = (case["skew"], case["kurt"])
    for (skew, kurtosis), expected in ((shape, "expect"), ((0.0, 3.0), "expect_if_normal")):
        found = deflated_sharpe(
            case["SR"], case["T"], skew, kurtosis, case["N"], case["var_trials"]
        )
        assert found == pytest.approx(case[expected], rel=CLOSED)
    threshold = math.sqrt(case["var_trials"]) * expected_maximum(case["N"])
    assert threshold == pytest.approx(case["expect_SR0"], rel=CLOSED)


def test_deflated_sharpe_of_the_matrix() -> None:
    case = DSR["matrix_M"]
    sharpes = sharpe_of_columns(M)
    assert sharpes == pytest.approx(case["sr_cols"], rel=CLOSED)
    assert int(np.argmax(sharpes)) == case["best_col"]
    best = moments(M[:, case["best_col"]])
    assert (best.skew, best.kurtosis) == pytest.approx((case["skew"], case["kurt"]), rel=CLOSED)
    measured = float(np.var(sharpes, ddof=1))
    assert measured == pytest.approx(case["var_trials_ddof1"], rel=CLOSED)
    for variance, expected in (
        (measured, "expect"),
        (1.0 / (best.count - 1), "expect_with_var_1_over_Tminus1"),
    ):
        found = deflated_sharpe(
            best.sharpe, best.count, best.skew, best.kurtosis, case["N"], variance
        )
        assert found == pytest.approx(case[expected], rel=CLOSED)


@pytest.mark.parametrize("case", VECTORS["mintrl"]["vectors"])
def test_minimum_track_record(case: dict[str, float]) -> None:
    found = minimum_track_record(case["SR"], case["skew"], case["kurt"], case["SR0"], case["conf"])
    assert found / case["periods"] == pytest.approx(case["expect_years"], rel=CLOSED)


def test_minimum_track_record_of_the_2025_form() -> None:
    found = minimum_track_record_2025(0.036 / 0.079, -2.448, 10.164)
    assert round(found, 3) == VECTORS["psr"]["variant_2025"]["mintrl_SR0=0_alpha.05"]


@pytest.mark.parametrize("form", [minimum_track_record, minimum_track_record_2025])
def test_no_record_is_long_enough_for_no_edge(form) -> None:
    assert form(0.05, 0.0, 3.0, 0.05) == math.inf
    assert form(-0.05, 0.0, 3.0) == math.inf
    assert math.isnan(form(math.nan, 0.0, 3.0))


@pytest.mark.parametrize("case", VECTORS["minbtl"]["vectors"])
def test_minimum_backtest_years(case: dict[str, float]) -> None:
    found = minimum_backtest_years(case["N"], case["SR_ann"])
    assert found == pytest.approx(case["expect"], rel=CLOSED)
    bound = 2.0 * math.log(case["N"]) / case["SR_ann"] ** 2
    assert found <= bound == pytest.approx(case.get("upper", bound), rel=CLOSED)


def test_no_backtest_is_long_enough_for_a_loss() -> None:
    assert minimum_backtest_years(10, 0.0) == math.inf
    assert minimum_backtest_years(1, 1.0) == 0.0
    assert math.isnan(minimum_backtest_years(10, math.nan))
