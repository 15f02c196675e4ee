"""A funding rate is known at its settlement: not a bar earlier, and not for ever after."""

from __future__ import annotations

import numpy as np
import pytest

from conformance.made_bars import HOUR, MINUTE, START, made_bars
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.funding import FundingSeries
from tradepulse.marketdata.funding_column import STALE_MS, with_funding_rate, with_inputs
from tradepulse.marketdata.resample import resample

NAN = float("nan")


def series(*stamps: tuple[int, float]) -> FundingSeries:
    times, rates = zip(*stamps, strict=True)
    return FundingSeries(np.array(times, np.int64), np.array(rates, float))


# Bars open at START and every hour after it; a bar knows what was settled before it closed.
JOINS = [
    ("before the bars", [(START - HOUR, 1.0)], [1.0, 1.0, 1.0, 1.0]),
    ("inside the second bar", [(START + HOUR + MINUTE, 1.0)], [NAN, 1.0, 1.0, 1.0]),
    ("at the second bar's open", [(START + HOUR, 1.0)], [NAN, 1.0, 1.0, 1.0]),
    ("a venue's few milliseconds late", [(START + HOUR + 7, 1.0)], [NAN, 1.0, 1.0, 1.0]),
    ("one millisecond before the close", [(START + HOUR - 1, 1.0)], [1.0, 1.0, 1.0, 1.0]),
    ("after the bars", [(START + 4 * HOUR, 1.0)], [NAN, NAN, NAN, NAN]),
    ("two in turn", [(START - HOUR, 1.0), (START + 2 * HOUR, 2.0)], [1.0, 1.0, 2.0, 2.0]),
    ("two in one bar", [(START, 1.0), (START + MINUTE, 2.0)], [2.0, 2.0, 2.0, 2.0]),
    ("a day old at the third close", [(START + 3 * HOUR - STALE_MS, 1.0)], [1.0, 1.0, 1.0, NAN]),
    ("none at all", [], [NAN, NAN, NAN, NAN]),
]


@pytest.mark.parametrize(("what", "stamps", "expected"), JOINS, ids=[row[0] for row in JOINS])
def test_a_rate_is_known_from_its_settlement_on(
    what: str, stamps: list[tuple[int, float]], expected: list[float]
) -> None:
    funding = series(*stamps) if stamps else FundingSeries(np.empty(0, np.int64), np.empty(0))
    joined = with_funding_rate(made_bars(4), funding)
    np.testing.assert_array_equal(joined.columns["funding_rate"], expected, what)


def test_no_bar_knows_a_later_settlement() -> None:
    bars, random = made_bars(500), np.random.default_rng(2)
    times = np.sort(random.choice(500 * HOUR, 80, replace=False)) + START
    funding = FundingSeries(times, random.normal(0.0, 1.0, 80))
    whole = with_funding_rate(bars, funding).columns["funding_rate"]
    for row in range(0, 500, 7):
        known = funding.between(None, int(bars.open_time[row]) + HOUR)
        part = with_funding_rate(bars.slice(0, row + 1), known).columns["funding_rate"]
        np.testing.assert_array_equal(part, whole[: row + 1])


def test_joining_before_and_after_resampling_is_the_same() -> None:
    minutes = made_bars(60 * 24, interval_ms=MINUTE, start=START)
    funding = series(*[(START + k * 8 * HOUR + 5, float(k)) for k in range(-1, 3)])
    first = resample(with_funding_rate(minutes, funding), "1h")
    then = with_funding_rate(resample(minutes, "1h"), funding)
    np.testing.assert_array_equal(first.columns["funding_rate"], then.columns["funding_rate"])


def test_only_who_reads_it_gets_the_column() -> None:
    bars, funding = made_bars(4), series((START, 1.0))
    assert with_inputs(bars, (), funding) is bars
    assert with_inputs(bars, ("score",), None) is bars
    joined = with_inputs(bars, ("funding_rate", "score"), funding)
    assert list(joined.columns) == ["funding_rate"]
    assert with_inputs(joined, ("funding_rate",), None) is joined  # the user's own


def test_reading_what_is_not_kept_is_refused_with_a_way_out() -> None:
    with pytest.raises(TradePulseError) as caught:
        with_inputs(made_bars(4), ("funding_rate",), None)
    assert caught.value.code == "unknown_column"
    assert "data import" in str(caught.value.hint)
