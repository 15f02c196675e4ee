"""What a series of bars must be to be trusted: good as a whole, or refused as a whole.

Every refusal is a `DataError` that names the row and its time. NumPy only: a million good bars
pass in a few milliseconds, since the search for the culprit starts only once there is one.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import OHLCV, BarSeries, Floats, Times
from tradepulse.domain.errors import DataError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.interval import Interval

# Below this many bars the commonest spacing says little, and a stated interval is believed.
MODAL_NEEDS_BARS = 10
# Rows looked at together: their temporaries stay in the cache instead of touching fresh memory,
# which costs more than the comparisons.
_BLOCK = 1 << 15
# Year 3000 in milliseconds: anything above is microseconds or nanoseconds.
_LAST_PLAUSIBLE_MS = 32_503_680_000_000


def describe_time(time_ms: int) -> str:
    """The UTC time as people read it, seconds dropped when zero."""
    if not 0 <= time_ms <= _LAST_PLAUSIBLE_MS:
        return str(time_ms)
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.strftime("%Y-%m-%d %H:%M" if time_ms % 60_000 == 0 else "%Y-%m-%d %H:%M:%S")


def spacing_bounds_ms(times: Times) -> tuple[int, int] | None:
    """The smallest and largest distance between neighbours, or None below two times."""
    if len(times) < 2:
        return None
    low, high = [], []
    for start in range(0, len(times) - 1, _BLOCK):
        spacings = np.diff(times[start : start + _BLOCK + 1])
        low.append(int(spacings.min()))
        high.append(int(spacings.max()))
    return min(low), max(high)


def modal_spacing_ms(times: Times) -> int | None:
    """The commonest distance between neighbours, or None below two times.

    The smallest one on a tie: a hole makes spacings longer, never shorter.
    """
    bounds = spacing_bounds_ms(times)
    if bounds is None or bounds[0] == bounds[1]:
        return bounds and bounds[0]
    values, counts = np.unique(np.diff(times), return_counts=True)
    return int(values[np.argmax(counts)])


def check_bars(
    bars: BarSeries, bounds: tuple[int, int] | None = None, *, any_start: bool = False
) -> None:
    """Nothing when the bars may be trusted; `bounds` spares a second look at their spacing.

    `any_start`: the first bar need not open on the interval's own grid, as the bars of a store
    must; the others follow it all the same.

    DataError `empty`, `nan_values`, `duplicate_time`, `unsorted`, `misaligned_time`,
    `interval_mismatch`, `bad_time_unit` or `impossible_bar` otherwise.
    """
    if len(bars) == 0:
        raise DataError("empty", "no bars", expected="at least one bar", found="none")
    _check_lengths(bars)
    _check_unit(bars.open_time)
    if not _is_regular(bars, bounds or spacing_bounds_ms(bars.open_time), any_start):
        _check_order(bars.open_time)
        _check_grid(bars.open_time, Interval(bars.interval_ms), any_start)
    _check_prices(bars)


def check_funding(funding: FundingSeries) -> None:
    """Nothing when the settlements may be trusted; DataError as for bars otherwise."""
    if len(funding) == 0:
        raise DataError("empty", "no funding", expected="at least one settlement", found="none")
    _check_unit(funding.time)
    _check_order(funding.time)
    bad = np.flatnonzero(~np.isfinite(funding.rate))
    if len(bad):
        _refuse_value("rate", int(bad[0]), funding.time, funding.rate)


def _is_regular(bars: BarSeries, bounds: tuple[int, int] | None, any_start: bool) -> bool:
    """Whether every bar follows the one before on the grid: nothing more to ask of the times."""
    first, step = int(bars.open_time[0]), bars.interval_ms
    on_grid = step % 1000 == 0 and (any_start or Interval(step).floor(first) == first)
    return on_grid and bounds in (None, (step, step))


def _check_lengths(bars: BarSeries) -> None:
    for name in (*OHLCV, *bars.columns):
        column = bars.columns[name] if name in bars.columns else getattr(bars, name)
        if len(column) != len(bars):
            raise DataError(
                "length_mismatch",
                f"column {name} is not as long as open_time",
                expected=f"{len(bars)} values",
                found=f"{len(column)}",
            )


def _check_unit(times: Times) -> None:
    last = int(times[-1])
    if not -_LAST_PLAUSIBLE_MS <= last <= _LAST_PLAUSIBLE_MS:
        raise DataError(
            "bad_time_unit",
            "times are not in milliseconds",
            expected="open times in UTC milliseconds",
            found=f"{last} in row {len(times) - 1}",
            hint="divide microseconds by 1,000 and nanoseconds by 1,000,000",
        )


def _check_order(times: Times) -> None:
    bounds = spacing_bounds_ms(times)
    if bounds is None or bounds[0] > 0:
        return
    order = np.argsort(times, kind="stable")
    repeats = np.flatnonzero(np.diff(times[order]) == 0)
    if len(repeats):
        first, second = int(order[repeats[0]]), int(order[repeats[0] + 1])
        raise DataError(
            "duplicate_time",
            f"{len(repeats)} bar(s) repeat the time of another",
            expected="every open time once",
            found=f"{describe_time(int(times[first]))} in rows {first} and {second}",
        )
    row = int(np.argmax(np.diff(times) < 0)) + 1
    raise DataError(
        "unsorted",
        "bars are not oldest first",
        expected=f"row {row} after {describe_time(int(times[row - 1]))}",
        found=describe_time(int(times[row])),
    )


def _check_grid(times: Times, interval: Interval, any_start: bool) -> None:
    # Every usual interval in seconds, read as milliseconds, is not a whole number of seconds.
    if interval.ms % 1000:
        raise DataError(
            "bad_time_unit",
            "bars are not whole seconds apart",
            expected="open times in UTC milliseconds",
            found=f"{interval.ms} ms between bars",
            hint="multiply seconds by 1,000",
        )
    first_is_off = not any_start and interval.floor(int(times[0])) != int(times[0])
    off = np.flatnonzero(np.diff(times) % interval.ms) + 1
    if first_is_off or len(off):
        row = 0 if first_is_off else int(off[0])
        raise DataError(
            "misaligned_time",
            f"a bar does not open on the {interval} grid",
            expected=f"row {row} at {describe_time(_on_grid(times, row, interval, any_start))}",
            found=describe_time(int(times[row])),
        )
    modal = modal_spacing_ms(times)
    if modal is not None and modal != interval.ms and len(times) >= MODAL_NEEDS_BARS:
        raise DataError(
            "interval_mismatch",
            f"the bars are not {interval} bars",
            expected=f"a commonest spacing of {interval}",
            found=f"{Interval(modal)}",
        )


def _on_grid(times: Times, row: int, interval: Interval, any_start: bool) -> int:
    """The last moment of the grid at or before the bar."""
    time, first = int(times[row]), int(times[0])
    if any_start:
        return first + (time - first) // interval.ms * interval.ms
    return interval.floor(time)


def _check_prices(bars: BarSeries) -> None:
    for start in range(0, len(bars), _BLOCK):
        good = _possible(bars.slice(start, start + _BLOCK))
        if not good.all():
            _refuse_row(bars, start + int(np.argmin(good)))


def _possible(bars: BarSeries) -> npt.NDArray[np.bool_]:
    low, high = bars.low, bars.high
    # Each comparison is False for NaN, so one pass of ands finds every kind of fault.
    good = low > 0
    for passed in (
        low <= bars.open, low <= bars.close, high >= bars.open, high >= bars.close,
        high < np.inf, bars.volume >= 0, bars.volume < np.inf,
    ):  # fmt: skip
        good &= passed
    return good


def _refuse_row(bars: BarSeries, row: int) -> None:
    for name in OHLCV:
        column: Floats = getattr(bars, name)
        if not np.isfinite(column[row]):
            _refuse_value(name, row, bars.open_time, column)
    raise _impossible(bars, row)


def _refuse_value(name: str, row: int, times: Times, column: Floats) -> None:
    raise DataError(
        "nan_values",
        f"{name} is missing or not a number in {np.count_nonzero(~np.isfinite(column))} row(s)",
        expected=f"a finite number in column {name}, row {row}, {describe_time(int(times[row]))}",
        found=str(float(column[row])),
    )


def _impossible(bars: BarSeries, row: int) -> DataError:
    o, h, low, c, v = (float(getattr(bars, name)[row]) for name in OHLCV)
    if low <= 0 or min(o, h, c) <= 0:
        expected = "prices above zero"
    elif v < 0:
        expected = "a volume of zero or more"
    else:
        expected = "low <= open and close <= high"
    return DataError(
        "impossible_bar",
        f"row {row}, {describe_time(int(bars.open_time[row]))}, cannot have happened",
        expected=expected,
        found=f"open {o:g}, high {h:g}, low {low:g}, close {c:g}, volume {v:g}",
    )


def as_int_times(values: npt.NDArray[np.generic]) -> Times:
    """Times as int64 UTC milliseconds; datetime64 of any unit is converted.

    DataError `nan_values` for a missing or fractional time.
    """
    if values.dtype.kind == "M":
        if np.isnat(values).any():
            row = int(np.argmax(np.isnat(values)))
            raise DataError(
                "nan_values", "a time is missing", expected="a time", found=f"row {row}"
            )
        return values.astype("datetime64[ms]").astype(np.int64)
    if values.dtype.kind in "iu":
        return np.ascontiguousarray(values, dtype=np.int64)
    return _times_from_floats(values)


def _times_from_floats(values: npt.NDArray[np.generic]) -> Times:
    try:
        numbers = values.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            "unknown_time", "times are not numbers", expected="int64 UTC milliseconds",
            found=str(values.dtype),
        ) from error  # fmt: skip
    bad = ~np.isfinite(numbers) | (numbers != np.floor(numbers))
    if bad.any():
        row = int(np.argmax(bad))
        raise DataError(
            "nan_values", "a time is missing or not whole",
            expected=f"a whole number of milliseconds in row {row}", found=str(numbers[row]),
        )  # fmt: skip
    return numbers.astype(np.int64)
