"""Bars read page by page while the market goes on: none with what it was worth half-made."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tradepulse.domain.interval import MINUTE_MS, Interval
from tradepulse.exchanges.bar_closing import Span
from tradepulse.exchanges.market_reader import MarketReader

BEGIN = 1_750_000_020_000


class Venue:
    """A market that has moved on by `pace_ms` at each request. A bar's close is the time it was
    looked at, until it is over."""

    id = "binance"

    def __init__(self, now: int, pace_ms: int, page: int) -> None:
        self.timeframes = {"1m": "1m"}
        self.now, self._pace_ms, self._page = now, pace_ms, page
        self.requests = 0

    async def fetch_ohlcv(
        self, _symbol: str, _timeframe: str, since: int, limit: int, extra: dict[str, Any]
    ) -> list[list[float]]:
        self.requests += 1
        last = min(extra["until"], self.now)
        times = range(since, last + 1, MINUTE_MS)[: min(limit, self._page)]
        rows = [[t, 1.0, 1.0, 1.0, float(min(self.now, t + MINUTE_MS)), 1.0] for t in times]
        self.now += self._pace_ms
        return rows


@pytest.mark.parametrize(
    ("now", "pace_ms", "page", "requests"),
    [
        (BEGIN + 10 * MINUTE_MS, 0, 1000, 1),  # all of it is long over
        (BEGIN + 90_000, 0, 1000, 2),  # the last is half-made, and nothing follows
        (BEGIN + 90_000, 60_000, 1000, 5),  # it ends while the next page is asked for
        (BEGIN + 90_000, 31_000, 2, 4),  # the same where a page is full
    ],
)  # fmt: skip
def test_a_bar_that_ended_between_two_pages_is_read_again(
    now: int, pace_ms: int, page: int, requests: int
) -> None:
    venue = Venue(now, pace_ms, page)
    span = Span(BEGIN, BEGIN + 4 * MINUTE_MS)
    told = asyncio.run(MarketReader(venue).all_bars("BTC/USDT", Interval.parse("1m"), span))
    assert [bar.open_time for bar in told] == [BEGIN + n * MINUTE_MS for n in range(len(told))]
    # Whatever something follows is over: it has its last word.
    assert [bar.close for bar in told[:-1]] == [
        float(bar.open_time + MINUTE_MS) for bar in told[:-1]
    ]
    assert venue.requests == requests
