"""Numbers and times as the pages write them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.pages import figures as f

MINUS, THIN = "\u2212", "\u202f"


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        (f.decimal, 1234.5, "1,234.50"),
        (f.decimal, -1234.5, f"{MINUS}1,234.50"),
        (f.decimal, -0.001, "0.00"),
        (f.decimal, None, f.MISSING),
        (f.decimal, math.nan, f.MISSING),
        (f.decimal, math.inf, f.MISSING),
        (lambda v: f.decimal(v, sign=True), 2, "+2.00"),
        (lambda v: f.decimal(v, sign=True), 0.0, "0.00"),
        (f.percent, 0.1234, f"12.34{THIN}%"),
        (lambda v: f.percent(v, 0), 1.0, f"100{THIN}%"),
        (f.count, 1234567, "1,234,567"),
        (f.probability, 0.95, "0.95"),
        (f.probability, 0.9991, "0.9991"),
        (f.p_value, 0.0001, "< 0.001"),
        (f.p_value, 0.0361, "0.036"),
        (f.price, 64250.1, "64,250.10"),
        (f.price, 1.23456789, "1.23457"),
        (f.price, 0.000012345678, "0.0000123457"),
        (f.price, 0.0, "0.00000"),
        (f.quantity, 25.1, "25.1"),
        (f.quantity, 100, "100"),
        (f.plain, True, "yes"),
        (f.plain, 0.30000000000000004, "0.3"),
        (f.plain, None, f.MISSING),
        (f.plain, "spot", "spot"),
        (f.day, 1_706_745_300_000, "2024-01-31"),
        (f.minute, 1_706_745_300_000, "2024-01-31 23:55"),
        (f.minute, None, f.MISSING),
        (f.duration, 1, "1 day"),
        (f.duration, 45.4, "45 days"),
        (f.duration, 730, "2.0 years"),
        (f.tone, -0.1, "neg"),
        (f.tone, 0, None),
    ],
)
def test_forms(form: Callable[[Any], str | None], value: Any, text: str | None) -> None:
    assert form(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_a_written_number_reads_back(value: float) -> None:
    text = f.decimal(value, 2).replace(",", "").replace(MINUS, "-")
    assert float(text) == pytest.approx(value, abs=0.005 + abs(value) * 1e-12)
