"""The door through which bars enter: frames and mappings as people hold them become `BarSeries`."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import OHLCV, BarSeries, Floats
from tradepulse.domain.errors import DataError
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.checks import (
    as_int_times,
    check_bars,
    check_funding,
    describe_time,
    modal_spacing_ms,
    spacing_bounds_ms,
)  # fmt: skip

__all__ = ["as_bar_series", "check_bars", "check_funding", "describe_time", "modal_spacing_ms"]

REQUIRED = ("open_time", *OHLCV)
_SHORT = dict(zip(("ts", "o", "h", "l", "c", "v"), REQUIRED, strict=True))


def as_bar_series(
    data: Any, interval: str | Interval | None = None, *, any_start: bool = False,
    volume: bool = True,
) -> BarSeries:  # fmt: skip
    """The bars of a Polars or pandas frame, or of a mapping of arrays, checked.

    Columns `open_time, open, high, low, close, volume` or `ts, o, h, l, c, v`: open times in int64
    UTC milliseconds (datetimes are converted), prices and volume as numbers. Other numeric columns
    become `BarSeries.columns`, where NaN means not known. Without `interval` it is the commonest
    spacing of the times. A `BarSeries` is checked and returned as it is. `any_start`: see
    `check_bars`. `volume` False: a table without volume (marks have none) gets zeros.

    DataError `unknown_column`, `cannot_infer`, and all of `checks.check_bars`.
    """
    if isinstance(data, BarSeries):
        check_bars(data, any_start=any_start)
        return data
    names = _column_names(data)
    chosen = _required_columns(names, REQUIRED if volume else REQUIRED[:-1])
    times = as_int_times(_array(data, chosen["open_time"]))
    prices = {
        name: _floats(data, chosen[name]) if name in chosen else np.zeros(len(times))
        for name in OHLCV
    }
    extras = {
        name: _floats(data, name) for name in names if name not in set(chosen.values())
    }  # fmt: skip
    bounds = spacing_bounds_ms(times)
    bars = BarSeries(
        times, prices["open"], prices["high"], prices["low"], prices["close"], prices["volume"],
        _interval_ms(times, bounds, interval), extras,
    )  # fmt: skip
    check_bars(bars, bounds, any_start=any_start)
    return bars


def _column_names(data: Any) -> list[str]:
    columns: Iterable[Any] | None = getattr(data, "columns", None)
    if columns is None and hasattr(data, "keys"):
        columns = data.keys()
    if columns is None:
        raise DataError(
            "unknown_column",
            "bars must have named columns",
            expected="a Polars or pandas frame, or a mapping of arrays",
            found=type(data).__name__,
        )
    return [str(name) for name in columns]


def _required_columns(names: list[str], required: tuple[str, ...]) -> dict[str, str]:
    """Which of `names` stands for each known column, long or short; `required` ones must be."""
    short = {long: name for name, long in _SHORT.items()}
    chosen = {
        long: long if long in names else short[long]
        for long in REQUIRED
        if long in names or short[long] in names
    }
    missing = [long for long in required if long not in chosen]
    if not missing:
        return chosen
    near = [m for name in missing for m in get_close_matches(name, names, n=1)]
    raise DataError(
        "unknown_column",
        f"no column {', '.join(missing)}",
        expected="open_time, open, high, low, close, volume (or ts, o, h, l, c, v)",
        found=", ".join(names) or "no columns",
        hint=f"rename {', '.join(near)}" if near else None,
    )


def _array(data: Any, name: str) -> npt.NDArray[np.generic]:
    column = data[name]
    # A pandas column with a time zone turns into Python objects unless it is dropped first.
    if getattr(getattr(column, "dt", None), "tz", None) is not None:
        column = column.dt.tz_convert(None)
    array = _writable(column.to_numpy() if hasattr(column, "to_numpy") else np.asarray(column))
    if array.ndim != 1:
        raise DataError(
            "length_mismatch", f"column {name} is not a plain list of values",
            expected="one dimension", found=f"{array.ndim}",
        )  # fmt: skip
    return array


class _Lender:
    """Lends an array's memory as writable, and keeps it alive while it is lent."""

    def __init__(self, array: npt.NDArray[np.generic]) -> None:
        self.array = array
        address, _ = array.__array_interface__["data"]
        self.__array_interface__ = {**array.__array_interface__, "data": (address, False)}


def _writable(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """The same memory without the read-only mark that Polars and pandas put on it.

    Numba would compile every kernel a second time for read-only arrays; nobody writes to bars,
    and a copy would cost more than all the checks.
    """
    if array.flags.writeable or array.dtype.hasobject or array.dtype.kind == "M":
        return array
    return np.asarray(_Lender(array))


def _floats(data: Any, name: str) -> Floats:
    array = _array(data, name)
    try:
        return np.ascontiguousarray(array, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            "unknown_column",
            f"column {name} does not hold numbers",
            expected="numbers",
            found=str(array.dtype),
            hint=f"drop {name}, or give it as a number",
        ) from error


def _interval_ms(
    times: npt.NDArray[np.int64], bounds: tuple[int, int] | None, interval: str | Interval | None
) -> int:
    if interval is not None:
        return Interval.parse(interval).ms
    # Sorted where it is not, so that an unsorted file is refused for its order, not its spacing.
    if bounds is not None and bounds[0] == bounds[1] > 0:
        return bounds[0]
    spacing = modal_spacing_ms(times if bounds and bounds[0] > 0 else np.unique(times))
    if spacing is not None:
        return spacing
    if len(times) == 0:
        raise DataError("empty", "no bars", expected="at least one bar", found="none")
    raise DataError(
        "cannot_infer",
        "one bar has no spacing to tell its interval from",
        expected="two bars or more, or an interval",
        found="1 bar",
        hint="give interval='1h'",
    )
