"""The bars that come with the package: real, redistributable, three venues and eleven symbols."""

from __future__ import annotations

from pathlib import Path

from tradepulse.domain.bars import BarSeries
from tradepulse.marketdata.validate import as_bar_series

SAMPLES = Path(__file__).resolve().parent.parent / "sample_data"


def bundled_files() -> list[Path]:
    """The bundled files, `exchange/SYMBOL/interval.parquet`; `SOURCES.md` names their licences."""
    return sorted(SAMPLES.rglob("*.parquet"))


def read_bundled(file: Path) -> BarSeries:
    """The bars of one bundled file, checked like any other."""
    import polars

    return as_bar_series(polars.read_parquet(file), file.stem)
