"""Every indicator that TA-Lib defines: the same first valid bar, the same values at 1e-9."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import talib
from market_bars import calm_bars, real_bars, values

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import HOUR_MS, MINUTE_MS
from tradepulse.signals.expression import Series
from tradepulse.signals.market import Bars

BAR = Bars()
Oracle = Callable[[BarSeries], np.ndarray]

CASES: dict[str, tuple[Series, Oracle]] = {
    "SMA": (BAR.close.sma(20), lambda b: talib.SMA(b.close, 20)),
    "SMA_2": (BAR.close.sma(2), lambda b: talib.SMA(b.close, 2)),
    "EMA": (BAR.close.ema(12), lambda b: talib.EMA(b.close, 12)),
    "EMA_200": (BAR.close.ema(200), lambda b: talib.EMA(b.close, 200)),
    "WMA": (BAR.close.wma(9), lambda b: talib.WMA(b.close, 9)),
    "RSI": (BAR.close.rsi(14), lambda b: talib.RSI(b.close, 14)),
    "RSI_2": (BAR.close.rsi(2), lambda b: talib.RSI(b.close, 2)),
    "TRANGE": (BAR.true_range(), lambda b: talib.TRANGE(b.high, b.low, b.close)),
    "ATR": (BAR.atr(14), lambda b: talib.ATR(b.high, b.low, b.close, 14)),
    "ADX": (BAR.adx(14), lambda b: talib.ADX(b.high, b.low, b.close, 14)),
    "ADX_2": (BAR.adx(2), lambda b: talib.ADX(b.high, b.low, b.close, 2)),
    "PLUS_DI": (BAR.plus_di(14), lambda b: talib.PLUS_DI(b.high, b.low, b.close, 14)),
    "MINUS_DI": (BAR.minus_di(14), lambda b: talib.MINUS_DI(b.high, b.low, b.close, 14)),
    "MACD": (BAR.close.macd()[0], lambda b: talib.MACD(b.close)[0]),
    "MACD_signal": (BAR.close.macd()[1], lambda b: talib.MACD(b.close)[1]),
    "MACD_hist": (BAR.close.macd(5, 17, 4)[2], lambda b: talib.MACD(b.close, 5, 17, 4)[2]),
    "BBANDS_upper": (BAR.close.bollinger()[0], lambda b: talib.BBANDS(b.close, 20, 2, 2)[0]),
    "BBANDS_middle": (BAR.close.bollinger()[1], lambda b: talib.BBANDS(b.close, 20, 2, 2)[1]),
    "BBANDS_lower": (BAR.close.bollinger()[2], lambda b: talib.BBANDS(b.close, 20, 2, 2)[2]),
    "STDDEV": (BAR.close.rolling_std(20), lambda b: talib.STDDEV(b.close, 20)),
    "LINEARREG": (BAR.close.regression(20), lambda b: talib.LINEARREG(b.close, 20)),
    "LINEARREG_SLOPE": (BAR.close.slope(20), lambda b: talib.LINEARREG_SLOPE(b.close, 20)),
    "OBV": (BAR.obv(), lambda b: talib.OBV(b.close, b.volume)),
    "MAX": (BAR.high.rolling_max(30), lambda b: talib.MAX(b.high, 30)),
    "MIN": (BAR.low.rolling_min(30), lambda b: talib.MIN(b.low, 30)),
    "SUM": (BAR.volume.rolling_sum(30), lambda b: talib.SUM(b.volume, 30)),
    "ROC": (BAR.close.rate_of_change(10), lambda b: talib.ROC(b.close, 10)),
}


def check(name: str, bars: BarSeries) -> None:
    expression, oracle = CASES[name]
    ours, theirs = values(expression, bars), oracle(bars)
    if name == "MACD":
        # TA-Lib withholds the line until its signal starts; ours is there from bar 25 on.
        assert np.isnan(ours[:25]).all()
        assert not np.isnan(ours[25:]).any()
        ours[:33] = np.nan
    assert np.isnan(ours).tolist() == np.isnan(theirs).tolist(), "first valid bar"
    # Where a difference of prices is near nothing, both carry the rounding of the prices.
    floor = 1e-12 * np.nanmax(np.abs(bars.close))
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=floor)


@pytest.mark.parametrize("name", CASES)
def test_on_random_bars(name: str) -> None:
    for seed in range(3):
        check(name, calm_bars(600, seed))


@pytest.mark.parametrize("name", CASES)
def test_on_real_bars(name: str, shared: Path) -> None:
    check(name, real_bars(shared, "binance/BTCUSDT/1h", HOUR_MS, 0, 4000))
    check(name, real_bars(shared, "binanceusdm/ADAUSDT/1m", MINUTE_MS, 0, 4000))


@pytest.mark.parametrize("name", CASES)
def test_on_a_market_that_does_not_move(name: str) -> None:
    n = 120
    calm = calm_bars(n)
    still = np.full(n, 0.1)
    check(name, BarSeries(calm.open_time, still, still, still, still, calm.volume, HOUR_MS))
