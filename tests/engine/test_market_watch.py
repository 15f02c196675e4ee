"""What wallets ask of their market is asked once for all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import FailedError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.interval import HOUR_MS, MINUTE_MS
from tradepulse.domain.settings import BreakerSettings
from tradepulse.engine.ports import Source
from tradepulse.engine.risk_desk import window_of
from tradepulse.engine.surroundings import ClusterWatch, FundingKeeper, MinuteSeeds
from tradepulse.risk.volatility import WINDOW, Volatility

NOW = 1_000 * HOUR_MS
PAIRS = ("BTC/USDT", "ETH/USDT")
BTC = Source("binance", "BTC/USDT", "1m")


def walk(count: int, length: int = MINUTE_MS, end: int = NOW, seed: int = 1) -> BarSeries:
    times = end - length * np.arange(count, 0, -1, dtype=np.int64)
    close = 100.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0.0, 1e-3, count)))
    return BarSeries(times, close, close, close, close, np.ones(count), length)


class SlowFeed:
    """Bars and rates of anything, given when `go` is set."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.asked: list[tuple[str, int]] = []
        self.fails = False

    def history(self, source: Source, start_ms: int, end_ms: int) -> BarSeries:
        self._ask(source, start_ms)
        return walk((end_ms - start_ms) // (24 * MINUTE_MS))

    def funding(self, source: Source, start_ms: int) -> FundingSeries:
        self._ask(source, start_ms)
        return FundingSeries(np.empty(0, np.int64), np.empty(0))

    def _ask(self, source: Source, start_ms: int) -> None:
        self.asked.append((source.pair, start_ms))
        assert self.go.wait(10)
        if self.fails:
            raise FailedError("exchange_unavailable", "away")


def until(happened: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not happened():
        assert time.monotonic() < began + 10
        time.sleep(0.002)


def idle(name: str) -> bool:
    return all(thread.name != name for thread in threading.enumerate())


def test_minutes_are_fetched_once_for_all_who_wait_for_them() -> None:
    feed, taken = SlowFeed(), list[tuple[int, int]]()
    seeds = MinuteSeeds(feed, "binance", lambda: NOW)  # type: ignore[arg-type]
    for wallet in range(10):
        seeds.ask("BTC/USDT", lambda bars, wallet=wallet: taken.append((wallet, len(bars))))  # type: ignore[misc]
    feed.go.set()
    until(lambda: len(taken) == 10)
    assert [wallet for wallet, _ in taken] == list(range(10))
    assert len(feed.asked) == 1
    # Who asks later gets what there is by then; where there is nothing, nobody is called.
    seeds.ask("BTC/USDT", lambda bars: taken.append((10, len(bars))))
    until(lambda: len(taken) == 11)
    feed.fails = True
    seeds.ask("BTC/USDT", lambda bars: taken.append((11, len(bars))))
    until(lambda: len(feed.asked) == 3 and idle("minutes"))
    assert len(taken) == 11


def test_clusters_are_worked_out_once_for_wallets_with_the_same_pairs() -> None:
    feed = SlowFeed()
    watch = ClusterWatch(feed, "binance", lambda: NOW, 0.8)  # type: ignore[arg-type]
    careful = [watch.current(PAIRS) for _ in range(10)]
    assert all(found is careful[0] for found in careful)
    feed.go.set()
    until(lambda: watch.current(PAIRS) is not careful[0])
    assert [pair for pair, _ in feed.asked] == list(PAIRS)
    # Another set is another question, and sets that nobody has any more are let go.
    until(lambda: idle("clusters"))
    for number in range(200):
        watch.current([f"C{number}/USDT"])
        until(lambda: idle("clusters"))
    assert len(watch._known) == 64


def test_rates_are_asked_for_once_an_hour_whoever_asks() -> None:
    feed = SlowFeed()
    keeper = FundingKeeper(feed)  # type: ignore[arg-type]
    hours = [NOW, NOW + HOUR_MS, NOW, NOW + HOUR_MS - 1, NOW + 2 * HOUR_MS]
    for market_ms in hours:
        # The venue lets the first question wait: no second one is sent after it.
        keeper.keep(BTC, 7, market_ms)
    assert len(feed.asked) <= 1
    feed.go.set()
    until(lambda: idle("funding"))
    for market_ms in (*hours, *hours):
        keeper.keep(BTC, 7, market_ms)
        until(lambda: idle("funding"))
    # Clocks that disagree about the hour do not ask in turn: the hours after the first, once each.
    assert feed.asked == [("BTC/USDT", 7)] * 3
    keeper.keep(BTC, 3, NOW)
    until(lambda: idle("funding"))
    assert feed.asked[3:] == [("BTC/USDT", 3)]


def with_a_gap(bars: BarSeries, first: int, last: int) -> BarSeries:
    kept = np.r_[:first, last : len(bars)]
    close = bars.close[kept]
    return BarSeries(
        bars.open_time[kept], close, close, close, close, np.ones(len(kept)), bars.interval_ms
    )


@pytest.mark.parametrize(
    "minutes",
    [walk(0), walk(1), walk(2), walk(WINDOW // 2), walk(WINDOW + 300),
     with_a_gap(walk(900), 300, 420)],
)  # fmt: skip
def test_the_window_of_many_minutes_is_that_of_one_after_the_other(minutes: BarSeries) -> None:
    stepped = Volatility()
    for time_ms, close in zip(minutes.open_time.tolist(), minutes.close.tolist(), strict=True):
        stepped, _ = stepped.step(time_ms + MINUTE_MS, close, BreakerSettings())
    made = window_of(minutes)
    assert (made.close_time, np.nan_to_num(made.close)) == (
        stepped.close_time, np.nan_to_num(stepped.close)
    )  # fmt: skip
    np.testing.assert_allclose(made.returns, stepped.returns, rtol=1e-12, atol=1e-15)
