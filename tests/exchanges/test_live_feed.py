"""The live feed on unmodified ccxt against the sandbox: what an engine gets to see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from exchanges.feed_world import (
    QUICK,
    START,
    World,
    rows_of,
    until,
    walk,
    world,
)
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import HOUR_MS, MINUTE_MS
from tradepulse.engine.ports import Source
from tradepulse.exchanges import closed_marks
from tradepulse.exchanges.bar_tail import BarTail
from tradepulse.exchanges.client import open_client
from tradepulse.exchanges.live_feed import LiveFeed
from tradepulse.exchanges.loop import IoLoop
from tradepulse.exchanges.market_reader import bars_of
from tradepulse.exchanges.venue_feed import VenueFeed
from tradepulse.marketdata.folding import FoldingStore
from tradepulse.marketdata.resample import resample
from tradepulse.storage.parquet_bars import ParquetBarStore

BTC = Source("binance", "BTC/USDT", "1m")
ETH = Source("binance", "ETH/USDT", "1m")
BEGIN = START + 60 * MINUTE_MS


@pytest.fixture
def spot(tmp_path: Path) -> Iterator[World]:
    """BTC and ETH, an hour of the past behind them; the clock stands still."""
    truth = {"BTCUSDT": walk(300), "ETHUSDT": walk(300, seed=2)}
    with world(tmp_path / "data", truth, BEGIN) as made:
        yield made


def expected(bars: BarSeries, first: int, last: int) -> list[tuple[float, ...]]:
    return rows_of(bars.between(first, last + 1))


def step(made: World, minutes: int, source: Source = BTC) -> list[tuple[float, ...]]:
    """Minute after minute, each bar read as it comes."""
    rows: list[tuple[float, ...]] = []
    at = int(made.feed.newest(source, 1).open_time[-1])
    for _ in range(minutes):
        made.sandbox.step(MINUTE_MS)
        rows += made.read_until(source, at + MINUTE_MS, after=at)
        at = int(rows[-1][0])
    return rows


class TestBars:
    def test_every_bar_comes_once_and_whole(self, spot: World) -> None:
        first = int(spot.feed.newest(BTC, 1).open_time[-1]) + MINUTE_MS
        rows = step(spot, 12)
        assert rows == expected(spot.truth["BTCUSDT"], first, int(rows[-1][0]))
        assert rows_of(spot.store.read(*BTC, start_ms=first)) == rows
        assert spot.told("feed.stale") == []

    def test_a_slow_venue_is_asked_once_and_waited_for_by_turns(
        self, spot: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A wallet must not stand still for minutes because of one activation's past."""
        spot.feed.newest(BTC, 1)
        asked: list[Any] = []
        fetch = VenueFeed._fetch

        async def slowly(self: VenueFeed, series: Any, hole: Any) -> int:
            asked.append(hole)
            await asyncio.sleep(0.6)
            return await fetch(self, series, hole)

        monkeypatch.setattr(VenueFeed, "_fetch", slowly)
        monkeypatch.setattr(spot.feed, "_patience_s", 0.2)
        for _ in range(2):
            with pytest.raises(TradePulseError) as told:
                spot.feed.history(BTC, START, START + 10 * MINUTE_MS)
            assert told.value.code == "exchange_unavailable"
        monkeypatch.setattr(spot.feed, "_patience_s", 10.0)
        past = spot.feed.history(BTC, START, START + 10 * MINUTE_MS)
        assert rows_of(past) == expected(spot.truth["BTCUSDT"], START, START + 9 * MINUTE_MS)
        assert len(asked) == 1

    def test_warm_up_is_fetched_where_it_is_not_kept(self, spot: World) -> None:
        newest = spot.feed.newest(BTC, 40)
        last = int(newest.open_time[-1])
        assert len(newest) == 40
        assert rows_of(newest) == expected(spot.truth["BTCUSDT"], last - 39 * MINUTE_MS, last)
        past = spot.feed.history(BTC, START, START + 10 * MINUTE_MS)
        assert rows_of(past) == expected(spot.truth["BTCUSDT"], START, START + 9 * MINUTE_MS)

    def test_coarser_bars_are_folded_from_one_stream(self, spot: World) -> None:
        five = BTC._replace(interval="5m")
        fifteen = BTC._replace(interval="15m")
        for source in (BTC, five, fifteen):
            spot.feed.closed_bars(source, None, 1)
        step(spot, 31)
        for source, minutes in ((five, 5), (fifteen, 15)):
            whole = resample(spot.truth["BTCUSDT"], source.interval)
            last = BEGIN + 30 * MINUTE_MS - minutes * MINUTE_MS
            rows = spot.read_until(source, last, after=BEGIN - 1)
            assert [row[:5] for row in rows] == [row[:5] for row in expected(whole, BEGIN, last)]
            volumes = whole.between(BEGIN, last + 1).volume
            assert [row[5] for row in rows] == np.round(volumes, 8).tolist()
        topics = [t for c in spot.sandbox.state()["connections"] for t in c["topics"]]
        assert topics == ["spot:btcusdt@kline_1m"]

    def test_instruments_share_a_socket_and_keep_apart(self, spot: World) -> None:
        spot.feed.closed_bars(ETH, None, 1)
        step(spot, 4)
        rows = spot.read_until(ETH, BEGIN + 2 * MINUTE_MS, after=BEGIN - 1)
        assert rows == expected(spot.truth["ETHUSDT"], BEGIN, int(rows[-1][0]))
        assert len(spot.sandbox.state()["connections"]) == 1

    def test_a_hole_of_the_venue_stays_one_and_is_told(self, tmp_path: Path) -> None:
        truth = {"BTCUSDT": walk(200, without=(64, 65)), "ETHUSDT": walk(200, seed=2)}
        with world(tmp_path, truth, BEGIN) as made:
            made.feed.closed_bars(BTC, None, 1)
            for _ in range(10):
                made.sandbox.step(MINUTE_MS)
            rows = made.read_until(BTC, BEGIN + 8 * MINUTE_MS, after=BEGIN - 1)
            assert rows == expected(truth["BTCUSDT"], BEGIN, int(rows[-1][0]))
            (hole,) = [e for e in made.told("feed.gap") if not e.payload["filled"]]
            assert (hole.payload["bars"], hole.payload["first"]) == (2, BEGIN + 4 * MINUTE_MS)

    def test_contracts_have_streams_of_their_own(self, tmp_path: Path) -> None:
        truth = {"BTCUSDT": walk(200)}
        markets = (Market.SPOT, Market.PERPETUAL)
        perpetual = Source("binance", "BTC/USDT:USDT", "1m")
        with world(tmp_path, truth, BEGIN, markets=markets) as made:
            made.feed.closed_bars(perpetual, None, 1)
            rows = step(made, 3, perpetual)
            assert rows == expected(truth["BTCUSDT"], int(rows[0][0]), int(rows[-1][0]))
            (socket,) = made.sandbox.state()["connections"]
            assert socket["topics"] == ["perpetual:btcusdt@kline_1m"]


