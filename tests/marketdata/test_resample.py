"""Resampling: closed bars only, on the grid, Monday weeks, nothing from the future."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.made_bars import DAY, HOUR, MINUTE, made_bars, rows_of
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import UsageError
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.resample import resample

MIDNIGHT = 1_706_659_200_000  # 2024-01-31 00:00 UTC, a Wednesday


def slowly(bars: BarSeries, interval: Interval) -> list[tuple[float, ...]]:
    """The same from its definition, a bucket at a time."""
    buckets: dict[int, list[tuple[float, ...]]] = {}
    for row in rows_of(bars):
        buckets.setdefault(interval.floor(int(row[0])), []).append(row)
    end = int(bars.open_time[-1]) + bars.interval_ms if len(bars) else 0
    begin = int(bars.open_time[0]) if len(bars) else 0
    return [
        (opened, rows[0][1], max(r[2] for r in rows), min(r[3] for r in rows), rows[-1][4],
         sum(r[5] for r in rows))
        for opened, rows in buckets.items()
        if opened >= begin and opened + interval.ms <= end
    ]  # fmt: skip


CASES = {
    "whole hours": (made_bars(120, interval_ms=MINUTE, start=MIDNIGHT), "1h", 2),
    "a leading part is dropped": (
        made_bars(120, interval_ms=MINUTE, start=MIDNIGHT + 7 * MINUTE), "1h", 1,
    ),
    "a trailing part is dropped": (made_bars(119, interval_ms=MINUTE, start=MIDNIGHT), "1h", 1),
    "both parts": (made_bars(100, interval_ms=MINUTE, start=MIDNIGHT + MINUTE), "1h", 0),
    "a hole inside": (
        made_bars(180, interval_ms=MINUTE, start=MIDNIGHT, without=tuple(range(70, 100))), "1h", 3,
    ),
    "a bucket that is all hole": (
        made_bars(180, interval_ms=MINUTE, start=MIDNIGHT, without=tuple(range(60, 120))), "1h", 2,
    ),
    "weeks from Monday": (made_bars(24, interval_ms=DAY, start=MIDNIGHT), "1w", 2),
    "three hours of four": (made_bars(48, interval_ms=HOUR, start=MIDNIGHT), "4h", 12),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_buckets_are_closed_bars_of_the_grid(case: str) -> None:
    bars, interval, count = CASES[case]
    higher = resample(bars, interval)
    assert len(higher) == count
    assert higher.interval_ms == Interval.parse(interval).ms
    assert np.allclose(
        rows_of(higher) or 0, slowly(bars, Interval.parse(interval)) or 0, rtol=1e-12
    )


def test_weeks_open_on_monday() -> None:
    weeks = resample(made_bars(24, interval_ms=DAY, start=MIDNIGHT), "1w")
    days = weeks.open_time.astype("datetime64[ms]").astype("datetime64[D]").astype(str)
    assert days.tolist() == ["2024-02-05", "2024-02-12"]


@given(
    st.integers(1, 300), st.integers(0, 90), st.sets(st.integers(0, 299), max_size=80),
    st.sampled_from(["5m", "15m", "1h"]),
)  # fmt: skip
def test_any_series_equals_its_definition(
    count: int, offset: int, without: set[int], interval: str
) -> None:
    start = MIDNIGHT + offset * MINUTE
    bars = made_bars(count, interval_ms=MINUTE, start=start, without=tuple(without))
    expected = slowly(bars, Interval.parse(interval))
    got = rows_of(resample(bars, interval))
    assert len(got) == len(expected)
    assert np.allclose(got or 0, expected or 0, rtol=1e-12)


@given(st.integers(1, 200))
def test_later_bars_never_change_a_closed_one(known: int) -> None:
    bars = made_bars(200, interval_ms=MINUTE, start=MIDNIGHT)
    early, late = resample(bars.slice(0, known), "15m"), resample(bars, "15m")
    assert rows_of(early) == rows_of(late)[: len(early)]


def test_named_columns_keep_their_last_value() -> None:
    bars = made_bars(120, interval_ms=MINUTE, start=MIDNIGHT)
    bars = replace(bars, columns={"score": np.arange(120.0)})
    assert resample(bars, "1h").columns["score"].tolist() == [59.0, 119.0]


@pytest.mark.parametrize("interval", ["90m", "30m", "1s"])
def test_only_multiples(interval: str) -> None:
    with pytest.raises(UsageError, match="cannot be made"):
        resample(made_bars(10), interval)


def test_the_same_interval_is_the_same_bars() -> None:
    bars = made_bars(10)
    assert resample(bars, "1h") is bars
