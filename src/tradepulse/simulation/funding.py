"""Funding series as users have them, checked: a stamp that is missing is refused, never zero
(F12)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries, Floats, Times
from tradepulse.domain.errors import DataError, TradePulseError
from tradepulse.domain.funding import FundingSeries

# Ours, then venues' and ccxt's, written without capitals and underscores.
_TIME_NAMES = ("time", "ts", "fundingtime", "timestamp", "opentime", "calctime", "date")
_RATE_NAMES = ("rate", "fundingrate", "lastfundingrate")
_EIGHT_HOURS = 8 * 3_600_000
# Fewer stamps than a few days of them do not tell a contract's own, shorter rhythm.
_ENOUGH_STAMPS = 8
# Venues change a contract's funding interval: that many equal spacings in a row are a new rhythm,
# fewer are stamps missing.
_RHYTHM = 3


def read_funding(value: Any) -> tuple[Times, Floats]:
    """(times int64 UTC ms floored to the second, rates) of a `FundingSeries`, a frame or mapping
    with a time and a rate column, a mapping of times to rates, or rows: (time, rate), or mappings
    by name as ccxt gives them. Errors `unknown_column`, `bad_funding`, `nan_values`, `unsorted`,
    `duplicate_time`."""
    times, rates = _columns(value)
    seconds = times // 1000 * 1000
    if len(seconds) != len(rates):
        raise _bad("bad_funding", "as many rates as times", f"{len(rates)} and {len(seconds)}")
    if not np.isfinite(rates).all():
        row = int(np.flatnonzero(~np.isfinite(rates))[0])
        raise _bad("nan_values", "a rate at every stamp", f"none at {_day(seconds[row])}")
    steps = np.diff(seconds)
    if (steps < 0).any():
        row = int(np.flatnonzero(steps < 0)[0]) + 1
        raise _bad("unsorted", "rising stamps", f"{_day(seconds[row])} after a later one")
    if (steps == 0).any():
        row = int(np.flatnonzero(steps == 0)[0]) + 1
        raise _bad("duplicate_time", "one rate a stamp", f"two at {_day(seconds[row])}")
    return seconds, rates


def data_fingerprint(
    bars: BarSeries, funding: Any = None, detail: BarSeries | None = None,
    mark: BarSeries | None = None,
) -> str:  # fmt: skip
    """What a run's result depends on besides its configuration (law P3), as one SHA-256.

    With bars alone it is theirs. Of the funding only stamps within the bars count: a longer series
    gives the same run.
    """
    parts = [] if funding is None else [_stamps(bars, funding)]
    parts += [series.fingerprint.encode() for series in (detail, mark) if series is not None]
    if not parts:
        return bars.fingerprint
    return hashlib.sha256(b"|".join([bars.fingerprint.encode(), *parts])).hexdigest()


def _stamps(bars: BarSeries, funding: Any) -> bytes:
    times, rates = read_funding(funding)
    start, end = bars.open_time[0], bars.open_time[-1] + bars.interval_ms
    inside = (times >= start) & (times < end)
    return bytes(times[inside].tobytes() + rates[inside].tobytes())


def check_coverage(times: Times, start: int, end: int) -> None:
    """Refuses (`missing_funding`) a series without every stamp between `start` and `end`,
    exclusive.

    The spacing expected is the series' most frequent one; of a few stamps, eight hours at least.
    """
    if len(times) == 0:
        first = (start // _EIGHT_HOURS + 1) * _EIGHT_HOURS
        if first < end:
            raise _missing(first)
        return
    # Clocks of venues are a few seconds off; spacings are whole minutes.
    steps = np.rint(np.diff(times) / 60_000).astype(np.int64) * 60_000
    spacing = _EIGHT_HOURS
    if len(steps):
        values, counts = np.unique(steps, return_counts=True)
        spacing = int(values[np.argmax(counts)])
        if len(times) < _ENOUGH_STAMPS:
            spacing = max(spacing, _EIGHT_HOURS)
    if times[0] - spacing > start:
        raise _missing(int(start + (times[0] - start - 1) % spacing + 1))
    for row in np.flatnonzero(steps > spacing):
        inside = times[row] + spacing < end and times[row + 1] > start + spacing
        if inside and not _in_rhythm(steps, int(row)):
            first = int(times[row]) + spacing
            if first <= start:
                first += ((start - first) // spacing + 1) * spacing
            raise _missing(first)
    if times[-1] + spacing < end:
        raise _missing(int(times[-1]) + spacing)


def _in_rhythm(steps: Times, row: int) -> bool:
    """Whether the spacing at `row` is one of _RHYTHM or more equal ones in a row."""
    first = last = row
    while first > 0 and steps[first - 1] == steps[row]:
        first -= 1
    while last + 1 < len(steps) and steps[last + 1] == steps[row]:
        last += 1
    return last - first + 1 >= _RHYTHM


def _columns(value: Any) -> tuple[Times, Floats]:
    if isinstance(value, FundingSeries):
        return value.time, value.rate
    if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, (str, bytes)):
        if len(value) and isinstance(value[0], Mapping):
            value = {name: [row.get(name) for row in value] for name in value[0]}
        else:
            return _rows(value)
    elif isinstance(value, Mapping) and not any(isinstance(name, str) for name in value):
        return _rows(list(value.items()))
    names = list(value) if isinstance(value, Mapping) else list(getattr(value, "columns", ()))
    plain = {str(name).lower().replace("_", ""): name for name in reversed(names)}
    time = next((plain[name] for name in _TIME_NAMES if name in plain), None)
    rate = next((plain[name] for name in _RATE_NAMES if name in plain), None)
    if time is None or rate is None:
        expected = f"a column of {', '.join(_TIME_NAMES)} and one of {', '.join(_RATE_NAMES)}"
        raise _bad("unknown_column", expected, ", ".join(map(str, names)) or type(value).__name__)
    column = value[time]
    # A pandas column with a time zone turns into Python objects unless it is dropped first.
    if getattr(getattr(column, "dt", None), "tz", None) is not None:
        column = column.dt.tz_convert(None)
    return _arrays(column, value[rate])


def _rows(rows: Sequence[Any] | npt.NDArray[Any]) -> tuple[Times, Floats]:
    if any(len(row) != 2 for row in rows):
        raise _bad("bad_funding", "rows of (time, rate)", repr(rows)[:80])
    return _arrays([time for time, _ in rows], [rate for _, rate in rows])


def _arrays(times: Any, rates: Any) -> tuple[Times, Floats]:
    stamps = np.asarray(times)
    try:
        if stamps.dtype.kind == "O":  # Python's own datetimes
            stamps = np.array([int(item.timestamp() * 1000) for item in times], np.int64)
        if stamps.dtype.kind == "M":  # dates and times of a frame, in whatever unit it keeps them
            stamps = stamps.astype("datetime64[ms]")
        return stamps.astype(np.int64), np.asarray(rates).astype(np.float64)
    except (AttributeError, TypeError, ValueError) as error:
        raise _bad("bad_funding", "UTC milliseconds and rates", str(error)) from error


def _missing(time: int) -> TradePulseError:
    return DataError(
        "missing_funding",
        "funding is missing; it is refused, never taken as zero",
        expected=f"a rate at {_day(time)}",
        found="none",
        hint="Give the venue's funding history over the whole range of the bars.",
    )


def no_funding() -> TradePulseError:
    """The error for a perpetual without any funding series."""
    return DataError(
        "missing_funding",
        "a perpetual pays funding, and none was given",
        expected="funding=... with times and rates over the range of the bars",
        found="None",
    )


def _bad(code: str, expected: str, found: str) -> TradePulseError:
    return DataError(code, "the funding series is wrong", expected=expected, found=found)


def _day(time: int) -> str:
    return datetime.fromtimestamp(int(time) / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