class TestFunding:
    def test_settlements_are_fetched_as_they_happen(self, tmp_path: Path) -> None:
        truth, perpetual = {"BTCUSDT": walk(20 * 60)}, Source("binance", "BTC/USDT:USDT", "1h")
        begin = START + 9 * HOUR_MS
        with world(tmp_path, truth, begin, markets=(Market.PERPETUAL,)) as made:
            made.feed.closed_bars(perpetual, None, 1)
            known = made.feed.funding(perpetual, START)
            assert (known.time // 1000 * 1000).tolist() == [START, START + 8 * HOUR_MS]
            made.sandbox.step(8 * HOUR_MS)
            until(lambda: len(made.feed.funding(perpetual, START)) == 3)
            assert len(made.store.read_funding("binance", "BTC/USDT:USDT")) == 3

    def test_spot_has_none(self, spot: World) -> None:
        with pytest.raises(TradePulseError) as caught:
            spot.feed.funding(BTC, START)
        assert caught.value.code == "funding_not_found"


class TestTime:
    def test_a_replay_at_speed_gives_the_same_bars(self, tmp_path: Path) -> None:
        truth = {"BTCUSDT": walk(400), "ETHUSDT": walk(400, seed=2)}
        with world(tmp_path, truth, BEGIN, speed=1200) as made:
            made.feed.closed_bars(ETH, None, 1)
            rows = made.read_until(BTC, BEGIN + 60 * MINUTE_MS, after=BEGIN - 1)
            assert rows == expected(truth["BTCUSDT"], BEGIN, int(rows[-1][0]))
            ahead = made.feed.market_now(BTC) - made.sandbox.clock()["now"]
            assert abs(ahead) < 5 * MINUTE_MS

    def test_nothing_is_told_that_lies_in_the_markets_future(self, tmp_path: Path) -> None:
        truth = {"BTCUSDT": walk(200)}
        ParquetBarStore(tmp_path).append(*BTC, truth["BTCUSDT"])
        with world(tmp_path, truth, BEGIN) as made:
            seen = made.feed.closed_bars(BTC, None, 1000)
            assert int(seen.open_time[-1]) < BEGIN
            assert len(made.feed.newest(BTC, 1000)) == len(seen)
            ends = made.feed.history(BTC, START, START + 1000 * MINUTE_MS)
            assert int(ends.open_time[-1]) < BEGIN
            rows = step(made, 3)
            assert rows == expected(truth["BTCUSDT"], int(rows[0][0]), int(rows[-1][0]))

    def test_prices_are_heard_as_they_form(self, spot: World) -> None:
        spot.feed.closed_bars(BTC, None, 1)
        assert spot.feed.last_price(BTC) is None
        step(spot, 2)
        until(lambda: spot.prices)
        exchange, pair, price, at = spot.prices[-1]
        assert (exchange, pair) == ("binance", "BTC/USDT")
        assert spot.feed.last_price(BTC) == price
        assert BEGIN <= at <= BEGIN + 2 * MINUTE_MS


class TestTheStore:
    def test_a_restart_goes_on_from_the_last_kept_bar(self, tmp_path: Path) -> None:
        truth = {"BTCUSDT": walk(300)}
        with world(tmp_path, truth, BEGIN) as made:
            made.feed.closed_bars(BTC, None, 1)
            seen = step(made, 3)
        with world(tmp_path, truth, BEGIN + 30 * MINUTE_MS) as made:
            rows = made.read_until(BTC, BEGIN + 28 * MINUTE_MS, after=int(seen[-1][0]))
            assert seen + rows == expected(truth["BTCUSDT"], int(seen[0][0]), int(rows[-1][0]))
            assert made.told("feed.gap")[0].payload["filled"] is True

    def test_a_restart_knows_the_bar_that_closed_a_moment_ago(self, tmp_path: Path) -> None:
        truth = {"BTCUSDT": walk(300)}
        with world(tmp_path, truth, BEGIN) as made:
            made.feed.closed_bars(BTC, None, 1)
            seen = step(made, 2)
            now, last = made.sandbox.clock()["now"], int(seen[-1][0])
            assert now - (last + MINUTE_MS) < 2_000
        with world(tmp_path, truth, now) as made:
            past = made.feed.history(BTC, last, last + 1)
            assert rows_of(past) == seen[-1:]
            assert not len(made.feed.closed_bars(BTC, last, 10))
            assert step(made, 2)[0][0] == last + MINUTE_MS

    def test_a_bar_is_kept_before_it_is_seen(self, spot: World) -> None:
        for rows in (step(spot, 1) for _ in range(5)):
            assert int(spot.store.read(*BTC).open_time[-1]) >= rows[-1][0]

    def test_what_was_folded_so_far_is_kept_when_bars_of_its_own_come(self, tmp_path: Path) -> None:
        bars = walk(200)
        ParquetBarStore(tmp_path).append(*BTC, bars.between(None, START + 50 * MINUTE_MS))
        five = BTC._replace(interval="5m")
        with world(tmp_path, {"BTCUSDT": bars}, BEGIN) as made:
            made.feed.closed_bars(five, None, 1)
            for _ in range(11):
                made.sandbox.step(MINUTE_MS)
            made.read_until(five, BEGIN + 5 * MINUTE_MS, after=BEGIN)
            kept = made.store.read(*five)
            assert int(kept.open_time[0]) == START
            assert len(kept) == (int(kept.open_time[-1]) - START) // (5 * MINUTE_MS) + 1

    def test_the_venue_wins_over_a_bar_kept_otherwise(self, tmp_path: Path) -> None:
        bars = walk(200)
        held = bars.between(BEGIN, BEGIN + 2 * MINUTE_MS)
        wrong = replace(held, low=held.low - np.array([0.01, 0.0]))
        ParquetBarStore(tmp_path).append(*BTC, wrong)
        with world(tmp_path, {"BTCUSDT": bars}, BEGIN) as made:
            made.feed.closed_bars(BTC, None, 1)
            rows = step(made, 3)
            assert rows == expected(bars, int(rows[0][0]), int(rows[-1][0]))
            (event,) = made.told("feed.conflict")
            assert (event.pair, event.payload["bars"]) == ("BTC/USDT", 1)

    def test_the_last_bits_of_a_kept_bar_are_no_conflict(self, tmp_path: Path) -> None:
        bars = walk(200)
        nearly = bars.between(BEGIN, BEGIN + 2 * MINUTE_MS)
        held = replace(nearly, volume=np.nextafter(nearly.volume, np.inf))
        ParquetBarStore(tmp_path).append(*BTC, held)
        with world(tmp_path, {"BTCUSDT": bars}, BEGIN) as made:
            made.feed.closed_bars(BTC, None, 1)
            rows = step(made, 3)
            assert [row for row in rows if row[0] >= BEGIN][:2] == rows_of(held)
            assert made.told("feed.conflict") == []


class TestTheTail:
    def test_the_store_has_the_bars_a_moment_later(self, tmp_path: Path) -> None:
        tails, bars = tmp_path / "tails", walk(200)
        with world(tmp_path / "data", {"BTCUSDT": bars}, BEGIN, tails=tails) as made:
            made.feed.closed_bars(BTC, None, 1)
            rows = step(made, 5)
            last = int(rows[-1][0])
            until(lambda: int(made.store.read(*BTC).open_time[-1]) == last)
            until(lambda: not list(tails.iterdir()))
        kept = FoldingStore(ParquetBarStore(tmp_path / "data")).read(*BTC, start_ms=int(rows[0][0]))
        assert rows_of(kept) == rows == expected(bars, int(rows[0][0]), last)

    def test_what_a_killed_process_left_there_is_taken_in(self, tmp_path: Path) -> None:
        tails, bars = tmp_path / "tails", walk(200)
        left = bars.between(BEGIN - 9 * MINUTE_MS, BEGIN - 4 * MINUTE_MS)
        ParquetBarStore(tmp_path).append(*BTC, bars.between(None, BEGIN - 9 * MINUTE_MS))
        BarTail(tails / "binance_BTC-USDT_1m.tail").append(bars_of(left))
        with world(tmp_path, {"BTCUSDT": bars}, BEGIN, tails=tails) as made:
            made.feed.closed_bars(BTC, None, 1)
            past = made.feed.history(BTC, START, BEGIN - 4 * MINUTE_MS)
            assert rows_of(past) == expected(bars, START, BEGIN - 5 * MINUTE_MS)
            (gap,) = made.told("feed.gap")
            assert gap.payload["first"] == BEGIN - 4 * MINUTE_MS

    def test_a_row_that_was_cut_short_ends_it(self, tmp_path: Path) -> None:
        tail, bars = BarTail(tmp_path / "x.tail"), bars_of(walk(5))
        assert tail.read() == []
        tail.append(bars[:3])
        tail.append(bars[3:])
        assert tail.read() == bars
        content = tail.path.read_bytes()
        for cut, whole in ((1, 4), (52, 4), (53, 3)):
            tail.path.write_bytes(content[:-cut])
            assert tail.read() == bars[:whole]
        tail.path.write_bytes(content[:60] + b"?" + content[61:])
        assert tail.read() == bars[:1]
        tail.clear()
        assert tail.read() == []


class TestOtherVenues:
    """Venues that mark no closed bar, and those without a stream: played by a client that hides
    what Binance has."""

    def test_without_marks_rest_tells_the_bar_that_is_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(closed_marks, "_READERS", {})
        truth = {"BTCUSDT": walk(200), "ETHUSDT": walk(200, seed=2)}
        with world(tmp_path, truth, BEGIN) as made:
            made.feed.closed_bars(ETH, None, 1)
            rows = step(made, 8)
            assert rows == expected(truth["BTCUSDT"], int(rows[0][0]), int(rows[-1][0]))
            assert made.sandbox.state()["requests"]["GET /api/v3/klines"] >= 8
            assert made.feed.last_price(BTC) is not None

    def test_without_a_stream_it_is_asked_for(self, tmp_path: Path) -> None:
        def deaf(client: Any) -> None:
            client.has["watchOHLCV"] = False

        truth = {"BTCUSDT": walk(200)}
        with world(tmp_path, truth, BEGIN, prepare=deaf) as made:
            made.feed.closed_bars(BTC, None, 1)
            made.feed.closed_bars(BTC._replace(interval="5m"), None, 1)
            rows = step(made, 6)
            assert rows == expected(truth["BTCUSDT"], int(rows[0][0]), int(rows[-1][0]))
            assert made.sandbox.state()["connections"] == []

    def test_an_interval_the_venue_has_not_is_folded(self, tmp_path: Path) -> None:
        def poor(client: Any) -> None:
            client.timeframes = {"1m": "1m"}

        truth, ten = {"BTCUSDT": walk(300)}, BTC._replace(interval="10m")
        with world(tmp_path, truth, BEGIN, prepare=poor) as made:
            assert len(made.feed.newest(ten, 4)) == 4
            for _ in range(31):
                made.sandbox.step(MINUTE_MS)
            rows = made.read_until(ten, BEGIN + 20 * MINUTE_MS, after=BEGIN - 1)
            whole = resample(truth["BTCUSDT"], "10m").between(BEGIN, BEGIN + 30 * MINUTE_MS)
            assert [row[:5] for row in rows] == [row[:5] for row in rows_of(whole)]


class TestErrors:
    def test_an_unknown_symbol_is_named_with_its_neighbours(self, spot: World) -> None:
        with pytest.raises(TradePulseError) as caught:
            spot.feed.closed_bars(Source("binance", "BTX/USDT", "1m"), None, 1)
        assert caught.value.code == "symbol_not_found"
        assert "BTC/USDT" in str(caught.value.hint)

    def test_an_interval_the_venue_cannot_make_is_refused(self, spot: World) -> None:
        with pytest.raises(TradePulseError) as caught:
            spot.feed.closed_bars(BTC._replace(interval="45s"), None, 1)
        assert caught.value.code == "rejected"

    def test_a_venue_that_is_away_is_said_so(self, tmp_path: Path) -> None:
        nowhere = "http://127.0.0.1:9"
        with IoLoop("feed-test") as loop:
            feed = LiveFeed(
                FoldingStore(ParquetBarStore(tmp_path)),
                lambda _, market: open_client("binance", market, base_url=nowhere),
                loop, pace=QUICK, patience_s=1.0,
            )  # fmt: skip
            with pytest.raises(TradePulseError) as caught:
                feed.closed_bars(BTC, None, 1)
            assert caught.value.code == "exchange_unavailable"
            feed.close()

    def test_a_listener_that_fails_stops_no_bar(self, spot: World) -> None:
        def fail(*_: object) -> None:
            raise ValueError("not mine")

        spot.feed.listen_prices(fail)
        spot.feed.closed_bars(BTC, None, 1)
        assert len(step(spot, 3)) >= 3
        assert spot.told("feed.stale") == []

    def test_waiting_ends_with_news_and_for_each_thread(self, spot: World) -> None:
        spot.feed.closed_bars(BTC, None, 1)
        spot.feed.wait(0.0)
        spot.feed.wake()
        spot.feed.wait(30.0)  # returns at once: it was woken since
        spot.feed.wait(0.01)
