"""Bars for the API to show."""

from __future__ import annotations

import numpy as np
import sample_rows

from tradepulse.domain.bars import BarSeries

BARS = 1500


def walk(count: int = BARS, start: int = sample_rows.START) -> BarSeries:
    """Hourly bars of a small random walk with one gap of ten bars."""
    step = np.arange(count, dtype=np.int64)
    times = start + (step + np.where(step >= count // 2, 10, 0)) * sample_rows.HOUR
    close = 100 + np.cumsum(np.random.default_rng(7).normal(0, 0.1, count))
    return BarSeries(
        times, close, close + 0.2, close - 0.2, close, np.full(count, 5.0), sample_rows.HOUR
    )
