"""Exporting: what is written is read back by an import, bit for bit."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from conformance.made_bars import made_bars, rows_of
from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.marketdata.exporting import ENCODERS, export_bars
from tradepulse.marketdata.importing import import_paths
from tradepulse.storage.parquet_bars import ParquetBarStore


@pytest.mark.parametrize("ending", ENCODERS)
@pytest.mark.parametrize(
    "stem", ["binanceusdm-BTC-USDT-USDT-1h", "binanceusdm_mark-BTC-USDT-USDT-1h"]
)
def test_every_format_comes_back_the_same(tmp_path: Path, ending: str, stem: str) -> None:
    bars = made_bars(100, without=(40, 41))
    file = tmp_path / "out" / f"{stem}{ending}"
    export_bars(bars, file)
    store = ParquetBarStore(tmp_path / "kept")
    import_paths(store, [file])
    assert rows_of(store.read(stem.split("-", maxsplit=1)[0], "BTC/USDT:USDT", "1h")) == rows_of(
        bars
    )


def test_feather_is_what_freqtrade_reads(tmp_path: Path) -> None:
    export_bars(made_bars(10), tmp_path / "BTC_USDT-1h.feather")
    frame = pl.read_ipc(tmp_path / "BTC_USDT-1h.feather")
    assert frame.columns == ["date", "open", "high", "low", "close", "volume"]
    assert frame.schema["date"] == pl.Datetime("ms", "UTC")


def test_a_file_that_exists_is_kept_unless_told(tmp_path: Path) -> None:
    file = tmp_path / "bars.csv"
    export_bars(made_bars(10), file)
    with pytest.raises(RefusedError, match="exists"):
        export_bars(made_bars(20), file)
    assert len(file.read_text().splitlines()) == 11
    export_bars(made_bars(20), file, overwrite=True)
    assert len(file.read_text().splitlines()) == 21
    assert [path.name for path in tmp_path.iterdir()] == ["bars.csv"]


def test_an_ending_nobody_knows(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot export"):
        export_bars(made_bars(10), tmp_path / "bars.xls")
