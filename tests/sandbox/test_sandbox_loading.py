"""Which bars are replayed, under which filters, and from when."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small_markets import FIRST, MINUTE, PERPETUAL, SPOT, bars_of

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import NotFoundError, UsageError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Market, Pair
from tradepulse.sandbox.known_symbols import price_step, spec_of
from tradepulse.sandbox.loading import load_series
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.storage.parquet_bars import ParquetBarStore

ROWS = [(100.25, 101.5, 99.75, 100.5, 10.0)] * 40


def save(root: Path, exchange: str, symbol: str, interval: str, bars: BarSeries) -> None:
    folder = root / exchange / symbol
    folder.mkdir(parents=True, exist_ok=True)
    columns = dict(
        zip("ohlcv", (bars.open, bars.high, bars.low, bars.close, bars.volume), strict=True)
    )
    pl.DataFrame({"ts": bars.open_time, **columns}).write_parquet(folder / f"{interval}.parquet")


def test_the_bundled_bars_replay_and_spot_borrows_the_perpetual() -> None:
    series = load_series("bundled", ["BTCUSDT", "ETH/USDT"], [SPOT, PERPETUAL])
    names = [(each.spec.symbol, each.spec.market) for each in series]
    assert names == [
        ("BTCUSDT", SPOT), ("ETHUSDT", SPOT), ("BTCUSDT", PERPETUAL), ("ETHUSDT", PERPETUAL),
    ]  # fmt: skip
    assert "for want of bars of its own spot" in series[0].source
    assert series[2].source == "binanceusdm BTC/USDT:USDT 1m"
    market = SandboxMarket(series)
    assert len(market.klines(PERPETUAL, "BTCUSDT", "1m", limit=1000)) == 1000
    market.advance(market.now + 10 * MINUTE)
    assert not market.finished


def test_without_symbols_every_perpetual_is_replayed() -> None:
    series = load_series("bundled", (), [PERPETUAL])
    assert len(series) == 8
    assert {each.spec.market for each in series} == {PERPETUAL}


def test_a_home_folder_and_a_store_are_the_same(tmp_path: Path) -> None:
    bars, mark = bars_of(ROWS), bars_of([(100.0, 101.0, 99.5, 100.0, 0.0)] * 40)
    store = ParquetBarStore(tmp_path)
    store.append("binanceusdm", "BTC/USDT:USDT", "1m", bars)
    store.append("binanceusdm_mark", "BTC/USDT:USDT", "1m", mark)
    paid = FundingSeries(np.array([FIRST + 4]), np.array([0.0002]))
    store.append_funding("binanceusdm", "BTC/USDT:USDT", paid)
    for data in (store, tmp_path):
        (one,) = load_series(data, ["BTCUSDT"], [PERPETUAL])
        assert one.bars.fingerprint == bars.fingerprint
        assert one.mark is not None
        assert one.mark.fingerprint == mark.fingerprint
        assert one.funding is not None
        assert one.funding.rate.tolist() == [0.0002]


def test_the_finest_bars_of_the_exchange_spoken_here_are_chosen(tmp_path: Path) -> None:
    minute, hour = bars_of(ROWS), bars_of(ROWS)
    hour = BarSeries(
        FIRST + 60 * (hour.open_time - FIRST), hour.open, hour.high, hour.low, hour.close,
        hour.volume, 60 * MINUTE,
    )  # fmt: skip
    save(tmp_path, "binance", "BTCUSDT", "1h", hour)
    save(tmp_path, "binance", "BTCUSDT", "1m", minute)
    save(tmp_path, "another", "BTCUSDT", "1m", minute)
    (tmp_path / "binance" / "BTCUSDT" / "notes.parquet").write_bytes(b"not bars")
    (one,) = load_series(tmp_path, ["BTCUSDT"], [SPOT])
    assert one.source == "binance BTC/USDT 1m"


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as missing:
        load_series("bundled", ["NOSUCHUSDT"], [SPOT])
    assert missing.value.code == "symbol_not_found"
    with pytest.raises(UsageError) as empty:
        load_series(tmp_path, ["BTCUSDT"])
    assert empty.value.code == "no_series"
    with pytest.raises(UsageError) as apart:
        SandboxMarket(load_series("bundled", ["AVAXUSDT", "BTCUSDT"], [PERPETUAL]))
    assert apart.value.code == "no_overlap"
    with pytest.raises(UsageError) as late:
        SandboxMarket(load_series("bundled", ["BTCUSDT"], [PERPETUAL]), 2_000_000_000_000)
    assert late.value.code == "start_outside"


@pytest.mark.parametrize(
    ("pair", "market", "price", "tick", "lot", "least"),
    [
        ("BTC/USDT", SPOT, 94000.01, "0.01", "0.00001", "5"),
        ("BTC/USDT", PERPETUAL, 94000.1, "0.1", "0.001", "100"),
        ("LINK/USDT", SPOT, 15.123, "0.001", "0.01", "5"),  # finer prices than today's tick
        ("PEPE/USDT", SPOT, 0.00001234, "0.00000001", "1", "5"),
        ("XMR/EUR", SPOT, 160.5, "0.1", "0.001", "5"),
    ],
)
def test_filters_are_the_venues_or_come_from_the_prices(
    pair: str, market: Market, price: float, tick: str, lot: str, least: str
) -> None:
    bars = bars_of([(price, price, price, price, 10.0)] * 3)
    spec = spec_of(Pair.parse(pair), market, bars)
    filters = spec.filters
    assert (filters.tick, filters.lot) == (Decimal(tick), Decimal(lot))
    assert filters.min_notional == Decimal(least)
    assert bool(spec.brackets) is (market is PERPETUAL)


def test_maintenance_is_continuous_over_the_brackets() -> None:
    brackets = spec_of(Pair("BTC", "USDT"), PERPETUAL, bars_of(ROWS)).brackets
    for lower, upper in pairwise(brackets):
        assert lower.cap == upper.floor
        keeps = [b.maintenance_rate * lower.cap - b.cumulative for b in (lower, upper)]
        assert keeps[0] == keeps[1]
        assert lower.max_leverage > upper.max_leverage


def test_prices_without_a_step_get_five_digits() -> None:
    rows = [(100 * x, 101 * x, 99 * x, 100 * x, 1.0) for x in (1 / 3, 1 / 7, 1 / 9)]
    assert price_step(bars_of(rows)) == Decimal("0.001")
