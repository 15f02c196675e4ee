"""The published vectors: indicators on 80 bars, and the higher-time-frame sweep.

`signal_vectors.json` is the part of the reference vectors that concerns signals, so that these run
without the reference folder; with it, the copy is compared.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from market_bars import START_MS, values

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import HOUR_MS
from tradepulse.signals.expression import Flag, Series
from tradepulse.signals.market import Bars

VECTORS = json.loads((Path(__file__).parent / "signal_vectors.json").read_text())
EXPECTED = VECTORS["expected"]
BAR = Bars()


def hourly(columns: dict[str, list[float]]) -> BarSeries:
    rows = {name: np.array(column, float) for name, column in columns.items()}
    times = START_MS + np.arange(len(rows["close"]), dtype=np.int64) * HOUR_MS
    return BarSeries(times, **rows, interval_ms=HOUR_MS)


BARS = hourly(VECTORS["ohlcv"])


def test_the_copy_is_the_reference(shared: Path) -> None:
    reference = json.loads((shared / "reference" / "quant_vectors.json").read_text())
    assert VECTORS["ohlcv"] == reference["indicators"]["ohlcv"]
    assert VECTORS["htf_sweep"] == reference["htf_sweep"]
    assert EXPECTED.items() <= reference["indicators"]["expected"].items()


UPPER, LOWER = BAR.donchian(20)
VALUES: dict[str, Series] = {
    "EMA_12_sma_seed": BAR.close.ema(12),
    "EMA_26_sma_seed": BAR.close.ema(26),
    "SMA_20": BAR.close.sma(20),
    "RSI_14_wilder": BAR.close.rsi(14),
    "ATR_14_wilder": BAR.atr(14),
    "ADX_14": BAR.adx(14),
    "BB20_2_upper_popsd": BAR.close.bollinger(20, 2.0)[0],
    "BB20_2_lower_popsd": BAR.close.bollinger(20, 2.0)[2],
    "ROC_10_pct": BAR.close.rate_of_change(10),
    "MACD_12_26_9_hist": BAR.close.macd(12, 26, 9)[2],
    "STDDEV_20_pop": BAR.close.rolling_std(20),
    "LINEARREG_20": BAR.close.regression(20),
    "OBV": BAR.obv(),
    "DONCHIAN20_upper_excl_current": UPPER,
    "DONCHIAN20_lower_excl_current": LOWER,
    "VWAP_roll20_typical": BAR.vwap(20),
    "SUPERTREND_10_3": BAR.supertrend(10, 3.0)[0],
}


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str) -> None:
    found = values(VALUES[name], BARS)
    first, value = EXPECTED[name]["first_valid"]
    assert int(np.flatnonzero(~np.isnan(found))[0]) == first
    # The vectors are printed with eight decimals.
    assert found[first] == pytest.approx(value, abs=6e-9)
    assert found[-3:] == pytest.approx(EXPECTED[name]["last3"], abs=6e-9)


def bars_where(flag: Flag, bars: BarSeries = BARS) -> list[int]:
    return np.flatnonzero(values(flag, bars)).tolist()


def test_events() -> None:
    up = BAR.supertrend(10, 3.0)[1]
    flips = (up & ~up.previous()) | (~up & up.previous())
    assert bars_where(flips) == EXPECTED["SUPERTREND_10_3_dir_flips"]
    assert bars_where(BAR.close > UPPER) == EXPECTED["DONCHIAN20_close_break_up_bars"]
    assert bars_where(BAR.close < LOWER) == EXPECTED["DONCHIAN20_close_break_dn_bars"]
    fast, slow = BAR.close.ema(5), BAR.close.ema(15)
    crosses = [[1, bar] for bar in bars_where(fast.crosses_above(slow))]
    crosses += [[-1, bar] for bar in bars_where(fast.crosses_below(slow))]
    expected = EXPECTED["EMA_5_15_cross_bars(sign,bar)"]
    assert sorted(crosses, key=lambda item: item[1]) == expected


def test_squeeze() -> None:
    upper, _, lower = BAR.close.bollinger(20, 2.0)
    top, _, bottom = BAR.keltner(20, 1.5)
    squeezed = (upper < top) & (lower > bottom)
    assert bars_where(squeezed) == EXPECTED["SQUEEZE_on_bars"]


@pytest.mark.parametrize("side", ["HIGH", "LOW"])
def test_swing_points_exist_once_confirmed(side: str) -> None:
    age = BAR.swing_high_age(3) if side == "HIGH" else BAR.swing_low_age(3)
    level = BAR.swing_high(3) if side == "HIGH" else BAR.swing_low(3)
    ages, levels = values(age, BARS), values(level, BARS)
    confirmed = np.flatnonzero(ages == 3.0).tolist()
    assert [[bar - 3, bar] for bar in confirmed] == EXPECTED[
        f"PIVOT_{side}_k3 (bar, first usable bar)"
    ]
    prices = BARS.high if side == "HIGH" else BARS.low
    assert [levels[bar] for bar in confirmed] == [prices[bar - 3] for bar in confirmed]


def test_volume_breakout() -> None:
    surging = BAR.volume > 1.5 * BAR.volume.rolling_median(20).previous()
    rule = (BAR.close > UPPER) & surging
    assert bars_where(rule) == []
    columns = {name: list(column) for name, column in VECTORS["ohlcv"].items()}
    columns["volume"][63], columns["volume"][77] = 4000, 900
    assert bars_where(rule, hourly(columns)) == [63]


def test_sweep_of_a_swing_low_on_the_same_frame() -> None:
    level = BAR.swing_low(3)
    # A pivot is usable from the bar after the one that confirms it; dropped once closed below.
    known = level.previous()
    swept = (BAR.low < known) & (BAR.close > known)
    (bar, price), *_ = EXPECTED["SWEEP_low_reclaim(bar,level) using pivot lows k3 same TF"]
    assert bars_where(swept)[0] == bar
    assert values(known, BARS)[bar] == price


def test_higher_bars_are_seen_once_closed() -> None:
    for interval in ("4h", "x4"):
        four = BAR.at(interval)
        seen = {n: values(getattr(four, n), BARS) for n in ("open", "high", "low", "close",
                                                            "volume")}  # fmt: skip
        assert np.isnan(seen["close"][:4]).all()
        for item in EXPECTED["HTF4_first3"]:
            bar = item["first_usable_ltf_bar"]
            for name, column in seen.items():
                assert column[bar] == pytest.approx(item[name], rel=1e-12)
                assert column[bar - 1] != column[bar]


def test_higher_frame_sweep() -> None:
    vector = VECTORS["htf_sweep"]
    columns = dict(zip(("open", "high", "low", "close"), zip(*vector["ltf_ohlc"], strict=True),
                       strict=True))  # fmt: skip
    bars = hourly({**columns, "volume": [1.0] * len(columns["open"])})
    higher = BAR.at(f"x{vector['htf_factor']}")
    for name, index in (("open", 0), ("high", 1), ("low", 2), ("close", 3)):
        seen = values(getattr(higher, name), bars)[4::4]
        assert seen.tolist() == [row[index] for row in vector["expected_htf"][:-1]]
    level = higher.swing_low(vector["pivot_k"])
    first, second = vector["expected_pivot_lows"]
    levels = values(level, bars)
    assert np.flatnonzero(levels == first["level"])[0] == first["first_usable_ltf_bar"]
    assert second["first_usable_ltf_bar"] == len(bars)
    assert not (levels == second["level"]).any()
    (signal,) = vector["expected_signal"]
    swept = (BAR.low < level) & (BAR.close > level)
    assert bars_where(swept, bars) == [signal["sweep_bar"]]
    age = swept.since()
    confirmed = (BAR.close > BAR.high.hold(swept)) & (age >= 1.0) & (age <= 3.0)
    assert bars_where(confirmed, bars)[0] == signal["confirm_bar"]
    assert values(BAR.low.hold(swept), bars)[signal["confirm_bar"]] == signal["stop"]
