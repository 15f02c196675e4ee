"""Marks of scales lie inside, are round, and are not too many."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.pages.ticks import growth_ticks, number_ticks, step_for, time_ticks

DAY = 86_400_000
START = 1_640_995_200_000  # 2022-01-01


@given(
    st.floats(-1e9, 1e9, allow_nan=False),
    st.floats(1e-6, 1e9, allow_nan=False),
    st.integers(3, 10),
)
def test_numbers(low: float, span: float, most: int) -> None:
    ticks = number_ticks(low, low + span, most)
    assert len(ticks) <= most
    slack = 1e-6 * (span + abs(low))
    assert all(low - slack <= tick.at <= low + span + slack for tick in ticks)
    mantissa = step_for(low, low + span, most)
    scaled = mantissa / 10 ** math.floor(math.log10(mantissa) + 1e-9)
    assert round(scaled, 6) in (1.0, 2.0, 5.0, 10.0)


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0.0, 1.0, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (-3.0, 7.0, ["\u22122", "0", "2", "4", "6"]),
        (5.0, 5.0, ["5"]),
    ],
)
def test_texts(low: float, high: float, texts: list[str]) -> None:
    assert [tick.text for tick in number_ticks(low, high)] == texts


def test_growth_is_marked_by_round_factors() -> None:
    assert [t.text for t in growth_ticks(math.log(0.4), math.log(12))] == [
        "0.5 \u00d7", "1 \u00d7", "2 \u00d7", "5 \u00d7", "10 \u00d7",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "first", "form"),
    [
        (1, "01 Jan 00:00", "hours"),
        (30, "04 Jan", "days"),
        (400, "Jan 2022", "months"),
        (3000, "2022", "years"),
    ],
)
def test_times(days: int, first: str, form: str) -> None:
    ticks = time_ticks(START, START + days * DAY)
    assert ticks[0].text == first, form
    assert 3 <= len(ticks) <= 9
    assert all(START <= tick.at <= START + days * DAY for tick in ticks)
