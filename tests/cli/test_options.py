"""How the texts of shared options are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.cli.options import (
    read_grid,
    read_pairs,
    read_parameters,
    read_timerange,
    read_value,
    required,
)
from tradepulse.domain.errors import UsageError

DAY = 86_400_000
JANUARY = 1_704_067_200_000  # 2024-01-01


def check_refused(read: Callable[..., Any], given_text: Any, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(given_text)
    assert caught.value.code == code
    assert caught.value.expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20240101-20240201", (JANUARY, JANUARY + 31 * DAY)),
        ("20240101-", (JANUARY, None)),
        ("-20240101", (None, JANUARY)),
        ("-", (None, None)),
        ("1704067200-1704153600", (JANUARY, JANUARY + DAY)),
        ("1704067200000-20240102", (JANUARY, JANUARY + DAY)),
        (None, (None, None)),
    ],
)
def test_timerange(text: str | None, expected: tuple[int | None, int | None]) -> None:
    assert read_timerange(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("20240201-20240101", "inverted_range"),
        ("20240101-20240101", "inverted_range"),
        ("2024-01-01", "bad_timerange"),
        ("20241301-", "bad_timerange"),
        ("yesterday", "bad_timerange"),
        ("20240101", "bad_timerange"),
        ("", "bad_timerange"),
    ],
)
def test_timerange_refused(text: str, code: str) -> None:
    check_refused(read_timerange, text, code)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", 12), ("-3", -3), ("0.5", 0.5), ("1e3", 1000.0), ("true", True), ("False", False),
        ("close", "close"), (" 7 ", 7),
    ],
)  # fmt: skip
def test_value(text: str, expected: object) -> None:
    value = read_value(text)
    assert (value, type(value)) == (expected, type(expected))


@given(st.integers(-(10**12), 10**12) | st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_reads_back(number: float) -> None:
    assert read_value(repr(number)) == number


def test_parameters() -> None:
    assert read_parameters(["fast=12", "stop-atr=2.5", "mode=a=b"]) == {
        "fast": 12, "stop_atr": 2.5, "mode": "a=b",
    }  # fmt: skip
    assert read_parameters(None) == {}


@pytest.mark.parametrize("text", ["fast", "=3", "fast=", ""])
def test_parameter_refused(text: str) -> None:
    check_refused(read_parameters, [text], "bad_parameter")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("n=5:20:5", [5, 10, 15, 20]),
        ("n=5:21:5", [5, 10, 15, 20]),
        ("n=1:3", [1, 2, 3]),
        ("n=7:7", [7]),
        ("n=0.1:0.3:0.1", [0.1, 0.2, 0.3]),
        ("n=2,3,5", [2, 3, 5]),
        ("n=1.5", [1.5]),
        ("n=true,false", [True, False]),
    ],
)
def test_grid(text: str, expected: list[object]) -> None:
    assert read_grid([text]) == {"n": expected}


@pytest.mark.parametrize(
    "text", ["n=5:1:1", "n=1:5:0", "n=1:5:-1", "n=1:2:3:4", "n=a:b", "n=1:inf", "n=nan:3", "n"]
)
def test_grid_refused(text: str) -> None:
    check_refused(read_grid, [text], "bad_grid")


@given(st.integers(-50, 50), st.integers(0, 200), st.integers(1, 9))
def test_grid_is_the_range_with_its_end(low: int, width: int, step: int) -> None:
    values = read_grid([f"n={low}:{low + width}:{step}"])["n"]
    assert values == list(range(low, low + width + 1, step))


def test_pairs_keep_their_order_and_lose_repeats() -> None:
    texts = ["ETHUSDT,BTC/USDT", "BTC-USDT", "XBTUSD", "BTCUSDT-PERP"]
    assert [str(pair) for pair in read_pairs(texts)] == [
        "ETH/USDT", "BTC/USDT", "BTC/USD", "BTC/USDT:USDT",
    ]  # fmt: skip
    assert read_pairs(None) == []


def test_pair_refused() -> None:
    check_refused(read_pairs, ["nonsense"], "unknown_pair")


def test_required_names_everything_that_is_missing() -> None:
    required({"--strategy": "x", "--fee": 0.0})
    with pytest.raises(UsageError) as caught:
        required({"--strategy": None, "--pairs": [], "--interval": "5m"})
    assert caught.value.code == "missing_option"
    assert caught.value.expected == "--strategy and --pairs"
