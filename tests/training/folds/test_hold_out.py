"""The hold-out: the newest share, from a midnight on, apart from what is searched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.interval import DAY_MS, HOUR_MS
from tradepulse.training.folds.hold_out import split_hold_out

START = 19_700 * DAY_MS


def hourly(count: int, start: int = START, step: int = 1) -> BarSeries:
    ones = np.ones(count)
    times = start + np.arange(count, dtype=np.int64) * step * HOUR_MS
    return BarSeries(times, ones, ones, ones, ones, ones, HOUR_MS * step)


@given(
    st.integers(240, 5000), st.integers(0, 23), st.floats(0.1, 0.6), st.integers(0, 60),
    st.sampled_from([1, 4, 24]),
)  # fmt: skip
def test_the_newest_share_is_cut_off_at_midnight(
    count: int, offset: int, share: float, purge: int, step: int
) -> None:
    bars = hourly(count, START + offset * HOUR_MS, step)
    if count * step * min(share, 1.0 - share) < 96 + purge:
        return
    development, hold_out = split_hold_out(bars, share, purge * HOUR_MS)
    assert development.start_ms == bars.open_time[0]
    assert hold_out.end_ms == bars.open_time[-1] + bars.interval_ms
    assert development.end_ms + purge * HOUR_MS <= hold_out.start_ms
    assert hold_out.start_ms - development.end_ms - purge * HOUR_MS < DAY_MS
    assert development.end_ms % DAY_MS == hold_out.start_ms % DAY_MS == 0
    held = len(bars.between(hold_out.start_ms, hold_out.end_ms))
    # Rounding down to midnight holds out up to a day more than the share, never less.
    assert share * count <= held + 1
    assert held * step <= share * count * step + 25


def test_a_longer_purge_does_not_move_the_hold_out() -> None:
    bars = hourly(5000)
    short, long = (split_hold_out(bars, 0.25, hours * HOUR_MS) for hours in (0, 300))
    assert short[1] == long[1]
    assert long[0].end_ms == short[0].end_ms - 13 * DAY_MS


@pytest.mark.parametrize("count", [0, 20, 47])
def test_too_little_to_hold_out(count: int) -> None:
    with pytest.raises(RefusedError) as caught:
        split_hold_out(hourly(count))
    assert caught.value.code == "too_little_data"


@pytest.mark.parametrize(("share", "purge"), [(0.0, 0), (1.0, 0), (0.25, -1), (float("nan"), 0)])
def test_what_is_no_hold_out(share: float, purge: int) -> None:
    with pytest.raises(UsageError) as caught:
        split_hold_out(hourly(5000), share, purge)
    assert caught.value.code == "bad_value"
