"""The fingerprint of a run's data: everything the result depends on, and nothing else (P3)."""

from __future__ import annotations

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.simulation.funding import data_fingerprint

HOUR = 3_600_000


def bars(count: int, step: int = HOUR, base: float = 100.0) -> BarSeries:
    price = base + np.arange(count, dtype=float)
    times = np.arange(count, dtype=np.int64) * step
    return BarSeries(times, price, price + 1.0, price - 1.0, price, np.ones(count), step)


def funding(rates: list[float]) -> list[tuple[int, float]]:
    return [(8 * HOUR * index, rate) for index, rate in enumerate(rates)]


def test_bars_alone_are_their_own_fingerprint() -> None:
    assert data_fingerprint(bars(24)) == bars(24).fingerprint


def test_each_input_counts() -> None:
    detail, mark = bars(48, HOUR // 2), bars(24, base=101.0)
    found = {
        data_fingerprint(bars(24)),
        data_fingerprint(bars(24), funding([0.1, 0.2, 0.3])),
        data_fingerprint(bars(24), funding([0.1, 0.2, 0.4])),
        data_fingerprint(bars(24), funding([0.1, 0.2, 0.3]), detail),
        data_fingerprint(bars(24), funding([0.1, 0.2, 0.3]), detail, mark),
    }
    assert len(found) == 5


def test_funding_outside_the_bars_does_not_count() -> None:
    inside = data_fingerprint(bars(24), funding([0.1, 0.2, 0.3]))
    assert data_fingerprint(bars(24), funding([0.1, 0.2, 0.3, 0.9])) == inside
