"""Bars the training tests run on: a seeded random walk with volume."""

from __future__ import annotations

import numpy as np

from tradepulse.domain.bars import BarSeries

HOUR_MS = 3_600_000


def random_walk(count: int, seed: int = 7) -> BarSeries:
    """`count` hourly bars from 2023-11-14, with gaps of a bar between close and open."""
    rng = np.random.default_rng(seed)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, count)))
    opens = np.concatenate(([100.0], close[:-1])) * (1.0 + rng.normal(0.0, 0.001, count))
    high = np.maximum(opens, close) * (1.0 + rng.uniform(0.0, 0.005, count))
    low = np.minimum(opens, close) * (1.0 - rng.uniform(0.0, 0.005, count))
    times = 1_699_920_000_000 + np.arange(count, dtype=np.int64) * HOUR_MS
    return BarSeries(times, opens, high, low, close, rng.lognormal(3.0, 1.0, count), HOUR_MS)
