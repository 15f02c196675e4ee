"""Does a process grow? A line through its memory, with an error that does not flatter."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

# Samples a second apart are hardly two: memory moves in steps that last. Blocks of an hour or so
# are nearly independent, and enough of them remain for a line.
_BLOCKS = 12
# Two standard errors: what chance alone does one time in twenty.
_NOISE = 2.0


class Fit(NamedTuple):
    """MB an hour and its standard error; `is_level`: no growth that chance would not show."""

    rate: float
    error: float

    @property
    def is_level(self) -> bool:
        return self.rate <= _NOISE * self.error


def rss_mb(pid: int) -> float:
    """Resident memory of a process, MB (10^6)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def fit(hours: list[float], megabytes: list[float]) -> Fit:
    """The slope through the means of equal blocks of the samples. NaN for too few."""
    if len(hours) < 2 * _BLOCKS:
        return Fit(float("nan"), float("nan"))
    x = np.array([block.mean() for block in np.array_split(np.array(hours), _BLOCKS)])
    y = np.array([block.mean() for block in np.array_split(np.array(megabytes), _BLOCKS)])
    rate, base = np.polyfit(x, y, 1)
    residual = float(np.sum((y - rate * x - base) ** 2)) / (_BLOCKS - 2)
    return Fit(float(rate), float(np.sqrt(residual / np.sum((x - x.mean()) ** 2))))


def told(hours: list[float], megabytes: list[float]) -> dict[str, float | bool]:
    """The whole run, in which what every start fills once is filled, and its second half alone."""
    half = len(hours) // 2
    every, late = fit(hours, megabytes), fit(hours[half:], megabytes[half:])
    return {
        "rss_start_mb": round(megabytes[0], 1), "rss_half_mb": round(megabytes[half], 1),
        "rss_end_mb": round(megabytes[-1], 1),
        "slope_mb_per_market_hour": round(every.rate, 3), "slope_error": round(every.error, 3),
        "second_half_slope": round(late.rate, 3), "second_half_error": round(late.error, 3),
        "is_level": late.is_level,
    }  # fmt: skip
