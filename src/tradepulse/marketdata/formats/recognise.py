"""The recogniser: which format a file is in, by its content first and its name second."""

from __future__ import annotations

from typing import Protocol

from tradepulse.domain.errors import DataError
from tradepulse.marketdata.formats import (
    binance_vision,
    cryptodatadownload,
    freqtrade,
    headed_csv,
    kraken_ohlcvt,
    parquet,
    rows_json,
)  # fmt: skip
from tradepulse.marketdata.formats.parsed import Parsed
from tradepulse.marketdata.formats.source import Source


class Format(Protocol):
    """A module of this folder."""

    NAME: str

    def sniff(self, source: Source) -> bool: ...

    def read(self, source: Source) -> Parsed: ...


# The first that says yes reads the file: binary marks before text, narrow layouts before wide.
FORMATS: tuple[Format, ...] = (
    parquet, freqtrade, cryptodatadownload, binance_vision, kraken_ohlcvt, headed_csv, rows_json,
)  # fmt: skip


def parse(source: Source) -> Parsed:
    """The file's rows in our units. DataError `unknown_format`, or what its reader refuses."""
    for known in FORMATS:
        if known.sniff(source):
            return known.read(source)
    raise DataError(
        "unknown_format",
        f"{source.name} is in no known format",
        expected=", ".join(known.NAME for known in FORMATS),
        found=repr(source.head.split("\n", 1)[0][:80]),
    )
