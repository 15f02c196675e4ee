"""The audit names what is odd, in real bars too, and stays quiet about what is merely wild."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from conformance.made_bars import HOUR, START, made_bars
from tradepulse.domain.bars import BarSeries
from tradepulse.marketdata.audit import Finding, audit
from tradepulse.marketdata.gaps import find_gaps
from tradepulse.marketdata.validate import as_bar_series, describe_time


def real(shared: Path, file: str) -> BarSeries:
    return as_bar_series(pl.read_parquet(shared / "data" / "bars" / f"{file}.parquet"))


def kinds(findings: list[Finding]) -> list[str]:
    return [finding.kind for finding in findings]


def at(bars: BarSeries, **values: tuple[int, float]) -> BarSeries:
    columns = {name: getattr(bars, name).copy() for name in values}
    for name, (row, value) in values.items():
        columns[name][row] = value
    return replace(bars, **columns)


BARS = made_bars(200)
PLANTED: dict[str, tuple[BarSeries, str, int, int]] = {
    "repeated": (
        at(BARS, open_time=(50, START + 49 * HOUR)), "duplicate_time", 1, START + 49 * HOUR,
    ),
    "disordered": (at(BARS, open_time=(50, START + 10)), "unsorted", 1, START + 10),
    "off the grid": (
        at(BARS, open_time=(50, START + 50 * HOUR + 5)), "misaligned_time", 1,
        START + 50 * HOUR + 5,
    ),
    "hole": (made_bars(200, without=(60, 61)), "gap", 1, START + 60 * HOUR),
    "missing number": (at(BARS, close=(50, np.nan)), "nan_values", 1, START + 50 * HOUR),
    "impossible": (at(BARS, high=(50, 1.0)), "impossible_bar", 1, START + 50 * HOUR),
    "wick": (at(BARS, low=(50, 0.01)), "outlier", 1, START + 50 * HOUR),
    "spike": (at(BARS, high=(50, 1e4)), "outlier", 1, START + 50 * HOUR),
    "spike on the close": (
        at(BARS, high=(50, 1e4), close=(50, 1e4)), "outlier", 1, START + 50 * HOUR,
    ),
    "dead feed": (
        replace(BARS, volume=np.where(np.arange(200) // 4 == 12, 0.0, BARS.volume)),
        "zero_volume", 1, START + 48 * HOUR,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PLANTED)
def test_a_planted_oddity_is_named_with_its_time(case: str) -> None:
    bars, kind, count, time = PLANTED[case]
    findings = {finding.kind: finding for finding in audit(bars)}
    assert kind in findings
    assert findings[kind].count == count
    assert time in [place.time for place in findings[kind].places]


def test_good_bars_have_no_findings() -> None:
    assert audit(BARS) == []


def test_a_level_that_moves_and_stays_is_no_outlier() -> None:
    factor = np.where(np.arange(200) < 100, 1.0, 10.0)
    prices: Any = {n: getattr(BARS, n) * factor for n in ("open", "high", "low", "close")}
    assert kinds(audit(replace(BARS, **prices))) == []


def test_mark_prices_have_no_volume_to_miss() -> None:
    assert audit(replace(BARS, volume=np.zeros(200)), volumes=False) == []


def test_the_audit_changes_nothing() -> None:
    bars = at(BARS, low=(50, 0.01))
    before = bars.fingerprint
    audit(bars)
    assert replace(bars).fingerprint == before


def test_gaps_are_counted() -> None:
    gaps = find_gaps(made_bars(30, without=(3, 10, 11, 12, 20)).open_time, HOUR)
    assert (gaps.count, gaps.total, gaps.longest) == (3, 5, 3)
    assert gaps.longest_after == START + 9 * HOUR
    none = find_gaps(made_bars(1).open_time, HOUR)
    assert (none.count, none.total, none.longest, none.longest_after) == (0, 0, 0, None)


REAL_OUTLIERS = [
    ("binance/LINKUSDT/1d", "2020-03-12 00:00", "low 0.0001"),
    ("binance/LINKUSDT/4h", "2020-03-12 08:00", "low 0.0001"),
    # One hundredth of the price around it: 1.00 where the market was at 86.
    ("bitfinex/BTCUSD/1d", "2013-07-01 00:00", "low 1 "),
    ("bitfinex/BTCUSD/1h", "2013-07-01 18:00", "low 1 "),
]


@pytest.mark.parametrize(("file", "time", "price"), REAL_OUTLIERS)
def test_known_bad_prints_are_the_gravest_outliers(
    shared: Path, file: str, time: str, price: str
) -> None:
    (outliers,) = [f for f in audit(real(shared, file)) if f.kind == "outlier"]
    assert describe_time(outliers.places[0].time) == time
    assert outliers.places[0].text.startswith(price)


def test_the_hole_of_dogeusdt_is_measured(shared: Path) -> None:
    (finding,) = audit(real(shared, "binance/DOGEUSDT/5m"))
    assert finding.kind == "gap"
    assert "33,092 bars missing" in finding.message
    assert finding.places[0].text == "33,092 bars missing until 2024-12-31 00:00"


QUIET = [
    "binance/BTCUSDT/1m", "binance/ETHUSDT/1m", "binance/SOLUSDT/1d", "binance/SOLUSDT/4h",
    "binance_aug2024/BTCUSDT/1m", "binanceusdm/DOGEUSDT/1m", "binanceusdm/ETHUSDT/1h",
]  # fmt: skip


@pytest.mark.parametrize("file", QUIET)
def test_real_markets_however_wild_are_not_accused(shared: Path, file: str) -> None:
    assert audit(real(shared, file)) == []


def test_crashes_are_not_bad_prints(shared: Path) -> None:
    """2020-03-12, 2021-05-19 and 2022-11-09 are in these, and no outlier is."""
    for symbol in ("BTC", "ETH", "BNB", "XRP", "ADA", "TRX", "DOGE"):
        for interval in ("1d", "4h"):
            assert "outlier" not in kinds(audit(real(shared, f"binance/{symbol}USDT/{interval}")))
