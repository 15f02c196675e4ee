"""Bars, tickers, funding rates and trades as the sandbox shows them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_markets import FIRST, MINUTE, PERPETUAL, SPOT, SYMBOL, D, bars_of, market_of, minutes

from tradepulse.domain.instrument import Pair
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.known_symbols import spec_of
from tradepulse.sandbox.listing import SymbolBars
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.requests import Cut

ROWS: list[Any] = [
    (100 + i, 103 + i, 99 + i, 101 + i, 10 + i) for i in range(20)
]  # every bar a point above the last


def shown(klines: list[Any]) -> list[tuple[int, float, float, float, float, float]]:
    return [
        ((k.open_time - FIRST) // MINUTE, *(float(x) for x in k[1:6])) for k in klines
    ]  # fmt: skip


def test_klines_are_the_history_and_the_forming_bar() -> None:
    market = market_of(ROWS)
    minutes(market, 4)
    market.advance(market.now + 20_000)
    bars = shown(market.klines(SPOT, SYMBOL, "1m"))
    assert bars[:5] == [(i, *ROWS[i]) for i in range(5)]
    # The bar at hand has printed its open and its low: half of 15.
    assert bars[5] == (5, 105.0, 105.0, 104.0, 104.0, 7.5)
    assert len(bars) == 6
    five = shown(market.klines(SPOT, SYMBOL, "5m"))
    assert five[0] == (0, 100.0, 107.0, 99.0, 105.0, 60.0)
    assert five[1] == (5, 105.0, 105.0, 104.0, 104.0, 7.5)


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ({"limit": 3}, [7, 8, 9]),
        ({"limit": 3, "start": 2}, [2, 3, 4]),
        ({"limit": 3, "end": 4}, [2, 3, 4]),
        ({"start": 3, "end": 5}, [3, 4, 5]),
        ({"start": 50}, []),
        ({"end": -1}, []),
    ],
)
def test_klines_are_cut_by_time_and_limit(asked: dict[str, int], rows: list[int]) -> None:
    market = market_of(ROWS)
    market.advance(FIRST + 9 * MINUTE)  # the tenth bar has just opened
    given_times = {
        name: FIRST + value * MINUTE if name != "limit" else value for name, value in asked.items()
    }
    assert [row[0] for row in shown(market.klines(SPOT, SYMBOL, "1m", **given_times))] == rows


def test_a_page_over_a_hole_begins_behind_it() -> None:
    first = bars_of(ROWS[:3])
    later = bars_of(ROWS[3:], first=FIRST + 600 * MINUTE)
    import numpy as np

    from tradepulse.domain.bars import BarSeries

    joined = BarSeries(
        *(np.concatenate([getattr(first, n), getattr(later, n)])
          for n in ("open_time", "open", "high", "low", "close", "volume")), MINUTE,
    )  # fmt: skip
    spec = spec_of(Pair("BTC", "USDT"), SPOT, joined)
    market = SandboxMarket([SymbolBars(spec, joined)], FIRST + 616 * MINUTE)
    page = market.klines(SPOT, SYMBOL, "1m", start=FIRST + 10 * MINUTE, limit=5)
    assert [row[0] for row in shown(page)] == [600, 601, 602, 603, 604]


@pytest.mark.parametrize("interval", ["30s", "1s", "7m", "90s", "nonsense", "1M"])
def test_intervals_that_cannot_be_made_are_refused(interval: str) -> None:
    with pytest.raises(VenueError, match="-1120"):
        market_of(ROWS).klines(SPOT, SYMBOL, interval)


@given(st.integers(1, 19 * 60), st.sampled_from([3, 5, 15]))
def test_any_interval_is_the_fold_of_the_finest(seconds: int, length: int) -> None:
    market = market_of(ROWS)
    market.advance(FIRST + MINUTE + seconds * 1000)
    buckets: dict[int, list[Any]] = {}
    for row in shown(market.klines(SPOT, SYMBOL, "1m")):
        buckets.setdefault(row[0] // length * length, []).append(row)
    folded = [
        (start, rows[0][1], max(r[2] for r in rows), min(r[3] for r in rows), rows[-1][4],
         pytest.approx(sum(r[5] for r in rows)))
        for start, rows in buckets.items()
    ]  # fmt: skip
    assert shown(market.klines(SPOT, SYMBOL, f"{length}m")) == folded


def test_marks_have_bars_of_their_own() -> None:
    mark = [tuple(x + 0.5 for x in row[:4]) for row in ROWS]
    market = market_of(ROWS, PERPETUAL, mark=mark)
    minutes(market, 3)
    bars = shown(market.klines(PERPETUAL, SYMBOL, "1m", price="mark"))
    assert bars[1][1:5] == mark[1]
    assert shown(market.klines(PERPETUAL, SYMBOL, "1m"))[1][1:5] == ROWS[1][:4]
    premium = market.premium(SYMBOL)
    assert premium.mark == D("104.5")  # the fifth bar has opened
    assert market.last_price(PERPETUAL, SYMBOL) == 104


def test_tickers_and_averages() -> None:
    market = market_of(ROWS)
    minutes(market, 9)
    ticker = market.ticker24h(SPOT, SYMBOL)
    assert (ticker.open, ticker.high, ticker.low, ticker.last) == (100, 112, 99, 110)
    assert ticker.bid < ticker.last < ticker.ask
    top, book = market.book_ticker(SPOT, SYMBOL), market.book(SPOT, SYMBOL, 5)
    assert (top.bid, top.bid_quantity) == book.bids[0]
    assert (top.ask, top.ask_quantity) == book.asks[0]
    assert len(book.bids) == len(book.asks) == 5
    assert top.update_id == book.last_update_id
    assert D(104) < market.average_price(SYMBOL) < D(111)


def test_trades_reach_back_before_the_start_and_are_cut() -> None:
    market = market_of(ROWS)
    before = market.trades(SPOT, SYMBOL)
    assert [t.price for t in before] == [100, 99, 103, 101]
    minutes(market)
    every = market.trades(SPOT, SYMBOL)
    assert [t.trade_id for t in every] == sorted({t.trade_id for t in every})
    assert market.trades(SPOT, SYMBOL, Cut(limit=2)) == every[-2:]
    assert market.trades(SPOT, SYMBOL, Cut(every[3].trade_id, limit=2)) == every[3:5]
    assert market.trades(SPOT, SYMBOL, Cut(None, every[2].time, every[5].time)) == every[2:6]
