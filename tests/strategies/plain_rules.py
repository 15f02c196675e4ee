"""The rules of the strategies a second time, slowly: TA-Lib, NumPy, and loops over bars.

Each takes bars and gives entries and exits of the long side, or of both, with the parameters that
PARAMETERS names. Unknown is false.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import talib

from tradepulse.domain.bars import BarSeries

Rows = dict[str, np.ndarray]


def donchian(bars: BarSeries) -> Rows:
    top, bottom = before(talib.MAX(bars.high, 20)), before(talib.MIN(bars.low, 20))
    near_top, near_bottom = before(talib.MAX(bars.high, 5)), before(talib.MIN(bars.low, 5))
    c = bars.close
    return rows(c > top, c < near_bottom, c < bottom, c > near_top)


def rsi(bars: BarSeries) -> Rows:
    index, (up, down) = talib.RSI(bars.close, 7), lean(bars, 12)
    oversold, overbought = index < 25, index > 75
    fell = oversold & (before(index) >= 25)
    rose = overbought & (before(index) <= 75)
    return rows(fell & up, index > 50, rose & down, index < 50)


def bollinger(bars: BarSeries) -> Rows:
    upper, middle, lower = talib.BBANDS(bars.close, 20, 2, 2)
    index, (up, down) = talib.RSI(bars.close, 14), lean(bars, 12)
    c = bars.close
    dip, rally = (c < lower) & (index < 35), (c > upper) & (index > 65)
    return rows(first_of(dip) & up, c >= middle, first_of(rally) & down, c <= middle)


def supertrend(bars: BarSeries) -> Rows:
    atr = talib.ATR(bars.high, bars.low, bars.close, 10)
    side, upper, lower = np.zeros(len(bars)), np.inf, -np.inf
    for t in range(10, len(bars)):
        middle, last = (bars.high[t] + bars.low[t]) / 2, bars.close[t - 1]
        broke_up, broke_down = bars.close[t] > upper, bars.close[t] < lower
        new_upper, new_lower = middle + 3 * atr[t], middle - 3 * atr[t]
        upper = new_upper if last > upper or t == 10 else min(upper, new_upper)
        lower = new_lower if last < lower or t == 10 else max(lower, new_lower)
        now = side[t - 1] or -1.0
        side[t] = 1.0 if now < 0 and broke_up else -1.0 if now > 0 and broke_down else now
    up, down = (side == 1) & (before(side) == -1), (side == -1) & (before(side) == 1)
    return rows(up, down, down, up)


def vwap(bars: BarSeries) -> Rows:
    typical = (bars.high + bars.low + bars.close) / 3
    gap = bars.close - talib.SUM(typical * bars.volume, 96) / talib.SUM(bars.volume, 96)
    reach = 2.0 * over(gap, 96, np.std)
    return rows(
        (gap < -reach) & (before(gap) >= -before(reach)), gap >= 0,
        (gap > reach) & (before(gap) <= before(reach)), gap <= 0,
    )  # fmt: skip


def squeeze(bars: BarSeries) -> Rows:
    upper, average, lower = talib.BBANDS(bars.close, 20, 2, 2)
    reach = 1.5 * talib.ATR(bars.high, bars.low, bars.close, 20)
    middle = talib.EMA(bars.close, 20)
    inside = (upper < middle + reach) & (lower > middle - reach)
    middle_of_range = (talib.MAX(bars.high, 20) + talib.MIN(bars.low, 20)) / 2
    distance = bars.close - (middle_of_range + average) / 2
    momentum = over(distance, 20, lambda w: np.polyval(np.polyfit(np.arange(20), w, 1), 19))
    long_enough = np.array([inside[max(t - 6, 0) : t].sum() == 6 for t in range(len(bars))])
    released = ~inside & long_enough
    one, two = before(momentum), before(before(momentum))
    return rows(
        released & (momentum > 0), (momentum < one) & (one < two),
        released & (momentum < 0), (momentum > one) & (one > two),
    )  # fmt: skip


def momentum(bars: BarSeries) -> Rows:
    day = bars.open_time // (24 * bars.interval_ms)
    look = np.append(False, day[1:] != day[:-1])
    past = np.append(np.full(168, np.nan), bars.close[:-168])
    up, down = look & (bars.close > past), look & (bars.close < past)
    return rows(up, down, down, up)


def capitulation(bars: BarSeries) -> Rows:
    """The long side: the last climax is remembered, with its high and low, until undercut."""
    atr = talib.ATR(bars.high, bars.low, bars.close, 14)
    entries = np.zeros(len(bars), bool)
    at, done = -(10**9), True
    for t in range(100, len(bars)):
        low, high, close = bars.low[t], bars.high[t], bars.close[t]
        usual = np.median(bars.volume[t - 50 : t])
        if (
            bars.close[t - 5] - low >= 4.0 * atr[t - 5]
            and bars.volume[t] > 3.0 * usual
            and close - low >= 0.4 * (high - low)
        ):
            at, done = t, False
        elif t - at <= 4 and not done:
            if low < bars.low[at]:
                done = True
            elif close > bars.high[at]:
                entries[t] = done = True
    return rows(entries, entries & False, None, None)


def breakdown(bars: BarSeries) -> Rows:
    """The long side: an excursion begins on the first close outside after three inside."""
    atr = talib.ATR(bars.high, bars.low, bars.close, 14)
    floor = before(talib.MIN(bars.low, 48))
    outside = bars.close < floor
    entries = np.zeros(len(bars), bool)
    at = -(10**9)
    for t in range(100, len(bars)):
        if outside[t] and not outside[t - 3 : t].any():
            at = t
        elif 1 <= t - at <= 3 and bars.close[t] > floor[at]:
            depth = floor[at] - bars.low[at : t + 1].min()
            if depth <= 2.0 * atr[t]:
                entries[t] = True
                at = -(10**9)
    return rows(entries, entries & False, None, None)


def carry(bars: BarSeries) -> Rows:
    rate = bars.columns["funding_rate"]
    mean, deviation = over(rate, 168, np.mean), over(rate, 168, np.std)
    high, low = rate - mean > 1.5 * deviation, mean - rate > 1.5 * deviation
    lately = [
        np.array([side[max(t - 71, 0) : t + 1].any() for t in range(len(bars))])
        for side in (high, low)
    ]
    top, bottom = before(talib.MAX(bars.high, 24)), before(talib.MIN(bars.low, 24))
    yearly, c = 100 * 365 * 3 * mean, bars.close
    return rows(
        (yearly < -10) & lately[1] & (c > top), yearly > -5,
        (yearly > 10) & lately[0] & (c < bottom), yearly < 5,
    )  # fmt: skip


RULES: dict[str, tuple[Callable[[BarSeries], Rows], dict[str, Any]]] = {
    "donchian_breakout": (donchian, {"entry_bars": 20, "exit_share": 0.25}),
    "rsi_reversion": (rsi, {"rsi_bars": 7, "low": 25, "ratio": 12}),
    "bollinger_reversion": (bollinger, {"bars": 20, "width": 2, "rsi_bars": 14, "low": 35}),
    "supertrend": (supertrend, {"bars": 10, "width": 3}),
    "vwap_reversion": (vwap, {"bars": 96, "entry_z": 2}),
    "squeeze_breakout": (squeeze, {"bars": 20, "squeeze_bars": 6}),
    "momentum": (momentum, {"lookback_bars": 168, "rebalance_bars": 24}),
    "capitulation_reversal": (capitulation, {"fall_bars": 5, "fall_atr": 4, "climax": 3}),
    "failed_breakdown": (breakdown, {"range_bars": 48, "reclaim_bars": 3, "depth_max": 2}),
    "funding_carry": (carry, {"window_bars": 168, "carry_pct": 10, "crowd_z": 1.5}),
}


def rows(enter_long: Any, exit_long: Any, enter_short: Any, exit_short: Any) -> Rows:
    named = {"enter_long": enter_long, "exit_long": exit_long, "enter_short": enter_short,
             "exit_short": exit_short}  # fmt: skip
    return {name: np.asarray(row, float) for name, row in named.items() if row is not None}


def before(row: np.ndarray) -> np.ndarray:
    """The row one bar later: what was on the bar before."""
    return np.append(np.nan, row[:-1])


def first_of(flag: np.ndarray) -> np.ndarray:
    return flag & ~np.append(True, flag[:-1])


def over(row: np.ndarray, span: int, summary: Callable[[np.ndarray], float]) -> np.ndarray:
    """A summary of each window of `span`."""
    found = np.full(len(row), np.nan)
    for t in range(span - 1, len(row)):
        found[t] = summary(row[t - span + 1 : t + 1])
    return found


def lean(bars: BarSeries, ratio: int) -> tuple[np.ndarray, np.ndarray]:
    """(the EMA of 20 higher closes does not fall, does not rise) as known on each bar."""
    length = ratio * bars.interval_ms
    bucket = bars.open_time // length
    ends = np.append(np.flatnonzero(bucket[1:] != bucket[:-1]), len(bars) - 1)
    whole = ends if bars.open_time[0] % length == 0 else ends[1:]
    mean = talib.EMA(bars.close[whole], 20)
    steps = np.append(np.nan, np.diff(mean))
    # A higher bar is known from the first bar of the next bucket on.
    known = np.searchsorted(bucket[whole], bucket, side="left") - 1
    step = np.where(known >= 0, steps[known], np.nan)
    return step >= 0, step <= 0
