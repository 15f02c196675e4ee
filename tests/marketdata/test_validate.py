"""The door: which tables become bars, which are refused, and by which code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.made_bars import DAY, HOUR, MINUTE, START, columns_of, made_bars, rows_of
from tradepulse.domain.errors import DataError, UsageError
from tradepulse.domain.interval import WEEK_MS, WEEK_ORIGIN_MS
from tradepulse.marketdata.validate import as_bar_series, check_bars, modal_spacing_ms

BARS = made_bars(30)
LONG = columns_of(BARS)
SHORT = dict(zip(("ts", "o", "h", "l", "c", "v"), LONG.values(), strict=True))


def with_time_zone(columns: Mapping[str, Any]) -> pd.DataFrame:
    times = pd.to_datetime(columns["open_time"], unit="ms", utc=True)
    return pd.DataFrame({**columns, "open_time": times.tz_convert("Asia/Tokyo")})


SHAPES: dict[str, Any] = {
    "mapping, long": LONG,
    "mapping, short": SHORT,
    "mapping of lists": {name: column.tolist() for name, column in LONG.items()},
    "long and short mixed": {**{k: v for k, v in LONG.items() if k != "close"}, "c": LONG["close"]},
    "Polars": pl.DataFrame(LONG),
    "Polars in pieces": pl.concat(
        [pl.DataFrame(LONG)[:11], pl.DataFrame(LONG)[11:]], rechunk=False
    ),
    "Polars with datetimes": pl.DataFrame(LONG).with_columns(pl.from_epoch("open_time", "ms")),
    "pandas": pd.DataFrame(SHORT),
    "pandas with time zone": with_time_zone(LONG),
    "columns in another order": dict(reversed(LONG.items())),
    "whole times as floats": {**LONG, "open_time": LONG["open_time"].astype(float)},
    "a BarSeries": BARS,
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_bars(shape: str) -> None:
    bars = as_bar_series(SHAPES[shape])
    assert bars.fingerprint == BARS.fingerprint
    assert bars.open_time.dtype == np.int64
    assert bars.close.dtype == np.float64


@pytest.mark.parametrize("shape", ["mapping, long", "Polars", "pandas"])
def test_arrays_are_writable_to_the_compiler_and_not_copied(shape: str) -> None:
    source = SHAPES[shape]
    column = next(source[name] for name in ("close", "c") if name in source)
    bars = as_bar_series(source)
    assert bars.close.flags.writeable
    assert bars.close.flags.c_contiguous
    held = column.to_numpy() if hasattr(column, "to_numpy") else column
    assert np.shares_memory(bars.close, held)


def test_lent_memory_outlives_its_frame() -> None:
    bars = as_bar_series(pl.DataFrame(LONG))
    assert bars.close.sum() == LONG["close"].sum()


def test_further_columns_are_kept_and_may_be_unknown_in_places() -> None:
    score = np.where(np.arange(30) < 5, np.nan, 1.5)
    bars = as_bar_series({**SHORT, "score": score, "count": np.arange(30)})
    assert set(bars.columns) == {"score", "count"}
    assert np.array_equal(bars.columns["score"], score, equal_nan=True)
    assert bars.columns["count"].dtype == np.float64


@pytest.mark.parametrize("interval_ms", [1000, MINUTE, 5 * MINUTE, HOUR, DAY])
@pytest.mark.parametrize("without", [(), (3,), (1, 2, 3), tuple(range(1, 30, 7))])
def test_the_interval_is_the_commonest_spacing(interval_ms: int, without: tuple[int, ...]) -> None:
    start = START // DAY * DAY
    bars = made_bars(30, interval_ms=interval_ms, start=start, without=without)
    assert as_bar_series(columns_of(bars)).interval_ms == interval_ms


def test_weeks_open_on_monday() -> None:
    bars = made_bars(12, interval_ms=WEEK_MS, start=WEEK_ORIGIN_MS + 2000 * WEEK_MS)
    assert as_bar_series(columns_of(bars)).interval_ms == WEEK_MS
    with pytest.raises(DataError, match="1w grid"):
        as_bar_series({**columns_of(bars), "open_time": bars.open_time + DAY})


def changed(**columns: Any) -> dict[str, Any]:
    return {**LONG, **columns}


def at(name: str, row: int, value: float) -> dict[str, Any]:
    column = LONG[name].copy()
    column[row] = value
    return changed(**{name: column})


REFUSED: dict[str, tuple[Callable[[], Any], str, str]] = {
    "no rows": (lambda: {k: v[:0] for k, v in LONG.items()}, "empty", "none"),
    "no volume": (
        lambda: {k: v for k, v in LONG.items() if k != "volume"}, "unknown_column", "close",
    ),
    "a misspelt column": (
        lambda: {("clsoe" if k == "close" else k): v for k, v in LONG.items()},
        "unknown_column", "clsoe",
    ),
    "a list": (lambda: [1, 2, 3], "unknown_column", "list"),
    "text in a price": (lambda: changed(open=["x"] * 30), "unknown_column", "<U1"),
    "text in a further column": (lambda: changed(note=["x"] * 30), "unknown_column", "<U1"),
    "columns of unlike length": (lambda: changed(close=LONG["close"][:9]), "length_mismatch", "9"),
    "a missing close": (lambda: at("close", 7, np.nan), "nan_values", "nan"),
    "an infinite high": (lambda: at("high", 7, np.inf), "nan_values", "inf"),
    "a missing volume": (lambda: at("volume", 7, np.nan), "nan_values", "nan"),
    "a missing price in Polars": (
        lambda: pl.DataFrame(LONG).with_columns(
            pl.when(pl.int_range(30) == 7).then(None).otherwise(pl.col("low")).alias("low")
        ), "nan_values", "nan",
    ),
    "a missing time in Polars": (
        lambda: pl.DataFrame(LONG).with_columns(
            pl.when(pl.int_range(30) == 7).then(None).otherwise("open_time").alias("open_time")
        ), "nan_values", "nan",
    ),
    "a missing datetime": (
        lambda: changed(open_time=np.array(["NaT"] * 30, "datetime64[ms]")), "nan_values", "row 0",
    ),
    "a time repeated next to itself": (
        lambda: at("open_time", 7, START + 6 * HOUR), "duplicate_time", "rows 6 and 7",
    ),
    "a time repeated far away": (
        lambda: at("open_time", 29, START), "duplicate_time", "rows 0 and 29",
    ),
    "newest first": (
        lambda: {k: v[::-1] for k, v in LONG.items()}, "unsorted", "2024-02-01 03:00",
    ),
    "a bar off the grid": (
        lambda: at("open_time", 7, START + 7 * HOUR + 1), "misaligned_time", "2024-01-31 06:00:00",
    ),
    "seconds": (lambda: changed(open_time=LONG["open_time"] // 1000), "bad_time_unit", "3600 ms"),
    "microseconds": (
        lambda: changed(open_time=LONG["open_time"] * 1000), "bad_time_unit", "row 29",
    ),
    "high below low": (lambda: changed(high=LONG["low"] / 2), "impossible_bar", "high"),
    "close above high": (lambda: at("close", 7, 1e6), "impossible_bar", "close 1e+06"),
    "open below low": (lambda: at("open", 7, 1e-6), "impossible_bar", "open 1e-06"),
    "a price of zero": (lambda: at("low", 7, 0.0), "impossible_bar", "low 0"),
    "a negative volume": (lambda: at("volume", 7, -1.0), "impossible_bar", "volume -1"),
    "one bar and no interval": (
        lambda: {k: v[:1] for k, v in LONG.items()}, "cannot_infer", "1 bar",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_trusted_is_refused(case: str) -> None:
    make, code, found = REFUSED[case]
    with pytest.raises(DataError) as refusal:
        as_bar_series(make())
    assert refusal.value.code == code
    assert found in str(refusal.value.found)
    assert refusal.value.expected


def test_a_stated_interval_is_checked() -> None:
    assert as_bar_series(LONG, "1h").interval_ms == HOUR
    assert as_bar_series({k: v[:1] for k, v in LONG.items()}, "1h").interval_ms == HOUR
    for interval, code in (("30m", "interval_mismatch"), ("4h", "misaligned_time")):
        with pytest.raises(DataError) as refusal:
            as_bar_series(LONG, interval)
        assert refusal.value.code == code
    with pytest.raises(UsageError):
        as_bar_series(LONG, "1x")


def test_a_fault_deep_in_a_long_series_is_found_at_its_row() -> None:
    bars = made_bars(100_000, interval_ms=MINUTE)
    bars.low[70_001] = -1.0
    with pytest.raises(DataError, match="row 70001"):
        check_bars(bars)


@given(
    st.lists(st.sampled_from([1, 1, 1, 2, 5]), min_size=1, max_size=60).filter(
        lambda steps: steps.count(1) > len(steps) / 2
    )
)
def test_holes_never_change_the_interval(steps: list[int]) -> None:
    times = np.cumsum([0, *steps], dtype=np.int64) * HOUR
    assert modal_spacing_ms(times) == HOUR


def test_real_bars_pass_as_they_are(shared: Any) -> None:
    for file in ("kraken/XBTUSD/1h", "bitfinex/ETHUSD/1m", "binance/LINKUSDT/1d"):
        frame = pl.read_parquet(shared / "data" / "bars" / f"{file}.parquet")
        bars = as_bar_series(frame)
        assert rows_of(bars.slice(0, 5)) == frame.rows()[:5]
