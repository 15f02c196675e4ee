"""What every bar store must do, whatever keeps the bars. An adapter's test gives `store`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.made_bars import HOUR, MINUTE, START, made_bars, rows_of
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, NotFoundError, UsageError
from tradepulse.domain.funding import FundingSeries
from tradepulse.marketdata.store import AppendReport, BarStore, SeriesInfo, mark_exchange

KEY = ("binance", "BTC/USDT", "1h")


def with_close(bars: BarSeries, row: int, close: float) -> BarSeries:
    changed = bars.close.copy()
    changed[row] = close
    return replace(bars, close=changed, high=np.maximum(bars.high, changed))


class BarStoreSuite:
    def test_what_was_appended_is_read_back_bit_for_bit(self, store: BarStore) -> None:
        bars = made_bars(2000, without=(7, 8, 900))
        assert store.append(*KEY, bars) == AppendReport(1997, 0)
        kept = store.read(*KEY)
        assert kept.fingerprint == bars.fingerprint
        assert kept.open_time.dtype == np.int64
        assert kept.close.flags.writeable
        assert kept.close.flags.c_contiguous

    @pytest.mark.parametrize("pair", ["BTC/USDT", "BTCUSDT", "BTC-USDT", "btc/usdt"])
    def test_every_spelling_is_the_same_series(self, store: BarStore, pair: str) -> None:
        store.append(*KEY, made_bars(5))
        assert len(store.read("binance", pair, "1h")) == 5

    def test_a_perpetual_is_not_its_spot_pair(self, store: BarStore) -> None:
        store.append("binanceusdm", "BTCUSDT", "1h", made_bars(5))
        assert [info.pair for info in store.series()] == ["BTC/USDT:USDT"]
        assert len(store.read("binanceusdm", "BTC/USDT:USDT", "1h")) == 5

    def test_appending_again_changes_nothing(self, store: BarStore) -> None:
        bars = made_bars(100)
        store.append(*KEY, bars)
        assert store.append(*KEY, bars) == AppendReport(0, 100)
        assert store.append(*KEY, bars.slice(40, 60)) == AppendReport(0, 20)
        assert store.read(*KEY).fingerprint == bars.fingerprint

    def test_an_append_may_come_before_between_and_after(self, store: BarStore) -> None:
        bars = made_bars(1500)
        for start, stop in ((700, 900), (0, 100), (1400, 1500), (50, 1450)):
            store.append(*KEY, bars.slice(start, stop))
        assert store.read(*KEY).fingerprint == bars.fingerprint

    def test_a_bar_with_other_values_is_refused_and_nothing_kept(self, store: BarStore) -> None:
        bars = made_bars(1500)
        store.append(*KEY, bars.slice(0, 1000))
        changed = with_close(bars, 999, 5000.0)
        with pytest.raises(DataError) as refusal:
            store.append(*KEY, changed)
        assert refusal.value.code == "conflicting_bars"
        assert "2024-03-12 14:00" in refusal.value.message
        assert "close 5000.0" in str(refusal.value.found)
        # The new months of the same append stay out too.
        assert store.read(*KEY).fingerprint == bars.slice(0, 1000).fingerprint

    def test_overwrite_replaces_and_says_so(self, store: BarStore) -> None:
        bars = made_bars(100)
        store.append(*KEY, bars)
        changed = with_close(bars, 50, 5000.0)
        assert store.append(*KEY, changed, overwrite=True) == AppendReport(0, 99, replaced=1)
        assert store.read(*KEY).fingerprint == changed.fingerprint

    @pytest.mark.parametrize(
        ("start", "end"), [(None, None), (10, 20), (None, 5), (90, None), (20, 20), (500, 600)]
    )
    def test_a_range_is_half_open(
        self, store: BarStore, start: int | None, end: int | None
    ) -> None:
        bars = made_bars(100)
        store.append(*KEY, bars)
        edges = [None if hour is None else START + hour * HOUR for hour in (start, end)]
        kept = store.read(*KEY, *edges)
        assert rows_of(kept) == rows_of(bars.between(*edges))

    def test_series_lists_what_is_kept(self, store: BarStore) -> None:
        assert store.series() == []
        store.append("kraken", "XBTUSD", "1h", made_bars(1500))
        store.append("binance", "ETHUSDT", "1m", made_bars(10, interval_ms=MINUTE))
        store.append_funding("binance", "ETHUSDT", funding(3))
        assert store.series() == [
            SeriesInfo("binance", "ETH/USDT", "1m", 10, START, START + 9 * MINUTE),
            SeriesInfo("kraken", "BTC/USD", "1h", 1500, START, START + 1499 * HOUR),
        ]

    def test_what_is_not_kept_is_named_with_what_is(self, store: BarStore) -> None:
        store.append(*KEY, made_bars(5))
        for asked, code, hint in (
            (("binance", "BTC/USDT", "5m"), "interval_not_found", "1h"),
            (("binance", "BTC/USDC", "1h"), "symbol_not_found", "binance:BTC/USDT"),
            (("kraken", "BTC/USDT", "1h"), "symbol_not_found", "binance:BTC/USDT"),
        ):
            with pytest.raises(NotFoundError) as error:
                store.read(*asked)
            assert error.value.code == code
            assert hint in f"{error.value.expected} {error.value.hint}"

    @pytest.mark.parametrize(
        ("bars", "code"),
        [
            (made_bars(0), "empty"),
            (made_bars(20, interval_ms=MINUTE), "interval_mismatch"),
            (replace(made_bars(3), volume=np.array([1.0, np.nan, 1.0])), "nan_values"),
            (replace(made_bars(3), columns={"x": np.zeros(3)}), "unknown_column"),
        ],
    )
    def test_bars_that_cannot_be_trusted_stay_out(
        self, store: BarStore, bars: BarSeries, code: str
    ) -> None:
        with pytest.raises(DataError) as refusal:
            store.append(*KEY, bars)
        assert refusal.value.code == code
        assert store.series() == []

    @pytest.mark.parametrize(
        ("exchange", "pair"), [("../x", "BTC/USDT"), ("binance", "../../USDT"), ("", "BTC/USDT")]
    )
    def test_a_name_cannot_leave_the_store(self, store: BarStore, exchange: str, pair: str) -> None:
        with pytest.raises(UsageError):
            store.append(exchange, pair, "1h", made_bars(3))

    def test_funding_is_kept_by_the_same_rules(self, store: BarStore) -> None:
        rates = funding(200)
        key: tuple[Any, Any] = ("binanceusdm", "BTC/USDT:USDT")
        with pytest.raises(NotFoundError, match="no funding"):
            store.read_funding(*key)
        assert store.append_funding(*key, rates) == AppendReport(200, 0)
        assert store.append_funding(*key, rates) == AppendReport(0, 200)
        kept = store.read_funding(*key, int(rates.time[5]), int(rates.time[150]))
        assert kept.time.tolist() == rates.time[5:150].tolist()
        assert kept.rate.tolist() == rates.rate[5:150].tolist()
        with pytest.raises(DataError, match="differ"):
            store.append_funding(*key, FundingSeries(rates.time, rates.rate + 1))

    def test_mark_prices_are_bars_of_their_own_exchange(self, store: BarStore) -> None:
        mark = replace(made_bars(10), volume=np.zeros(10))
        store.append(mark_exchange("binanceusdm"), "BTCUSDT", "1h", mark)
        kept = store.read(mark_exchange("binanceusdm"), "BTC/USDT:USDT", "1h")
        assert kept.fingerprint == mark.fingerprint


def funding(count: int) -> FundingSeries:
    """Settlements every eight hours, stamped a little late as venues do."""
    random = np.random.default_rng(3)
    times = START + 8 * HOUR * np.arange(count, dtype=np.int64) + random.integers(0, 9, count)
    return FundingSeries(times, random.normal(0, 1e-4, count))
