"""The bundled bars: all there, all good, each with its source and licence beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradepulse.marketdata.importing import ImportedFile, import_paths
from tradepulse.marketdata.samples import SAMPLES, bundled_files
from tradepulse.storage.parquet_bars import ParquetBarStore

BUNDLED = [
    ("binance", "AVAX/USDT", "5m", 72_030),
    ("binance", "LINK/USDT", "5m", 72_028),
    ("binance", "MATIC/USDT", "5m", 72_029),
    ("binance", "TRX/USDT", "5m", 72_028),
    ("binanceusdm", "ADA/USDT:USDT", "1m", 43_198),
    ("binanceusdm", "BNB/USDT:USDT", "1m", 43_198),
    ("binanceusdm", "BTC/USDT:USDT", "1m", 43_198),
    ("binanceusdm", "ETH/USDT:USDT", "1m", 60_190),
    ("binanceusdm", "LINK/USDT:USDT", "1m", 43_199),
    ("binanceusdm", "LTC/USDT:USDT", "1m", 43_198),
    ("binanceusdm", "SOL/USDT:USDT", "1m", 43_199),
    ("binanceusdm", "XRP/USDT:USDT", "1m", 43_198),
    ("kraken", "BTC/USD", "1h", 47_952),
    ("kraken", "ETH/USD", "1h", 47_469),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ParquetBarStore:
    return ParquetBarStore(tmp_path_factory.mktemp("bundled"))


def test_all_are_imported_under_their_names_and_again_without_change(
    store: ParquetBarStore,
) -> None:
    outcomes = import_paths(store, bundled_files())
    assert all(isinstance(outcome, ImportedFile) for outcome in outcomes)
    assert [(s.exchange, s.pair, s.interval, s.bars) for s in store.series()] == BUNDLED
    again = import_paths(store, [SAMPLES])
    kept = [outcome for outcome in again if isinstance(outcome, ImportedFile)]
    assert len(kept) == len(BUNDLED)
    assert sum(outcome.report.added for outcome in kept) == 0


def test_each_file_has_its_source_and_a_licence_that_is_there() -> None:
    sources = (SAMPLES / "SOURCES.md").read_text()
    for file in bundled_files():
        name = file.relative_to(SAMPLES).as_posix()
        (line,) = [line for line in sources.splitlines() if f"| {name} |" in line]
        assert "MIT" in line or "Apache-2.0" in line
        licence = line.split("](")[1].split(")")[0]
        assert len((SAMPLES / licence).read_text()) > 1000


def test_they_are_the_reference_bars_unchanged(shared: Path) -> None:
    for file in bundled_files():
        origin = shared / "data" / "bars" / file.relative_to(SAMPLES)
        assert file.read_bytes() == origin.read_bytes()
