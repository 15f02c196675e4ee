"""Closed OHLCV bars as columns: the one shape in which market history moves between rooms."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

OHLCV = ("open", "high", "low", "close", "volume")
_NO_COLUMNS: Mapping[str, Floats] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class BarSeries:
    """Closed bars of one instrument and interval, oldest first.

    `open_time` int64 UTC milliseconds, strictly increasing; prices and volume float64 without NaN
    (checked where bars enter the project, `marketdata.validate`, not here). `columns` are extra
    inputs by name, aligned to the bars by the time they became known; NaN means not known.
    """

    open_time: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    interval_ms: int
    columns: Mapping[str, Floats] = field(default_factory=lambda: _NO_COLUMNS)

    def __len__(self) -> int:
        return len(self.open_time)

    def slice(self, start: int, stop: int) -> BarSeries:
        """Bars `start` to `stop` (exclusive) as views of the same memory."""
        if start == 0 and stop >= len(self.open_time):
            # The live engine cuts series of one bar: a copy would cost more than the bar's rules.
            return self
        cut = np.s_[start:stop]
        columns = self.columns
        return BarSeries(
            self.open_time[cut], self.open[cut], self.high[cut], self.low[cut],
            self.close[cut], self.volume[cut], self.interval_ms,
            {name: column[cut] for name, column in columns.items()} if columns else columns,
        )  # fmt: skip

    def between(self, start_ms: int | None, end_ms: int | None) -> BarSeries:
        """Bars whose open time lies in [start_ms, end_ms); None leaves that side open."""
        low = 0 if start_ms is None else int(np.searchsorted(self.open_time, start_ms))
        high = len(self) if end_ms is None else int(np.searchsorted(self.open_time, end_ms))
        return self.slice(low, high)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over interval, times, prices, volumes and named columns (25 ms a million)."""
        digest = hashlib.sha256(str(self.interval_ms).encode())
        for array in (self.open_time, *(getattr(self, name) for name in OHLCV)):
            digest.update(np.ascontiguousarray(array).tobytes())
        for name in sorted(self.columns):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(self.columns[name]).tobytes())
        return digest.hexdigest()
