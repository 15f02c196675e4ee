"""One-minute bars of a seeded random walk, the same bytes for every engine. NumPy only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / ".benchmarks" / "bars"
MINUTE_MS = 60_000
START_MS = 1_609_459_200_000  # 2021-01-01
VOLATILITY = 0.00082  # of one minute
TICK = 0.01
SEED = 20_211
COLUMNS = ("open_time", "open", "high", "low", "close", "volume")

Columns = dict[str, np.ndarray[Any, Any]]


def random_walk(bars: int, seed: int = SEED) -> Columns:
    """Columns of `bars` minutes: no drift, each bar opens where the last closed, ticks of 0.01.

    Open equals the last close so that engines that size an order at the close and engines that
    size it at the next open buy the same quantity, and their results can be compared.
    """
    random = np.random.default_rng(seed)
    path = 30_000.0 * np.exp(np.cumsum(random.normal(0.0, VOLATILITY, bars)))
    close = _ticks(path)
    opened = np.concatenate([[30_000.0], close[:-1]])
    reach = np.abs(random.normal(0.0, 0.6 * VOLATILITY, (2, bars)))
    return {
        "open_time": START_MS + MINUTE_MS * np.arange(bars, dtype=np.int64),
        "open": opened,
        "high": _ticks(np.maximum(opened, close) * (1.0 + reach[0])),
        "low": _ticks(np.minimum(opened, close) * (1.0 - reach[1])),
        "close": close,
        "volume": np.round(random.lognormal(2.0, 0.8, bars), 3),
    }


def load(bars: int) -> Columns:
    """The columns from disk, generated on first use. Every engine reads the same file."""
    path = FOLDER / f"walk-{SEED}-{bars}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.with_suffix(".part").open("wb") as file:
            np.savez(file, **random_walk(bars))
        path.with_suffix(".part").replace(path)
    with np.load(path) as file:
        return {name: file[name] for name in COLUMNS}


def _ticks(price: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    # Rounding the count of ticks, then one division: the float nearest to the decimal price.
    return np.round(price / TICK) / round(1.0 / TICK)
