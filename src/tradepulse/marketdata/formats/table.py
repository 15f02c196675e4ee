"""Columns of a table, whatever its file was, as bars: names and units settled in one place."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from tradepulse.domain.bars import OHLCV
from tradepulse.domain.errors import DataError
from tradepulse.marketdata.checks import as_int_times
from tradepulse.marketdata.formats.parsed import (
    Origin,
    Parsed,
    floats,
    in_milliseconds,
    oldest_first,
)

# Names by which files call the open time and the columns, in lower case.
TIME_NAMES = ("open_time", "ts", "date", "timestamp", "time", "unix", "unix timestamp", "datetime")
_SHORT = dict(zip(OHLCV, "ohlcv", strict=True))


def time_name(columns: Iterable[str]) -> str | None:
    """The column that holds the open time, or None."""
    names = {name.lower(): name for name in columns}
    return next((names[name] for name in TIME_NAMES if name in names), None)


def has_bars(columns: Iterable[str]) -> bool:
    """Whether the columns are those of bars, under their long or short names."""
    names = {name.lower() for name in columns}
    return time_name(names) is not None and (
        names.issuperset(OHLCV) or names.issuperset(_SHORT.values())
    )


def bars_of(frame: pl.DataFrame, format_name: str, origin: Origin) -> Parsed:
    """The frame's bars, oldest first, in milliseconds. Columns besides the six are left out.

    DataError `unknown_column`, `nan_values`.
    """
    names = {name.lower(): name for name in frame.columns}
    time = time_name(frame.columns)
    chosen = {long: names.get(long, names.get(short)) for long, short in _SHORT.items()}
    missing = [name for name, column in {"open_time": time, **chosen}.items() if column is None]
    if missing:
        raise DataError(
            "unknown_column", f"no column {', '.join(missing)}",
            expected="open_time, open, high, low, close, volume (or ts, o, h, l, c, v)",
            found=", ".join(frame.columns),
        )  # fmt: skip
    arrays = {name: frame[column].to_numpy() for name, column in chosen.items() if column}
    return bars_from(frame[time or ""].to_numpy(), arrays, format_name, origin)


def bars_from(
    times: np.ndarray, prices: dict[str, np.ndarray], format_name: str, origin: Origin
) -> Parsed:
    """Bars from raw columns: times in any unit, prices as numbers, in either order."""
    notes: list[str] = []
    stamps = as_int_times(times)
    if times.dtype.kind != "M":
        stamps, unit = in_milliseconds(stamps)
        notes.append(f"times in {unit}")
    rows = {"open_time": stamps, **{name: floats(prices[name], name) for name in OHLCV}}
    columns, turned = oldest_first(rows, "open_time")
    notes += [turned] if turned else []
    return Parsed(format_name, origin.noting(*notes), columns)
