"""Kraken's OHLCVT downloads: `XBTUSD_60.csv`, no header, seconds, the interval in minutes.

Columns time, open, high, low, close, volume, trades. A bar without trades has no row: the gaps
are the venue's own. XBT is Bitcoin.
"""

from __future__ import annotations

import re

from tradepulse.domain.bars import OHLCV
from tradepulse.domain.interval import MINUTE_MS, Interval
from tradepulse.marketdata.formats.csv_text import first_cells, is_number, read_csv
from tradepulse.marketdata.formats.names import named, pair_in
from tradepulse.marketdata.formats.parsed import Parsed
from tradepulse.marketdata.formats.source import Source
from tradepulse.marketdata.formats.table import bars_of

NAME = "Kraken OHLCVT"
_COLUMNS = ("open_time", *OHLCV, "trades")
_FILE = re.compile(r"^([A-Z0-9.]+)_(\d+)$")


def sniff(source: Source) -> bool:
    """Whether the first line is seven numbers that begin with a time in seconds."""
    row = first_cells(source)
    return len(row) == len(_COLUMNS) and all(map(is_number, row)) and float(row[0]) < 1e11


def read(source: Source) -> Parsed:
    """The file's bars; pair and interval from its name."""
    name = _FILE.match(source.stem)
    interval = Interval(int(name[2]) * MINUTE_MS) if name and int(name[2]) else None
    origin = named("kraken", None, None, where="the seven columns without a header")
    told = named(None, pair_in(name[1]) if name else None, interval, where="the name")
    both = type(origin)("kraken", told.pair, told.interval, origin.inferred + told.inferred)
    return bars_of(read_csv(source, _COLUMNS), NAME, both)
