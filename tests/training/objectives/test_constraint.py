"""Constraints: how they are read, and when they hold."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.errors import TradePulseError
from tradepulse.simulation.metrics import METRICS
from tradepulse.training.objectives import Constraint


@pytest.mark.parametrize(
    ("text", "metric", "value", "holds"),
    [
        ("max_drawdown>=-0.3", "max_drawdown", -0.3, True),
        ("max_drawdown>=-0.3", "max_drawdown", -0.31, False),
        (" Trade_Count >= 3e1 ", "trade_count", 30, True),
        ("trade_count>30", "trade_count", 30, False),
        ("turnover<=5", "turnover", 5.0, True),
        ("turnover<5", "turnover", 5.0, False),
        ("sharpe>0", "sharpe", None, False),
        ("sharpe<9", "sharpe", math.nan, False),
        ("sharpe>0", "sortino", 1.0, False),
    ],
)
def test_when_it_holds(text: str, metric: str, value: float | None, holds: bool) -> None:
    assert Constraint.parse(text).holds({metric: value}) is holds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "METRIC>=NUMBER"), ("sharpe", "METRIC>=NUMBER"), ("sharpe=1", "METRIC>=NUMBER"),
        ("sharpe==1", "METRIC>=NUMBER"), ("sharpe>=", "a number"),
        ("sharpe>=1>=2", "a number"), ("sharp>=1", "Did you mean sharpe?"),
        ("sharpe>=high", "a number"), ("sharpe>=nan", "a finite number"),
        ("sharpe<=inf", "a finite number"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(text: str, words: str) -> None:
    with pytest.raises(TradePulseError) as error:
        Constraint.parse(text)
    assert error.value.code == "bad_constraint"
    assert words in str(error.value)


@given(st.sampled_from(METRICS), st.sampled_from([">=", "<=", ">", "<"]), st.integers(-999, 999))
def test_it_is_written_as_it_is_read(metric: str, comparison: str, number: int) -> None:
    text = f"{metric}{comparison}{number / 100:g}"
    assert str(Constraint.parse(text)) == text
    assert Constraint.parse(str(Constraint.parse(text))) == Constraint.parse(text)
