"""CSV with a header of our column names, long or short, as `tradepulse data export` writes it."""

from __future__ import annotations

import polars as pl

from tradepulse.marketdata.formats.csv_text import first_cells, read_csv
from tradepulse.marketdata.formats.funding_table import funding_of, has_funding
from tradepulse.marketdata.formats.names import origin_of
from tradepulse.marketdata.formats.parsed import Parsed
from tradepulse.marketdata.formats.source import Source
from tradepulse.marketdata.formats.table import bars_of, has_bars, time_name

NAME = "CSV with a header"


def sniff(source: Source) -> bool:
    """Whether the first line names a time and the columns of a bar, or a time and a rate."""
    names = first_cells(source)
    return has_bars(names) or has_funding(names)


def read(source: Source) -> Parsed:
    """The file's bars or funding; dates of bars written as ISO text are read as UTC."""
    frame = read_csv(source)
    if has_funding(frame.columns):
        return funding_of(frame, NAME, origin_of(source))
    time = time_name(frame.columns)
    if time is not None and frame[time].dtype == pl.String:
        stamps = pl.col(time).str.to_datetime(strict=False, time_zone="UTC")
        frame = frame.with_columns(stamps.dt.replace_time_zone(None))
    return bars_of(frame, NAME, origin_of(source))
