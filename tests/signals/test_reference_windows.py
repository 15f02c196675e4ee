"""Nodes that TA-Lib does not define, against plain NumPy and pandas written the slow way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from market_bars import calm_bars, values, wild_bars

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS, WEEK_ORIGIN_MS
from tradepulse.signals.expression import Flag, Series
from tradepulse.signals.market import Bars

BAR = Bars()
NAN = float("nan")


def windows(x: np.ndarray, span: int, of: Callable[[np.ndarray], float]) -> np.ndarray:
    """`of` each full window without NaN, NaN elsewhere."""
    out = np.full(len(x), NAN)
    for i in range(span - 1, len(x)):
        window = x[i - span + 1 : i + 1]
        if np.isfinite(window).all():
            out[i] = of(window)
    return out


def line(window: np.ndarray) -> tuple[float, float]:
    """(slope, last value) of the least-squares line, around the means."""
    k = np.arange(len(window)) - (len(window) - 1) / 2.0
    mean = window.mean()
    slope = float((k * (window - mean)).sum() / (k * k).sum())
    return slope, mean + slope * k[-1]


def weighted(window: np.ndarray) -> float:
    weights = np.arange(1, len(window) + 1)
    return float((weights * window).sum() / weights.sum())


WINDOWS: dict[str, tuple[Callable[[Series, int], Series], Callable[[np.ndarray], float]]] = {
    "sum": (Series.rolling_sum, np.sum),
    "mean": (Series.rolling_mean, np.mean),
    "std": (Series.rolling_std, np.std),
    "max": (Series.rolling_max, np.max),
    "min": (Series.rolling_min, np.min),
    "median": (Series.rolling_median, np.median),
    "rank": (Series.rolling_rank, lambda w: (w <= w[-1]).mean()),
    "zscore": (Series.zscore, lambda w: (w[-1] - w.mean()) / w.std() if w.std() > 0 else NAN),
    "wma": (Series.wma, weighted),
    "slope": (Series.slope, lambda w: line(w)[0]),
    "regression": (Series.regression, lambda w: line(w)[1]),
}


def near(ours: np.ndarray, theirs: np.ndarray, floor: float = 1e-11) -> None:
    assert np.isnan(ours).tolist() == np.isnan(theirs).tolist()
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=floor)


@pytest.mark.parametrize("span", [2, 3, 20, 71])
@pytest.mark.parametrize("name", WINDOWS)
def test_windows(name: str, span: int) -> None:
    ours, theirs = WINDOWS[name]
    bars = calm_bars(400, 5)
    near(values(ours(BAR.close, span), bars), windows(bars.close, span, theirs))
    scores = wild_bars(400, 6).columns["score"]
    # Once as they are, once in steps, so that windows are full of equal values.
    for column in (scores, np.round(scores), np.round(scores) * 0.0 + 7.25):
        near(values(ours(BAR.column("score"), span), with_score(bars, column)),
             windows(column, span, theirs))  # fmt: skip


def with_score(bars: BarSeries, score: np.ndarray) -> BarSeries:
    return replace(bars, columns={"score": score})


@pytest.mark.parametrize("name", WINDOWS)
def test_a_spike_leaves_no_trace(name: str) -> None:
    """After 1e12 has left the window the values are exact again, from the first bar on."""
    ours, theirs = WINDOWS[name]
    bars = calm_bars(300, 8)
    for spike in (1e12, -1e12, 1e9, 1e7, np.nan, np.inf):
        volume = bars.volume + 1e4
        volume[[90, 97]] = spike, spike / 1e3
        spiked = BarSeries(
            bars.open_time, bars.open, bars.high, bars.low, bars.close, volume, HOUR_MS
        )
        for span in (2, 7, 40):
            found, wanted = values(ours(BAR.volume, span), spiked), windows(volume, span, theirs)
            clean = np.r_[0:90, 97 + span : 300]
            # Sums of 1e4 round at 1e-12; what a spike of 1e7 adds must stay at that.
            near(found[clean], wanted[clean], 1e-8)


@pytest.mark.parametrize("price", [0.1, 1 / 3, 97_123.45])
def test_no_movement_is_no_deviation(price: float) -> None:
    n = 60
    still = np.full(n, price)
    bars = BarSeries(calm_bars(n).open_time, still, still, still, still, still, HOUR_MS)
    assert np.nanmax(values(BAR.close.rolling_std(7), bars)) == 0.0
    assert np.isnan(values(BAR.close.zscore(7), bars)).all()


SCORES = BAR.column("score")
FLAG = SCORES > 0.8


def flag_of(bars: BarSeries) -> list[bool | None]:
    return [None if np.isnan(x) else bool(x > 0.8) for x in bars.columns["score"]]


def since(bars: BarSeries) -> list[float]:
    out, last, known = [], None, False
    for i, flag in enumerate(flag_of(bars)):
        known = known or flag is not None
        last = i if flag else last
        out.append(i - last if last is not None else (np.inf if known else NAN))
    return out


def hold(bars: BarSeries) -> list[float]:
    out, value = [], NAN
    for i, flag in enumerate(flag_of(bars)):
        value = bars.close[i] if flag else value
        out.append(value)
    return out


def where(bars: BarSeries) -> list[float]:
    chosen = {None: lambda i: NAN, True: lambda i: bars.high[i], False: lambda i: -1.0}
    return [chosen[flag](i) for i, flag in enumerate(flag_of(bars))]


def count(bars: BarSeries) -> np.ndarray:
    known = np.array([NAN if flag is None else float(flag) for flag in flag_of(bars)])
    return windows(known, 5, np.sum)


def session_vwap(bars: BarSeries) -> np.ndarray:
    typical = (bars.high + bars.low + bars.close) / 3.0
    frame = pd.DataFrame({"pv": typical * bars.volume, "v": bars.volume})
    sums = frame.groupby(bars.open_time // DAY_MS).cumsum()
    return (sums.pv / sums.v.where(sums.v > 0)).to_numpy()


def swing(bars: BarSeries, k: int, *, age: bool) -> np.ndarray:
    x, out, point = bars.high, np.full(len(bars), NAN), None
    for i in range(2 * k, len(x)):
        around = np.delete(x[i - 2 * k : i + 1], k)
        if (around < x[i - k]).all():
            point = i - k
        if point is not None:
            out[i] = i - point if age else x[point]
    return out


def supertrend(bars: BarSeries, span: int, width: float) -> np.ndarray:
    """Line of the usual definition, from a Wilder ATR written out."""
    high, low, close = bars.high, bars.low, bars.close
    ranges = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    atr = np.full(len(close), NAN)
    atr[span] = ranges[:span].mean()
    for i in range(span + 1, len(close)):
        atr[i] = (atr[i - 1] * (span - 1) + ranges[i - 1]) / span
    out, up = np.full(len(close), NAN), False
    middle = (high + low) / 2
    top, bottom = middle + width * atr, middle - width * atr
    for i in range(span, len(close)):
        if i == span:
            up = close[i] > top[i]
        else:
            flip_up, flip_down = close[i] > top[i - 1], close[i] < bottom[i - 1]
            if not (top[i] < top[i - 1] or close[i - 1] > top[i - 1]):
                top[i] = top[i - 1]
            if not (bottom[i] > bottom[i - 1] or close[i - 1] < bottom[i - 1]):
                bottom[i] = bottom[i - 1]
            up = (up or flip_up) and not (up and flip_down)
        out[i] = bottom[i] if up else top[i]
    return out


def keltner_upper(bars: BarSeries) -> np.ndarray:
    close = pd.Series(bars.close)
    ranges = np.maximum(bars.high[1:], bars.close[:-1]) - np.minimum(bars.low[1:], bars.close[:-1])

    def seeded(x: pd.Series, span: int, alpha: float) -> np.ndarray:
        start = x.first_valid_index() + span - 1
        seed = x.copy()
        seed[:start] = NAN
        seed[start] = x[start - span + 1 : start + 1].mean()
        return seed[start:].ewm(alpha=alpha, adjust=False).mean().reindex(x.index).to_numpy()

    atr = seeded(pd.Series(np.r_[NAN, ranges]), 10, 1 / 10)
    return seeded(close, 20, 2 / 21) + 1.5 * atr


EVENTS: dict[str, tuple[Series, Callable[[BarSeries], object]]] = {
    "since": (FLAG.since(), since),
    "hold": (BAR.close.hold(FLAG), hold),
    "otherwise": (
        SCORES.otherwise(-BAR.close),
        lambda b: np.where(np.isnan(b.columns["score"]), -b.close, b.columns["score"]),
    ),
    "where": (FLAG.where(BAR.high, -1.0), where),
    "count": (FLAG.count(5), count),
    "previous": (BAR.close.previous(3), lambda b: pd.Series(b.close).shift(3)),
    "change": (BAR.close.change(2), lambda b: pd.Series(b.close).diff(2)),
    "session_vwap": (BAR.vwap(), session_vwap),
    "swing": (BAR.swing_high(3), lambda b: swing(b, 3, age=False)),
    "swing_age": (BAR.swing_high_age(2), lambda b: swing(b, 2, age=True)),
    "donchian": (BAR.donchian(20)[0], lambda b: pd.Series(b.high).rolling(20).max().shift()),
    "rolling_vwap": (
        BAR.vwap(9),
        lambda b: (
            windows((b.high + b.low + b.close) / 3 * b.volume, 9, np.sum)
            / windows(b.volume, 9, lambda w: w.sum() or NAN)
        ),
    ),
    "hour": (BAR.hour, lambda b: pd.to_datetime(b.open_time, unit="ms").hour),
    "minute": (
        BAR.minute_of_day,
        lambda b: (
            pd.to_datetime(b.open_time, unit="ms").hour * 60
            + pd.to_datetime(b.open_time, unit="ms").minute
        ),
    ),
    "weekday": (BAR.weekday, lambda b: pd.to_datetime(b.open_time, unit="ms").day_of_week),
}
# Their own arithmetic is checked where no 1e12 drowns the reference's.
CALM_ONLY: dict[str, tuple[Series, Callable[[BarSeries], object]]] = {
    "supertrend": (BAR.supertrend(10, 3.0)[0], lambda b: supertrend(b, 10, 3.0)),
    "supertrend_fast": (BAR.supertrend(2, 0.5)[0], lambda b: supertrend(b, 2, 0.5)),
    "keltner": (BAR.keltner(20, 1.5, 10)[0], keltner_upper),
}


@pytest.mark.parametrize("name", [*EVENTS, *CALM_ONLY])
def test_events(name: str) -> None:
    ours, theirs = (EVENTS | CALM_ONLY)[name]
    for bars in (calm_bars(500, 1), calm_bars(300, 2, 5 * MINUTE_MS)):
        near(values(ours, bars), np.asarray(theirs(bars), float))
    if name in EVENTS:
        for seed in range(3):
            bars = wild_bars(400, seed)
            near(values(ours, bars), np.asarray(theirs(bars), float))


def first_sights(bars: BarSeries, length: int) -> np.ndarray:
    """The first bar of each bucket after a whole one: a leading part is never seen."""
    bucket = bars.open_time // length
    fresh = np.r_[False, bucket[1:] != bucket[:-1]]
    partial = bucket[0] if bars.open_time[0] % length else -1
    return fresh & np.r_[False, bucket[:-1] != partial]


CLOSE, SCORE = BAR.close, BAR.column("score")
FLAGS: dict[str, tuple[Flag, Callable[[BarSeries], np.ndarray]]] = {
    "crosses_above": (
        CLOSE.crosses_above(BAR.open.previous()),
        lambda b: np.r_[
            [False] * 2,
            (b.close[2:] > b.open[1:-1]) & (b.close[1:-1] <= b.open[:-2]),
        ],
    ),
    "crosses_below_constant": (
        SCORE.crosses_below(0.25),
        lambda b: np.r_[
            False, (b.columns["score"][1:] < 0.25) & (b.columns["score"][:-1] >= 0.25)
        ],
    ),
    "constant_crosses": (
        SCORE.crosses_above(0.25),
        lambda b: np.r_[
            False, (b.columns["score"][1:] > 0.25) & (b.columns["score"][:-1] <= 0.25)
        ],
    ),
    "negation_of_unknown": (~(SCORE > 0.0), lambda b: b.columns["score"] <= 0.0),
    "constant_first": (1.0 - CLOSE > 0.5 / CLOSE, lambda b: 1.0 - b.close > 0.5 / b.close),
    "differs": (SCORE.differs(SCORE.previous()), lambda b: np.r_[
        False, ~np.isnan(b.columns["score"][1:] - b.columns["score"][:-1])
        & (b.columns["score"][1:] != b.columns["score"][:-1])]),
    "just_closed": (
        BAR.at("4h").just_closed(),
        lambda b: first_sights(b, 4 * HOUR_MS),
    ),
    "previous_flag": (
        (SCORE > 0.0).previous(2),
        lambda b: np.r_[[False] * 2, b.columns["score"][:-2] > 0.0],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FLAGS)
def test_flags(name: str) -> None:
    ours, theirs = FLAGS[name]
    for bars in (calm_bars(300, 4), calm_bars(300, 4).slice(3, 300), wild_bars(300, 4)):
        assert values(ours, bars).astype(bool).tolist() == theirs(bars).tolist()


def higher_close(bars: BarSeries, length: int, origin: int = 0) -> np.ndarray:
    """Close of the last higher bar that had closed when each bar opened, the slow way."""
    out = np.full(len(bars), NAN)
    first_whole = next(
        (t for t in bars.open_time if (t - origin) % length == 0 and t == bars.open_time[0]),
        (bars.open_time[0] - origin) // length * length + origin + length,
    )
    for i, now in enumerate(bars.open_time):
        this = (now - origin) // length * length + origin
        inside = np.flatnonzero((bars.open_time < this) & (bars.open_time >= first_whole))
        if len(inside):
            out[i] = bars.close[inside[-1]]
    return out


@pytest.mark.parametrize(
    ("frame", "length", "origin"),
    [("x3", 3 * HOUR_MS, 0), ("4h", 4 * HOUR_MS, 0), ("1d", DAY_MS, 0),
     ("1w", WEEK_MS, WEEK_ORIGIN_MS)],
)  # fmt: skip
def test_at_a_higher_frame(frame: str, length: int, origin: int) -> None:
    for start in (0, 1, 5):
        for bars in (calm_bars(700, 1), wild_bars(700, 2)):
            late = bars.slice(start, len(bars))
            near(values(BAR.at(frame).close, late), higher_close(late, length, origin))


def test_at_aggregates_and_indicators_of_the_higher_frame() -> None:
    bars = calm_bars(480, 3)
    four = BAR.at("4h")
    groups = np.arange(480) // 4

    def shown(x: np.ndarray) -> np.ndarray:
        return np.r_[[NAN] * 4, np.repeat(x, 4)[:-4]]

    frame = pd.DataFrame({n: getattr(bars, n) for n in ("open", "high", "low", "close", "volume")})
    bucket = frame.groupby(groups).agg(
        {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    )
    for name in bucket:
        near(values(getattr(four, name), bars), shown(bucket[name].to_numpy()))
    mean = bucket["close"].rolling(7).mean().to_numpy()
    near(values(four.close.sma(7), bars), shown(mean))
    # A mix of frames meets on the bars' own.
    near(values(BAR.close - four.close.sma(7), bars), bars.close - shown(mean))
    flips = np.r_[False, (bucket["close"] > bucket["open"]).to_numpy()[1:]]
    up = values(four.close > four.open, bars)
    assert up[8:].tolist() == np.repeat(flips, 4)[4:-4].astype(int).tolist()
