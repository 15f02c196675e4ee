"""Which kept series a run reads, and what comes with it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.made_bars import HOUR, MINUTE, START, made_bars
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Pair
from tradepulse.marketdata.folding import FoldingStore
from tradepulse.marketdata.history import choose_series, load_history
from tradepulse.marketdata.resample import resample
from tradepulse.marketdata.store import SeriesInfo, mark_exchange
from tradepulse.storage.parquet_bars import ParquetBarStore


def kept(*names: str) -> list[SeriesInfo]:
    return [SeriesInfo(*name.split(), bars=1, first=0, last=0) for name in names]


SEVERAL = kept(
    "binance BTC/USDT 1m",
    "binance BTC/USDT 5m",
    "binance ETH/USDT 5m",
    "kraken BTC/USD 1h",
    "binanceusdm BTC/USDT:USDT 1m",
    "binanceusdm_mark BTC/USDT:USDT 1h",
)
CHOICES = [
    # exchange, pair, interval, chosen series, made of another interval
    (None, "ETH/USDT", None, "binance ETH/USDT 5m", None),
    (None, "BTC/USD", None, "kraken BTC/USD 1h", None),
    ("kraken", None, None, "kraken BTC/USD 1h", None),
    ("binance", "BTC/USDT", "5m", "binance BTC/USDT 5m", None),
    ("binance", "BTC/USDT", "1m", "binance BTC/USDT 1m", None),
    ("binance", "BTC/USDT", "1h", "binance BTC/USDT 5m", "5m"),
    ("binance", "BTC/USDT", "3m", "binance BTC/USDT 1m", "1m"),
    ("binanceusdm", "BTC/USDT", "15m", "binanceusdm BTC/USDT:USDT 1m", "1m"),
    (None, "BTC/USDT:USDT", None, "binanceusdm BTC/USDT:USDT 1m", None),
    # As written, the spot pair: the perpetual of the same coins is kept too.
    (None, "BTC/USDT", "15m", "binance BTC/USDT 5m", "5m"),
    (None, "BTCUSDT-PERP", "15m", "binanceusdm BTC/USDT:USDT 1m", "1m"),
    (None, None, "1w", None, "ambiguous_series"),
    ("binance", "BTC/USDT", None, None, "ambiguous_series"),
    (None, None, None, None, "ambiguous_series"),
    (None, "XRP/USDT", None, None, "symbol_not_found"),
    ("bitfinex", "BTC/USDT", None, None, "symbol_not_found"),
    ("kraken", "BTC/USD", "5m", None, "interval_not_found"),
    ("kraken", "BTC/USD", "90m", None, "interval_not_found"),
    ("kraken", "BTC/USD", "7x", None, "unknown_interval"),
]


@pytest.mark.parametrize(("exchange", "pair", "interval", "chosen", "note"), CHOICES)
def test_choice(
    exchange: str | None, pair: str | None, interval: str | None, chosen: str | None, note: str
) -> None:
    parsed = None if pair is None else Pair.parse(pair)
    if chosen is None:
        with pytest.raises(TradePulseError) as caught:
            choose_series(SEVERAL, exchange, parsed, interval)
        assert caught.value.code == note
        return
    choice = choose_series(SEVERAL, exchange, parsed, interval)
    assert f"{choice.kept.exchange} {choice.kept.pair} {choice.kept.interval}" == chosen
    assert choice.resampled_from == note
    assert str(choice.interval) == (interval or choice.kept.interval)


@pytest.fixture
def store(tmp_path: Path) -> FoldingStore:
    """Ten hours of minutes of a spot pair and of a perpetual with funding and hourly marks."""
    store = FoldingStore(ParquetBarStore(tmp_path))
    minutes = made_bars(600, interval_ms=MINUTE)
    for exchange, pair in (("binance", "BTC/USDT"), ("binanceusdm", "BTC/USDT:USDT")):
        store.append(exchange, pair, "1m", minutes)
    funding = FundingSeries(START + HOUR * np.array([1, 9]), np.array([1e-4, -2e-4]))
    store.append_funding("binanceusdm", "BTC/USDT:USDT", funding)
    store.append(mark_exchange("binanceusdm"), "BTC/USDT:USDT", "1h", made_bars(10))
    return store


def test_spot_has_bars_only(store: FoldingStore) -> None:
    history = load_history(store, choose_series(store.series(), "binance", None, "1h"))
    assert len(history.bars) == 10
    assert history.inputs == {"detail": None, "funding": None, "mark": None}


def test_a_perpetual_brings_funding_and_marks(store: FoldingStore) -> None:
    history = load_history(store, choose_series(store.series(), "binanceusdm", None, "1h"))
    inputs = history.inputs
    assert inputs["funding"]["rate"].tolist() == [1e-4, -2e-4]
    assert inputs["mark"].open_time.tolist() == history.bars.open_time.tolist()


def test_marks_of_another_interval_are_not_taken(store: FoldingStore) -> None:
    history = load_history(store, choose_series(store.series(), "binanceusdm", None, "30m"))
    assert history.mark is None


def test_detail_covers_the_bars_and_no_more(store: FoldingStore) -> None:
    choice = choose_series(store.series(), "binance", None, "1h")
    history = load_history(store, choice, START + HOUR, START + 3 * HOUR, detail="1m")
    assert history.detail is not None
    assert len(history.bars) == 2
    assert history.detail.open_time[0] == START + HOUR
    assert len(history.detail) == 120


@pytest.mark.parametrize(
    ("start", "end", "detail", "code"),
    [
        (START + 900 * HOUR, None, None, "empty"),
        (None, START - HOUR, None, "empty"),
        (None, None, "5s", "interval_not_found"),
        (None, None, "x", "unknown_interval"),
    ],
)
def test_what_is_not_there_is_refused(
    store: FoldingStore, start: int | None, end: int | None, detail: str | None, code: str
) -> None:
    choice = choose_series(store.series(), "binance", None, "1h")
    with pytest.raises(TradePulseError) as caught:
        load_history(store, choice, start, end, detail)
    assert caught.value.code == code


@given(st.integers(0, 700), st.integers(0, 700))
def test_a_made_series_is_cut_like_a_kept_one(start: int, width: int) -> None:
    bars = made_bars(600, interval_ms=MINUTE, start=START + 7 * MINUTE, without=(3, 59, 60, 400))
    with TemporaryDirectory() as folder:
        kept_store = ParquetBarStore(Path(folder))
        kept_store.append("binance", "BTC/USDT", "1m", bars)
        span = START + start * MINUTE, START + (start + width) * MINUTE
        made = FoldingStore(kept_store).read("binance", "BTC/USDT", "15m", *span)
    whole = resample(bars, "15m").between(*span)
    assert made.fingerprint == whole.fingerprint


def test_an_interval_nothing_divides_is_not_found(store: FoldingStore) -> None:
    for interval, code in (("30s", "interval_not_found"), ("5m", None)):
        if code is None:
            assert len(store.read("binance", "BTC/USDT", interval)) == 120
            continue
        with pytest.raises(TradePulseError) as caught:
            store.read("binance", "BTC/USDT", interval)
        assert caught.value.code == code
