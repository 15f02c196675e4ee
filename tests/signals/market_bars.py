"""Bars the signal tests run on: random walks with everything markets do to a program, and real."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import HOUR_MS
from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Flag, Series
from tradepulse.signals.market import Bars
from tradepulse.signals.program import Program, required_columns

# 2023-11-14 00:00 UTC: a whole hour, four hours and day.
START_MS = 1_699_920_000_000


def calm_bars(n: int, seed: int = 0, interval_ms: int = HOUR_MS) -> BarSeries:
    """A random walk without a gap, a spike or a bar without trades."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, n)))
    opens = np.concatenate((close[:1], close[:-1])) * (1.0 + rng.normal(0.0, 0.001, n))
    high = np.maximum(opens, close) * (1.0 + rng.uniform(0.0, 0.01, n))
    low = np.minimum(opens, close) * (1.0 - rng.uniform(0.0, 0.01, n))
    times = START_MS + np.arange(n, dtype=np.int64) * interval_ms
    columns = {"score": rng.normal(0.0, 1.0, n), "rate": rng.normal(0.0, 1e-4, n)}
    return BarSeries(
        times, opens, high, low, close, rng.uniform(1.0, 100.0, n), interval_ms, columns
    )


def wild_bars(n: int, seed: int, interval_ms: int = HOUR_MS) -> BarSeries:
    """The same with gaps in time, spikes to 1e12, flat stretches, empty bars and NaN columns."""
    rng = np.random.default_rng(seed)
    calm = calm_bars(n, seed, interval_ms)
    skipped = np.where(rng.random(n) < 0.05, rng.integers(1, 40, n), 0)
    times = calm.open_time + (rng.integers(0, 48) + np.cumsum(skipped)) * interval_ms
    prices = np.stack((calm.open, calm.high, calm.low, calm.close))
    for start in np.flatnonzero(rng.random(n) < 0.02):
        prices[:, start : start + rng.integers(1, 12)] = prices[3, start]
    prices[1, rng.random(n) < 0.01] = 1e12
    prices[2, rng.random(n) < 0.01] = 1e-4
    volume = np.where(rng.random(n) < 0.1, 0.0, calm.volume)
    volume[rng.random(n) < 0.01] = 1e12
    columns = {k: np.where(rng.random(n) < 0.05, np.nan, c) for k, c in calm.columns.items()}
    return BarSeries(times, *prices, volume, interval_ms, columns)


def real_bars(shared: Path, series: str, interval_ms: int, first: int, count: int) -> BarSeries:
    """A stretch of the reference bars, such as `binance/BTCUSDT/1h`."""
    path = shared / "data" / "bars" / f"{series}.parquet"
    frame = pl.read_parquet(path).slice(first, count)
    columns = [frame[name].to_numpy() for name in "ohlcv"]
    return BarSeries(frame["ts"].to_numpy(), *columns, interval_ms)


def values(expression: Series | Flag, bars: BarSeries) -> np.ndarray:
    """What a Series (floats) or a Flag (1, 0) is on each bar, through a compiled program."""
    slot = "stop" if isinstance(expression, Series) else "exit_long"
    graph = Signals(enter_long=Bars().close > 0.0, **{slot: expression}).graph()
    return getattr(Program(graph, bars.interval_ms, required_columns(graph)).advance(bars), slot)
