"""Objectives: every metric, signed so that higher is better, and a user's own."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradepulse.domain.errors import TradePulseError
from tradepulse.simulation.metrics import METRICS
from tradepulse.training.objectives import make_objective, objectives_in
from tradepulse.training.objectives.metric import LOWER_IS_BETTER

NO_RETURNS = np.empty(0)
OWN = """
class Calm:
    name = "calm"

    def score(self, metrics, daily_returns):
        {body}
"""


def write(folder: Path, body: str) -> None:
    (folder / "calm.py").write_text(OWN.format(body=body))


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_an_objective(name: str) -> None:
    objective = make_objective(name.upper())
    assert objective.name == name
    sign = -1.0 if name in LOWER_IS_BETTER else 1.0
    assert objective.score({name: 1.5}, NO_RETURNS) == sign * 1.5
    for missing in ({}, {name: None}, {name: math.nan}, {name: math.inf}):
        assert math.isnan(objective.score(missing, NO_RETURNS))


@pytest.mark.parametrize(
    ("name", "better", "worse"),
    [
        ("sharpe", 2.0, 1.0), ("max_drawdown", -0.1, -0.5), ("ulcer_index", 3.0, 9.0),
        ("annual_volatility", 0.2, 0.9), ("var_95", -0.01, -0.05), ("cvar_95", -0.02, -0.06),
        ("fees", 1.0, 50.0), ("funding", 5.0, -5.0), ("time_under_water", 0.1, 0.9),
        ("drawdown_duration_bars", 5, 500), ("profit_factor", 2.0, 0.5), ("turnover", 0, 10),
    ],
)  # fmt: skip
def test_higher_is_better(name: str, better: float, worse: float) -> None:
    objective = make_objective(name)
    assert objective.score({name: better}, NO_RETURNS) > objective.score({name: worse}, NO_RETURNS)


def test_the_lower_better_ones_are_metrics() -> None:
    assert set(METRICS) >= LOWER_IS_BETTER


def test_a_users_own_sees_metrics_and_returns(tmp_path: Path) -> None:
    write(tmp_path, "return metrics['sharpe'] - daily_returns.std()")
    objective = make_objective("Calm", tmp_path)
    assert objective.score({"sharpe": 2.0}, np.array([0.0, 2.0])) == 1.0


@pytest.mark.parametrize("found", ["None", "float('nan')", "float('inf')", "-float('inf')"])
def test_no_finite_score_is_a_failed_trial(tmp_path: Path, found: str) -> None:
    write(tmp_path, f"return {found}")
    assert math.isnan(make_objective("calm", tmp_path).score({}, NO_RETURNS))


@pytest.mark.parametrize(
    ("body", "words"),
    [("return 'high'", "found str"), ("return [1, 2]", "found list"),
     ("return metrics['sharp']", "KeyError: 'sharp', line 6")],
)  # fmt: skip
def test_a_broken_contract_names_the_file(tmp_path: Path, body: str, words: str) -> None:
    write(tmp_path, body)
    with pytest.raises(TradePulseError) as error:
        make_objective("calm", tmp_path).score({"sharpe": 1.0}, NO_RETURNS)
    assert error.value.code == "bad_objective"
    assert "calm.py" in str(error.value)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("name", "hint"), [("sharp", "Did you mean sharpe?"), ("clam", "Did you mean calm?")]
)
def test_an_unknown_name_is_told_what_is_known(tmp_path: Path, name: str, hint: str) -> None:
    write(tmp_path, "return 1.0")
    with pytest.raises(TradePulseError) as error:
        make_objective(name, tmp_path)
    assert error.value.code == "objective_not_found"
    assert hint in str(error.value)


def test_a_metrics_name_is_taken(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN.format(body="return 1").replace("calm", "sharpe"))
    found: Any = objectives_in(tmp_path)
    assert found.entries == {}
    assert found.problems[0].code == "duplicate_objective"
    assert make_objective("sharpe", tmp_path).score({"sharpe": 3.0}, NO_RETURNS) == 3.0
