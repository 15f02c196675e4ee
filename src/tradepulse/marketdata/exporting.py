"""Exporting: a series as a file that other tools read, and that an import reads back the same."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import orjson
import polars as pl

from tradepulse.domain.bars import OHLCV, BarSeries
from tradepulse.domain.errors import RefusedError, UsageError


def export_bars(bars: BarSeries, file: Path, *, overwrite: bool = False) -> None:
    """Nothing; `file` holds the bars in the format its ending names.

    `.parquet` and `.csv` with our long column names, `.feather` with freqtrade's `date`, `.json`
    as ccxt rows. UsageError `unknown_format`; RefusedError `file_exists` unless `overwrite`.
    """
    encode = ENCODERS.get(file.suffix.lower())
    if encode is None:
        raise UsageError(
            "unknown_format", f"cannot export to {file.suffix or 'a name without an ending'}",
            expected=", ".join(ENCODERS), found=file.name,
        )  # fmt: skip
    if file.exists() and not overwrite:
        raise RefusedError(
            "file_exists", f"{file} exists", expected="a new file",
            hint="--overwrite replaces it",
        )  # fmt: skip
    content = encode(bars)
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)


def as_frame(bars: BarSeries) -> pl.DataFrame:
    """The bars as a Polars frame: `open_time` in int64 ms and OHLCV."""
    return pl.DataFrame({name: getattr(bars, name) for name in ("open_time", *OHLCV)})


def _parquet(bars: BarSeries) -> bytes:
    buffer = io.BytesIO()
    as_frame(bars).write_parquet(buffer, compression="zstd")
    return buffer.getvalue()


def _csv(bars: BarSeries) -> bytes:
    return as_frame(bars).write_csv().encode()


def _feather(bars: BarSeries) -> bytes:
    date = pl.col("open_time").cast(pl.Datetime("ms")).dt.replace_time_zone("UTC").alias("date")
    buffer = io.BytesIO()
    as_frame(bars).select(date, *OHLCV).write_ipc(buffer, compression="lz4")
    return buffer.getvalue()


def _json(bars: BarSeries) -> bytes:
    columns = [getattr(bars, name).tolist() for name in ("open_time", *OHLCV)]
    return orjson.dumps(list(zip(*columns, strict=True)))


ENCODERS: dict[str, Callable[[BarSeries], bytes]] = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".feather": _feather,
    ".json": _json,
}
