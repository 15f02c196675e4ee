"""Bar intervals: `1m`, `5m`, `4h`, `1d`, `1w`, and how a time falls into one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tradepulse.domain.errors import UsageError

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
# 1970-01-01 was a Thursday; weeks start on Monday UTC, so their origin is four days later.
WEEK_ORIGIN_MS = 4 * DAY_MS

_UNIT_MS = {"s": 1000, "m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS, "w": WEEK_MS}
_PATTERN = re.compile(r"^([1-9]\d*)([smhdw])$")


@dataclass(frozen=True, order=True)
class Interval:
    """A bar's length in milliseconds, with the text users write for it."""

    ms: int

    @classmethod
    def parse(cls, text: str | Interval) -> Interval:
        """The interval written as `5m`, `4h`, `1d` … Error `unknown_interval` otherwise."""
        if isinstance(text, Interval):
            return text
        match = _PATTERN.match(text.strip())
        if match is None:
            raise UsageError(
                "unknown_interval",
                f"{text!r} is not an interval",
                expected="a number and one of s, m, h, d, w, such as 5m, 4h or 1d",
                found=repr(text),
            )
        return cls(int(match[1]) * _UNIT_MS[match[2]])

    @property
    def origin_ms(self) -> int:
        """Offset of the bucket grid from the epoch: Monday for weeks, zero otherwise."""
        return WEEK_ORIGIN_MS if self.ms % WEEK_MS == 0 else 0

    def floor(self, time_ms: int) -> int:
        """Open time of the bar that holds `time_ms`."""
        return (time_ms - self.origin_ms) // self.ms * self.ms + self.origin_ms

    @property
    def periods_per_year(self) -> float:
        """Periods in a 365-day year of a market that never closes."""
        return 365.0 * DAY_MS / self.ms

    def __str__(self) -> str:
        for unit in ("w", "d", "h", "m", "s"):
            if self.ms % _UNIT_MS[unit] == 0:
                return f"{self.ms // _UNIT_MS[unit]}{unit}"
        return f"{self.ms}ms"
