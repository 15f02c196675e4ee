"""Parquet with our columns, short (`ts o h l c v`) or long, or freqtrade's (`date` first)."""

from __future__ import annotations

import io

import polars as pl

from tradepulse.domain.errors import DataError
from tradepulse.marketdata.formats import freqtrade
from tradepulse.marketdata.formats.funding_table import funding_of, has_funding
from tradepulse.marketdata.formats.names import origin_of
from tradepulse.marketdata.formats.parsed import Parsed
from tradepulse.marketdata.formats.source import Source

NAME = "parquet"


def sniff(source: Source) -> bool:
    """Whether the bytes are, or were meant to be, a Parquet file."""
    return source.content.startswith(b"PAR1") or source.name.endswith(".parquet")


def read(source: Source) -> Parsed:
    """The file's bars, or freqtrade's funding. DataError `corrupt_file`, `unknown_column`."""
    try:
        frame = pl.read_parquet(io.BytesIO(source.content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            "corrupt_file", f"{source.name} cannot be read", expected="a whole Parquet file",
            found=str(error).split("\n", 1)[0],
        ) from error  # fmt: skip
    if has_funding(frame.columns):
        return funding_of(frame, NAME, origin_of(source))
    return freqtrade.interpret(frame, source, NAME, origin_of(source))
