"""Equity against midnight and peak; transfers move neither loss nor drawdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.interval import DAY_MS, HOUR_MS
from tradepulse.risk.equity_track import EquityTrack

NOON = 5 * DAY_MS + 12 * HOUR_MS


def test_a_day_starts_with_the_last_mark_of_the_day_before() -> None:
    track = EquityTrack.started(1_000.0, NOON).marked(1_100.0, NOON + HOUR_MS)
    assert (track.daily_loss_pct, track.drawdown_pct) == (0.0, 0.0)
    track = track.marked(1_045.0, NOON + 13 * HOUR_MS)
    assert track.day_start == 1_100.0
    assert track.daily_loss_pct == pytest.approx(5.0)
    assert track.drawdown_pct == pytest.approx(5.0)
    track = track.marked(1_045.0, NOON + 37 * HOUR_MS)
    assert track.daily_loss_pct == 0.0
    assert track.drawdown_pct == pytest.approx(5.0)


def test_a_clock_that_goes_back_starts_no_day() -> None:
    track = EquityTrack.started(1_000.0, NOON).marked(900.0, NOON - 3 * DAY_MS)
    assert track.daily_loss_pct == pytest.approx(10.0)


def test_nothing_left_is_all_lost() -> None:
    track = EquityTrack.started(1_000.0, NOON).marked(-5.0, NOON)
    assert (track.daily_loss_pct, track.drawdown_pct) == (100.0, 100.0)
    refilled = track.transferred(500.0)
    assert (refilled.equity, refilled.day_start, refilled.peak) == (495.0, 495.0, 495.0)


worth = st.floats(10.0, 1e6)


@given(worth, worth, worth, st.floats(-0.9, 9.0))
def test_transfers_move_neither_loss_nor_drawdown(
    equity: float, start: float, peak: float, share: float
) -> None:
    before = EquityTrack(equity, 5, start, max(peak, start, equity))
    after = before.transferred(share * equity)
    assert after.equity == pytest.approx(equity * (1.0 + share))
    assert after.daily_loss_pct == pytest.approx(before.daily_loss_pct, abs=1e-6)
    assert after.drawdown_pct == pytest.approx(before.drawdown_pct, abs=1e-6)


@given(worth, st.integers(0, 10**12), worth)
def test_a_track_survives_json(equity: float, now: int, later: float) -> None:
    track = EquityTrack.started(equity, now).marked(later, now + DAY_MS)
    assert EquityTrack.from_json(track.as_json()) == track
