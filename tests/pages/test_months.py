"""Months of returns: they multiply to the whole, and each bar counts in the month it ends."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.pages.months import month_table, monthly_returns

DAY = 86_400_000


def ms(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp() * 1000)


@given(
    st.lists(st.floats(-0.2, 0.25), min_size=1, max_size=200),
    st.integers(0, 4000),
    st.integers(1, 40),
)
def test_months_multiply_to_the_total(returns: list[float], first: int, step: int) -> None:
    times = (first + step * np.arange(len(returns))) * DAY
    worth = 100.0 * np.cumprod(1.0 + np.asarray(returns))
    months = monthly_returns(times, worth, 100.0)
    assert np.prod([1.0 + r for r in months.values()]) == pytest.approx(worth[-1] / 100.0)
    assert list(months) == sorted(months)


def test_a_month_without_bars_is_not_a_zero() -> None:
    times = np.array([ms(2024, 1, 31), ms(2024, 3, 1)])
    months = monthly_returns(times, np.array([110.0, 99.0]), 100.0)
    assert months == {(2024, 1): pytest.approx(0.1), (2024, 3): pytest.approx(-0.1)}
    table = month_table(months)
    assert "10.0" in table
    assert "\u221210.0" in table
    assert table.count("\u2013") == 10
    assert "\u22121.0" in table  # the year: 0.99 of the start
