"""Reading a file without a store: one series, chosen and checked."""

from __future__ import annotations

import zipfile
from pathlib import Path

import polars as pl
import pytest

from conformance.made_bars import columns_of, made_bars
from tradepulse.domain.errors import DataError
from tradepulse.marketdata.reading import read_file

BARS = made_bars(50)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "binanceusdm-BTC-USDT-USDT-1h.parquet"
    pl.DataFrame(columns_of(BARS)).write_parquet(path)
    return path


def test_a_file_is_read_by_any_of_its_names(file: Path) -> None:
    assert read_file(file).fingerprint == BARS.fingerprint
    assert read_file(file, symbol="BTCUSDT", interval="1h").fingerprint == BARS.fingerprint
    assert read_file(file, exchange="binanceusdm").fingerprint == BARS.fingerprint


def test_a_name_that_tells_nothing_is_no_hindrance(file: Path) -> None:
    plain = file.rename(file.with_name("bars.parquet"))
    assert read_file(plain, symbol="ETH/USDT").fingerprint == BARS.fingerprint


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"symbol": "ETHUSDT"}, "wrong_series"),
        ({"exchange": "kraken"}, "wrong_series"),
        ({"interval": "30m"}, "interval_mismatch"),
    ],
)
def test_another_series_is_refused(file: Path, wanted: dict[str, str], code: str) -> None:
    with pytest.raises(DataError) as refusal:
        read_file(file, **wanted)
    assert refusal.value.code == code


def test_an_archive_of_several_needs_a_choice(tmp_path: Path) -> None:
    rows = "".join(
        f"{t // 1000},{o},{h},{low},{c},{v},1\n"
        for t, o, h, low, c, v in pl.DataFrame(columns_of(BARS)).rows()
    )
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("XBTUSD_60.csv", rows)
        archive.writestr("ETHUSD_60.csv", rows)
    with pytest.raises(DataError) as refusal:
        read_file(tmp_path / "all.zip")
    assert refusal.value.code == "ambiguous_series"
    assert len(read_file(tmp_path / "all.zip", symbol="ETHUSD")) == 50
