"""The venue's time: a real venue's is ours with an offset, a replay's runs as it likes."""

from __future__ import annotations

import pytest

from tradepulse.exchanges.market_clock import MarketClock

WALL = 1_800_000_000_000.0
OLD = 1_700_000_000_000.0


class Time:
    """Our two clocks, going by together."""

    def __init__(self) -> None:
        self.passed = 5_000.0

    def mono(self) -> float:
        return self.passed

    def wall(self) -> float:
        return WALL + self.passed


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def clock(time: Time) -> MarketClock:
    return MarketClock(time.mono, time.wall)


def look(clock: MarketClock, time: Time, market: float, trip_ms: float = 40.0) -> None:
    asked = time.passed
    time.passed += trip_ms
    clock.observe(market, asked, time.passed)


@pytest.mark.parametrize("skew", [-60_000, -1_500, 0, 1_500, 60_000])
def test_a_real_venue_is_an_offset_away(clock: MarketClock, time: Time, skew: int) -> None:
    look(clock, time, time.wall() + 20.0 - skew)
    time.passed += 30_000
    assert clock.now() == pytest.approx(time.wall() - skew, abs=2)
    assert clock.skew_ms == pytest.approx(skew, abs=2)
    assert clock.is_live
    assert clock.signing_ms() == clock.now()


@pytest.mark.parametrize("rate", [0.0, 1.0, 60.0, 3600.0])
def test_a_replay_runs_at_its_own_speed(clock: MarketClock, time: Time, rate: float) -> None:
    look(clock, time, OLD)
    time.passed += 460.0
    look(clock, time, OLD + 500.0 * rate)
    time.passed += 980.0
    assert clock.now() == pytest.approx(OLD + 1_500.0 * rate, abs=2 * max(rate, 1.0))
    assert clock.skew_ms == 0
    assert not clock.is_live


def test_a_replay_is_not_carried_on_for_ever(clock: MarketClock, time: Time) -> None:
    look(clock, time, OLD)
    time.passed += 3_600_000
    assert clock.now() <= OLD + 16_000


def test_an_event_moves_a_replay_forward_only(clock: MarketClock, time: Time) -> None:
    look(clock, time, OLD)
    clock.hint(OLD + 60_000)
    assert clock.now() == pytest.approx(OLD + 60_000, abs=1)
    clock.hint(OLD)
    assert clock.now() == pytest.approx(OLD + 60_000, abs=1)


def test_a_replay_is_signed_with_our_time_until_it_refuses_that(
    clock: MarketClock, time: Time
) -> None:
    look(clock, time, OLD)
    assert clock.signing_ms() == pytest.approx(time.wall(), abs=1)
    clock.refused()
    assert clock.signing_ms() == clock.now()


def test_a_real_venue_that_refused_is_only_looked_at_again(
    clock: MarketClock, time: Time
) -> None:  # fmt: skip
    look(clock, time, time.wall())
    clock.refused()
    look(clock, time, time.wall() - 60_000)
    assert clock.signing_ms() == pytest.approx(time.wall() - 60_000, abs=100)
