"""Bars for the corpus: a walk whose volatility clusters, and real ones."""

from __future__ import annotations

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.marketdata.samples import bundled_files, read_bundled

HOUR_MS = 3_600_000
# A Monday, 00:00 UTC.
START_MS = 1_699_833_600_000


def clustered_walk(count: int, seed: int) -> BarSeries:
    """`count` hourly bars without any edge: GARCH steps, ranges and volume that follow them."""
    rng = np.random.default_rng(seed)
    variance, steps = 1.0, np.empty(count)
    for place, shock in enumerate(rng.standard_t(5.0, count) * np.sqrt(0.6)):
        steps[place] = shock * np.sqrt(variance)
        variance = 0.05 + 0.08 * steps[place] ** 2 + 0.87 * variance
    close = 100.0 * np.exp(0.007 * np.cumsum(steps))
    opens = np.concatenate(([100.0], close[:-1])) * np.exp(rng.normal(0.0, 0.0003, count))
    reach = 0.004 * (0.5 + np.abs(steps))
    high = np.maximum(opens, close) * np.exp(reach * rng.random(count))
    low = np.minimum(opens, close) * np.exp(-reach * rng.random(count))
    volume = (1.0 + np.abs(steps)) * rng.lognormal(3.0, 0.7, count)
    times = START_MS + np.arange(count, dtype=np.int64) * HOUR_MS
    return BarSeries(times, opens, high, low, close, volume, HOUR_MS)


def real_walk(count: int, series: str = "XBTUSD") -> BarSeries:
    """The first `count` bars of a bundled series."""
    file = next(path for path in bundled_files() if path.parent.name == series)
    return read_bundled(file).slice(0, count)
