"""When trading pauses because the world is not as usual, and when it goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.settings import BreakerSettings
from tradepulse.risk.breakers import BREAKER_CODES, Breaker, BreakerPanel, Change, Reading
from tradepulse.risk.readings import (
    Rejections,
    clock_reading,
    connection_reading,
    feed_reading,
    reach_reading,
)
from tradepulse.risk.volatility import FEWEST, volatility_changes

USUAL = BreakerSettings()


def walked(breaker: Breaker, seen: str, step_ms: int = 1_000) -> str:
    """`!` where it is open after each of `seen` (`x` bad, `.` good), a second apart."""
    told = ""
    for number, mark in enumerate(seen):
        breaker, _ = breaker.step(Reading(number * step_ms, mark == "x", "", ""))
        told += "!" if breaker.tripped_at is not None else "."
    return told


CASES: dict[str, tuple[int, int, str, str]] = {
    "at once, and at once again": (0, 0, "..x.x", "..!.!"),
    "only when it lasts": (2_000, 0, "xx.xxx.", ".....!."),
    "until it has been good for a while": (0, 2_000, "x....x", "!!!..!"),
    "a bad moment starts the calm anew": (0, 2_000, "x..x...", "!!!!!!."),
}


@pytest.mark.parametrize("case", CASES)
def test_a_breaker_trips_and_closes(case: str) -> None:
    trips, calm, seen, expected = CASES[case]
    assert walked(Breaker("stale_feed", "", trips, calm), seen) == expected


@given(st.text("x.", max_size=40), st.integers(0, 4_000), st.integers(0, 4_000))
def test_changes_are_exactly_the_steps_of_its_state(seen: str, trips: int, calm: int) -> None:
    breaker, was = Breaker("clock_skew", "c", trips, calm), False
    for number, mark in enumerate(seen):
        breaker, change = breaker.step(Reading(number * 1_000, mark == "x", "", ""))
        is_open = breaker.tripped_at is not None
        assert (change is not None) == (is_open != was)
        assert change is None or change.tripped == is_open
        was = is_open


# --- what each of them asks -----------------------------------------------------------------------
READINGS: dict[str, tuple[Reading, bool]] = {
    "a fresh feed": (feed_reading(60_000, 0, USUAL), False),
    "a silent feed": (feed_reading(60_001, 0, USUAL), True),
    "a connection": (connection_reading(0, connected=True), False),
    "no connection": (connection_reading(0, connected=False), True),
    "a clock that is right": (clock_reading(0, -1_000.0, USUAL), False),
    "one behind": (clock_reading(0, -1_001.0, USUAL), True),
    "one ahead": (clock_reading(0, 60_000.0, USUAL), True),
    "a venue": (reach_reading(0, reached=True), False),
    "none": (reach_reading(0, reached=False, found="HTTP 503"), True),
}


@pytest.mark.parametrize("case", READINGS)
def test_what_is_bad(case: str) -> None:
    reading, bad = READINGS[case]
    assert reading.bad is bad
    assert reading.expected
    assert reading.found


REJECTED: dict[str, tuple[list[tuple[int, bool | None]], bool]] = {
    "five in a row": ([(n, True) for n in range(5)], True),
    "four": ([(n, True) for n in range(4)], False),
    "one was taken between": ([(0, True), (1, True), (2, False), *[(n, True) for n in (3, 4, 5)]],
                              False),
    "five in an hour": ([(720 * n, True) for n in range(5)], False),
    "time passes": ([*[(n, True) for n in range(5)], (700, None)], False),
}  # fmt: skip


@pytest.mark.parametrize("case", REJECTED)
def test_repeated_rejections(case: str) -> None:
    answers, bad = REJECTED[case]
    row, reading = Rejections(), Reading(0, False, "", "")
    for second, rejected in answers:
        row, reading = row.answered(second * 1_000, USUAL, rejected=rejected)
    assert reading.bad is bad


def test_a_panel_knows_what_is_open_where() -> None:
    panel, change = BreakerPanel().step("stale_feed", "BTC", feed_reading(90_000, 0, USUAL))
    assert change == Change(
        "stale_feed", "BTC", True, 90_000, "a message within 60 s", "none for 90.0"
    )
    panel, _ = panel.step("exchange_outage", "here", reach_reading(90_000, reached=False))
    assert panel.tripped(["BTC", "here"]) == ("stale_feed",)
    panel, _ = panel.step("exchange_outage", "here", reach_reading(120_000, reached=False))
    assert panel.tripped(["BTC", "here"]) == ("stale_feed", "exchange_outage")
    assert panel.tripped(["ETH"]) == ()
    panel, _ = panel.step("stale_feed", "BTC", feed_reading(121_000, 121_000, USUAL))
    panel, change = panel.step("stale_feed", "BTC", feed_reading(131_000, 131_000, USUAL))
    assert change is not None
    assert (change.tripped, change.open_ms) == (False, 41_000)
    assert panel.tripped(["BTC", "here"]) == ("exchange_outage",)
    assert {"stale_feed", "exchange_outage"} <= BREAKER_CODES


# --- abnormal volatility --------------------------------------------------------------------------
def minutes(moves_bps: list[float], gap_at: int | None = None) -> BarSeries:
    """Bars whose closes move by these basis points, one a minute; one is missing at `gap_at`."""
    close = 100.0 * np.exp(np.cumsum(moves_bps) / 1e4)
    times = MINUTE_MS * np.arange(len(close), dtype=np.int64)
    if gap_at is not None:
        times[gap_at:] += MINUTE_MS
    return BarSeries(times, close, close, close, close, np.ones(len(close)), MINUTE_MS)


CALM = [30.0, -30.0] * 400
SHAKEN: dict[str, tuple[BarSeries, int]] = {
    "eight times and more": (minutes([*CALM, 241.0]), 1),
    "eight times": (minutes([*CALM, 239.0]), 0),
    "down is as abnormal": (minutes([*CALM, -241.0]), 1),
    "in a quiet market the floor decides": (minutes([1.0, -1.0] * 400 + [199.0]), 0),
    "beyond the floor": (minutes([1.0, -1.0] * 400 + [201.0]), 1),
    "over a gap it is no minute": (minutes([*CALM, 900.0], gap_at=800), 0),
    "nothing is usual yet": (minutes([30.0] * (FEWEST - 1) + [900.0]), 0),
    "one episode": (minutes([*CALM, 300.0, *CALM[:60], -300.0]), 1),
}


@pytest.mark.parametrize("case", SHAKEN)
def test_abnormal_minutes(case: str) -> None:
    bars, trips = SHAKEN[case]
    assert sum(change.tripped for change in volatility_changes(bars, USUAL)) == trips


@pytest.fixture(scope="module", params=["BTCUSDT", "ETHUSDT"])
def symbol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def days(path: Path, start: str | None = None) -> list[str]:
    """The days on which the breaker trips over a file of one-minute bars."""
    frame = pl.read_parquet(path)
    if start is not None:
        frame = frame.filter(pl.col("ts") >= pl.lit(start).str.to_datetime().dt.epoch("ms"))
    bars = BarSeries(frame["ts"].to_numpy(), *(frame[c].to_numpy() for c in "ohlcv"), MINUTE_MS)
    trips = [change.time_ms for change in volatility_changes(bars, USUAL) if change.tripped]
    return pl.Series(trips, dtype=pl.Int64).cast(pl.Datetime("ms")).dt.date().cast(str).to_list()


def test_the_fifth_of_august_2024_trips_it(shared: Path, symbol: str) -> None:
    assert "2024-08-05" in days(shared / f"data/bars/binance_aug2024/{symbol}/1m.parquet")


def test_june_2025_trips_it_at_most_once(shared: Path, symbol: str) -> None:
    found = days(shared / f"data/bars/binance/{symbol}/1m.parquet", "2025-05-31")
    assert found == ([] if symbol == "BTCUSDT" else ["2025-06-21"])
