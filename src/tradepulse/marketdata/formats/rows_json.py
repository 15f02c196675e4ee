"""JSON rows `[[time, open, high, low, close, volume], …]`, as ccxt returns them."""

from __future__ import annotations

import orjson
import polars as pl

from tradepulse.domain.bars import OHLCV
from tradepulse.domain.errors import DataError
from tradepulse.marketdata.formats import freqtrade
from tradepulse.marketdata.formats.names import origin_of
from tradepulse.marketdata.formats.parsed import Parsed
from tradepulse.marketdata.formats.source import Source

NAME = "ccxt rows"


def sniff(source: Source) -> bool:
    """Whether the text begins as a JSON list, or the name says JSON."""
    return source.head.lstrip().startswith("[") or ".json" in source.name


def read(source: Source) -> Parsed:
    """The rows as bars. DataError `corrupt_file`, `unknown_column`, `empty`, `nan_values`."""
    try:
        rows = orjson.loads(source.content)
    except orjson.JSONDecodeError as error:
        raise DataError(
            "corrupt_file", f"{source.name} is not whole JSON", expected="a list of rows",
            found=str(error),
        ) from error  # fmt: skip
    _check_shape(rows, source)
    names = ["open_time", *OHLCV]
    columns = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    try:
        frame = pl.DataFrame(columns, strict=True)
    except (TypeError, pl.exceptions.PolarsError):
        # Prices written as text or as whole numbers here and there; times stay whole.
        frame = pl.DataFrame(columns, strict=False)
    name = freqtrade.NAME if freqtrade.named_like_freqtrade(source) else NAME
    return freqtrade.interpret(_numbers(frame), source, name, origin_of(source))


def _check_shape(rows: object, source: Source) -> None:
    expected = "rows of [time, open, high, low, close, volume]"
    if not isinstance(rows, list):
        raise DataError(
            "unknown_column", f"{source.name} is not a list of rows", expected=expected,
            found=type(rows).__name__,
        )  # fmt: skip
    if not rows:
        raise DataError("empty", f"{source.name} holds no rows", expected=expected, found="[]")
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) < 1 + len(OHLCV):
            raise DataError(
                "unknown_column", f"row {number} of {source.name} is not a bar",
                expected=expected, found=str(row)[:80],
            )  # fmt: skip


def _numbers(frame: pl.DataFrame) -> pl.DataFrame:
    prices = [pl.col(name).cast(pl.Float64, strict=False) for name in OHLCV]
    return frame.with_columns(pl.col("open_time").cast(pl.Int64, strict=False), *prices)
