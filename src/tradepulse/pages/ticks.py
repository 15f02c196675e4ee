"""Where a scale is marked: round numbers, and first days of months or years."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import NamedTuple

from tradepulse.pages.figures import TIMES, decimal

_DAY_MS = 86_400_000
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60)


class Tick(NamedTuple):
    at: float
    text: str


def step_for(low: float, high: float, most: int) -> float:
    """The round step (1, 2 or 5 times a power of ten) that marks [low, high] at most `most`
    times."""
    span = high - low
    if not (span > 0 and math.isfinite(span)):
        return 1.0
    rough = span / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * (1 - 1e-9))


def number_ticks(low: float, high: float, most: int = 6, unit: str = "") -> list[Tick]:
    """Round numbers inside [low, high], with the decimals their step needs, and a unit behind."""
    step = step_for(low, high, most)
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [Tick(k * step, decimal(k * step, digits) + unit) for k in range(first, last + 1)]


def growth_ticks(low: float, high: float, most: int = 6, unit: str = f" {TIMES}") -> list[Tick]:
    """Round marks of a logarithmic scale whose ends `low` and `high` are natural logarithms."""
    factors = [m * 10.0**e for e in range(-9, 10) for m in (1, 2, 5)]
    inside = [f for f in factors if low - 1e-12 <= math.log(f) <= high + 1e-12]
    if len(inside) < 3:
        middle = number_ticks(math.exp(low), math.exp(high), most, unit)
        return [Tick(math.log(t.at), t.text) for t in middle if t.at > 0]
    every = math.ceil(len(inside) / most)
    return [Tick(math.log(f), _short(f) + unit) for f in inside[::every]]


def _short(value: float) -> str:
    return decimal(value, 0) if value >= 1 else f"{value:g}"


def time_ticks(start_ms: float, end_ms: float, most: int = 8) -> list[Tick]:
    """First days of months inside [start, end], thinned to at most `most`; of a shorter stretch
    days, of less than three days hours."""
    days = (end_ms - start_ms) / _DAY_MS
    if days < 3:
        return _hours(start_ms, end_ms, most)
    if days < 75:
        return _days(start_ms, end_ms, most)
    step = next((s for s in _MONTH_STEPS if days / 30.4 / s <= most), _MONTH_STEPS[-1])
    begin = datetime.fromtimestamp(start_ms / 1000, UTC)
    first = begin.year * 12 + begin.month - 1
    found = []
    for month in range(first - first % step, first + int(days / 28) + step + 2, step):
        moment = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
        at = moment.timestamp() * 1000
        if start_ms <= at <= end_ms:
            found.append(Tick(at, moment.strftime("%Y" if step >= 12 else "%b %Y")))
    return found


def _days(start_ms: float, end_ms: float, most: int) -> list[Tick]:
    step = max(1, math.ceil((end_ms - start_ms) / _DAY_MS / most)) * _DAY_MS
    return _every(start_ms, end_ms, step, "%d %b")


def _hours(start_ms: float, end_ms: float, most: int) -> list[Tick]:
    hour = _DAY_MS // 24
    wanted = (end_ms - start_ms) / hour / most
    step = next((s for s in (0.25, 0.5, 1, 2, 3, 6, 12, 24) if s >= wanted), 24)
    return _every(start_ms, end_ms, int(step * hour), "%d %b %H:%M")


def _every(start_ms: float, end_ms: float, step: int, form: str) -> list[Tick]:
    first = math.ceil(start_ms / step)
    last = math.floor(end_ms / step)
    return [
        Tick(k * step, datetime.fromtimestamp(k * step / 1000, UTC).strftime(form))
        for k in range(first, last + 1)
    ]
