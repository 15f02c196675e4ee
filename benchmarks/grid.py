"""The parameter sets every engine sweeps: the same for all, NumPy only."""

from __future__ import annotations

from typing import Any

import numpy as np

FASTS = tuple(range(5, 45, 2))  # 20
SLOWS = tuple(range(50, 300, 5))  # 50
SETTLING_SPANS = 4  # no entry before four times the longest span, for every engine
BREAKOUT_NAMES = (
    "range_bars", "volume_bars", "surge", "range_atr", "close_share", "stop_atr", "max_bars",
)  # fmt: skip
ATR_BARS = 14
SEED = 7


def ema_cross_sets() -> list[tuple[int, int]]:
    """All 1,000 pairs (fast, slow), slow varying fastest."""
    return [(fast, slow) for fast in FASTS for slow in SLOWS]


def spread_out(sets: list[Any], count: int) -> list[Any]:
    """`count` of `sets`, evenly spaced from the first to the last: a sample for slow engines."""
    if count >= len(sets):
        return sets
    return [sets[int(i)] for i in np.linspace(0, len(sets) - 1, count).round()]


def breakout_sets(count: int) -> list[dict[str, Any]]:
    """`count` random sets of `volume_breakout`; the first k are the same for every count."""
    random = np.random.default_rng(SEED)
    return [
        {
            "range_bars": int(random.integers(10, 101)),
            "volume_bars": int(random.integers(20, 101)),
            "surge": round(float(random.uniform(1.2, 4.0)), 2),
            "range_atr": round(float(random.uniform(0.8, 2.0)), 2),
            "close_share": round(float(random.uniform(0.2, 0.5)), 2),
            "stop_atr": round(float(random.uniform(1.0, 4.0)), 2),
            "max_bars": int(random.integers(24, 289)),
        }
        for _ in range(count)
    ]
