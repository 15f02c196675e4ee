"""Binance Vision's archives: `BTCUSDT-1m-2024-01.zip`, CSV inside, with or without a header.

Source: the README of binance-public-data. Spot stamps are in microseconds from 2025-01-01 on.
Spot files have no header; USD-M futures files of recent years have one.
"""

from __future__ import annotations

import re

from tradepulse.domain.bars import OHLCV
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.checks import as_int_times
from tradepulse.marketdata.formats.csv_text import first_cells, is_number, read_csv
from tradepulse.marketdata.formats.names import interval_in, pair_in
from tradepulse.marketdata.formats.parsed import Kind, Origin, Parsed, floats, in_milliseconds
from tradepulse.marketdata.formats.source import Source
from tradepulse.marketdata.formats.table import bars_of

NAME = "Binance Vision"
_COLUMNS = (
    "open_time", *OHLCV, "close_time", "quote_volume", "count", "taker_buy_volume",
    "taker_buy_quote_volume", "ignore",
)  # fmt: skip
_KLINES = re.compile(r"^([A-Z0-9]+)-(\d+[smhdw])(?:-\d{4}-\d{2}(?:-\d{2})?)?$")
_FUNDING = re.compile(r"^([A-Z0-9]+)-fundingRate(?:-\d{4}-\d{2}(?:-\d{2})?)?$")
_FUNDING_HEADER = ["calc_time", "funding_interval_hours", "last_funding_rate"]


def sniff(source: Source) -> bool:
    """Whether the first line has the archive's twelve columns, or its funding header."""
    row = first_cells(source)
    if row == _FUNDING_HEADER:
        return True
    return len(row) == len(_COLUMNS) and (row[0] == "open_time" or all(map(is_number, row)))


def read(source: Source) -> Parsed:
    """The archive's bars, mark prices or funding. DataErrors of the CSV and of the columns."""
    row = first_cells(source)
    if row == _FUNDING_HEADER:
        return _read_funding(source)
    header = row[0] == "open_time"
    frame = read_csv(source, None if header else _COLUMNS)
    parsed = bars_of(frame, NAME, Origin())
    micro = any("microseconds" in note for note in parsed.origin.inferred)
    exchange, why = _venue(source, header, micro)
    name = _KLINES.match(source.stem)
    pair = pair_in(name[1]) if name else None
    interval = interval_in(name[2]) if name else None
    origin = _origin(exchange, why, pair, interval).noting(*parsed.origin.inferred)
    if "markPriceKlines" in source.folders:
        noted = origin.noting("mark prices from the folder markPriceKlines")
        return Parsed(NAME, noted, parsed.columns, Kind.MARK)
    return Parsed(NAME, origin, parsed.columns)


def _venue(source: Source, header: bool, micro: bool) -> tuple[str, str]:
    if "um" in source.folders or "markPriceKlines" in source.folders:
        return "binanceusdm", "the folder"
    if "spot" in source.folders:
        return "binance", "the folder"
    if micro:
        return "binance", "its microseconds (only spot has them)"
    if header:
        return "binanceusdm", "its header line (spot files have none)"
    return "binance", "the missing header line (recent futures files have one)"


def _read_funding(source: Source) -> Parsed:
    frame = read_csv(source)
    times, unit = in_milliseconds(as_int_times(frame["calc_time"].to_numpy()))
    rate = floats(frame["last_funding_rate"].to_numpy(), "last_funding_rate")
    name = _FUNDING.match(source.stem)
    origin = _origin("binanceusdm", "the funding header", pair_in(name[1]) if name else None, None)
    noted = origin.noting(f"times in {unit}")
    return Parsed(NAME, noted, {"time": times, "rate": rate}, Kind.FUNDING)


def _origin(exchange: str, why: str, pair: Pair | None, interval: Interval | None) -> Origin:
    notes = [f"exchange {exchange} from {why}"]
    notes += [f"pair {pair} from the name"] if pair else []
    notes += [f"interval {interval} from the name"] if interval else []
    return Origin(exchange, pair, interval, tuple(notes))
