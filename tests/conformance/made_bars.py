"""Bars made for tests: a random walk on a grid, with holes where wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from tradepulse.domain.bars import OHLCV, BarSeries

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# 2024-01-30 23:00 UTC: two hours before midnight of the month's last day but one.
START = 1_706_655_600_000


def made_bars(
    count: int = 100,
    *,
    interval_ms: int = HOUR,
    start: int = START,
    seed: int = 1,
    without: tuple[int, ...] = (),
) -> BarSeries:
    """`count` possible bars from `start` on, less the rows in `without`."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.01, count)))
    opened = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(opened, close) * (1 + random.random(count) / 100)
    low = np.minimum(opened, close) * (1 - random.random(count) / 100)
    rows = np.setdiff1d(np.arange(count), without)
    times = start + interval_ms * np.arange(count, dtype=np.int64)
    columns = (times, opened, high, low, close, random.random(count) * 10)
    return BarSeries(*(column[rows] for column in columns), interval_ms=interval_ms)


def columns_of(bars: BarSeries) -> dict[str, Any]:
    """The bars as a mapping of arrays under their long names."""
    return {name: getattr(bars, name) for name in ("open_time", *OHLCV)}


def rows_of(bars: BarSeries) -> list[tuple[float, ...]]:
    """The bars as (open_time, open, high, low, close, volume) rows."""
    return list(zip(*(column.tolist() for column in columns_of(bars).values()), strict=True))
