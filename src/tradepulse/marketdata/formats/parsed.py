"""What a format's reader makes of a file: columns in our units, and what it could tell of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import OHLCV, BarSeries, Times
from tradepulse.domain.errors import DataError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.merge import Columns


class Kind(StrEnum):
    """What the rows are."""

    BARS = "bars"
    MARK = "mark"
    FUNDING = "funding"


@dataclass(frozen=True)
class Origin:
    """Which series a file belongs to, None where it does not say; `inferred` is for the user."""

    exchange: str | None = None
    pair: Pair | None = None
    interval: Interval | None = None
    inferred: tuple[str, ...] = ()

    def noting(self, *inferred: str) -> Origin:
        """The same with more inferences to print."""
        return Origin(self.exchange, self.pair, self.interval, (*self.inferred, *inferred))


@dataclass(frozen=True)
class Parsed:
    """A read file. Bars have `open_time` and OHLCV, funding has `time` and `rate`; times in ms."""

    format: str
    origin: Origin
    columns: Columns
    kind: Kind = Kind.BARS

    @property
    def times(self) -> Times:
        """Open times of bars, stamps of funding."""
        name = "time" if self.kind is Kind.FUNDING else "open_time"
        return np.asarray(self.columns[name], dtype=np.int64)

    def bars(self, interval: Interval) -> BarSeries:
        """The rows as bars of `interval`, not checked yet."""
        o, h, low, c, v = (np.asarray(self.columns[name], dtype=np.float64) for name in OHLCV)
        return BarSeries(self.times, o, h, low, c, v, interval.ms)

    def funding(self) -> FundingSeries:
        """The rows as settlements, not checked yet."""
        return FundingSeries(self.times, np.asarray(self.columns["rate"], dtype=np.float64))


# The unit of a whole number of time since 1970 tells itself by its size between 1973 and 5138.
_UNITS = (
    (100_000_000_000, "seconds", 1000, 1),
    (100_000_000_000_000, "milliseconds", 1, 1),
    (100_000_000_000_000_000, "microseconds", 1, 1000),
    (2**63 - 1, "nanoseconds", 1, 1_000_000),
)


def in_milliseconds(times: Times) -> tuple[Times, str]:
    """`times` in milliseconds, and the unit(s) they were in.

    Decided row by row: CryptoDataDownload mixes seconds and milliseconds in one file.
    """
    result, named, floor = times.copy(), [], -(2**63)
    for ceiling, name, factor, divisor in _UNITS:
        rows = (times >= floor) & (times < ceiling)
        floor = ceiling
        if rows.any():
            named.append(name)
            result[rows] = times[rows] * factor // divisor
    return result, " and ".join(named) or "milliseconds"


def oldest_first(columns: Columns, key: str) -> tuple[Columns, str | None]:
    """The rows turned round when they are newest first throughout, and a word on it.

    Any other disorder is left for the checks to refuse.
    """
    spacings = np.diff(columns[key])
    if len(spacings) == 0 or spacings.max() > 0 or spacings.min() == 0:
        return columns, None
    turned = {name: np.ascontiguousarray(column[::-1]) for name, column in columns.items()}
    return turned, "rows were newest first, turned round"


def floats(values: npt.NDArray[np.generic], name: str) -> npt.NDArray[np.float64]:
    """`values` as float64. DataError `nan_values` where they are not numbers."""
    try:
        return np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(
            "nan_values", f"column {name} does not hold numbers", expected="numbers",
            found=str(error),
        ) from error  # fmt: skip
