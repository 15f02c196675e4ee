"""Stored bars as a feed: also of an interval that is made of the one kept."""

from __future__ import annotations

import numpy as np
import pytest

from tradepulse.bootstrap import open_store
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import HOUR_MS
from tradepulse.engine.feed import StoredBars
from tradepulse.engine.ports import Source

HOURS = 4_000
START = 1_609_459_200_000


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> StoredBars:
    store = open_store(tmp_path_factory.mktemp("bars"))
    times = START + HOUR_MS * np.arange(HOURS, dtype=np.int64)
    price = np.linspace(100.0, 200.0, HOURS)
    bars = BarSeries(times, price, price, price, price, np.ones(HOURS), HOUR_MS)
    store.append("kraken", "BTC/USD", "1h", bars)
    return StoredBars(store)


@pytest.mark.parametrize(
    ("interval", "count", "first", "found"),
    [
        ("1h", 3, HOURS - 3, 3),
        ("4h", 3, HOURS - 12, 3),
        ("4h", 700, HOURS - 2_800, 700),
        ("4h", 5_000, 0, HOURS // 4),  # more than there are
    ],
)
def test_the_newest_bars_of_kept_and_made_intervals(
    feed: StoredBars, interval: str, count: int, first: int, found: int
) -> None:
    bars = feed.newest(Source("kraken", "BTC/USD", interval), count)
    assert (int(bars.open_time[0]), len(bars)) == (START + first * HOUR_MS, found)


@pytest.mark.parametrize(("pair", "interval"), [("BTC/USD", "5m"), ("ETH/USD", "1h")])
def test_what_is_not_kept_and_cannot_be_made_is_no_bars(
    feed: StoredBars, pair: str, interval: str
) -> None:
    assert len(feed.newest(Source("kraken", pair, interval), 3)) == 0
