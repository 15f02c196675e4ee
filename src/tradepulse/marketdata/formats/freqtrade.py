"""freqtrade's downloads: `BTC_USDT-5m.feather`, `BTC_USDT_USDT-1h-mark.feather`, also as JSON.

Columns `date, open, high, low, close, volume`; JSON is a list of rows in that order. The last
word of the name says what the rows are: `futures` (perpetual bars), `mark`, `funding_rate`, whose
rate stands in the column `open`.
"""

from __future__ import annotations

import io
import re

import polars as pl

from tradepulse.domain.errors import DataError
from tradepulse.marketdata.formats.names import origin_of
from tradepulse.marketdata.formats.parsed import Kind, Origin, Parsed
from tradepulse.marketdata.formats.source import Source
from tradepulse.marketdata.formats.table import bars_of

NAME = "freqtrade"
_FILE = re.compile(
    r"^[A-Za-z0-9]+_[A-Za-z0-9]+(?:_[A-Za-z0-9]+)?-\d+[smhdw](?:-(futures|mark|funding_rate))?$"
)


def named_like_freqtrade(source: Source) -> bool:
    """Whether the file's name is one that freqtrade gives."""
    return _FILE.match(source.stem) is not None


def sniff(source: Source) -> bool:
    """Whether the bytes are an Arrow (Feather) file."""
    return source.content.startswith(b"ARROW1") or source.name.endswith(".feather")


def read(source: Source) -> Parsed:
    """The file's bars or funding. DataError `corrupt_file`, `unknown_column`."""
    try:
        frame = pl.read_ipc(io.BytesIO(source.content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            "corrupt_file", f"{source.name} cannot be read", expected="a whole Feather file",
            found=str(error).split("\n", 1)[0],
        ) from error  # fmt: skip
    return interpret(frame, source, NAME, origin_of(source))


def interpret(frame: pl.DataFrame, source: Source, format_name: str, origin: Origin) -> Parsed:
    """The frame as what its name says it is: bars, mark prices or funding rates."""
    match = _FILE.match(source.stem)
    parsed = bars_of(frame, format_name, _futures(origin) if match else origin)
    ending = match[1] if match else None
    if ending == "funding_rate":
        rows = {"time": parsed.columns["open_time"], "rate": parsed.columns["open"]}
        noted = parsed.origin.noting("funding rates from the name")
        return Parsed(format_name, noted, rows, Kind.FUNDING)
    if ending == "mark":
        noted = parsed.origin.noting("mark prices from the name")
        return Parsed(format_name, noted, parsed.columns, Kind.MARK)
    return parsed


def _futures(origin: Origin) -> Origin:
    """freqtrade calls both of Binance's venues `binance`; ours tells them apart."""
    if origin.exchange != "binance" or origin.pair is None or origin.pair.settle is None:
        return origin
    said = [note for note in origin.inferred if not note.startswith("exchange")]
    moved = "exchange binanceusdm from the folder binance and the perpetual's name"
    return Origin("binanceusdm", origin.pair, origin.interval, (moved, *said))
