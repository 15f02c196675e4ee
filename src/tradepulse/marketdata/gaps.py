"""Holes in a series: where the next bar is not the next interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradepulse.domain.bars import Times


@dataclass(frozen=True)
class Gaps:
    """Holes between kept bars, oldest first. `after` are the open times of the bars before each
    hole, `missing` the bars each one lacks."""

    after: tuple[int, ...]
    missing: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many holes there are."""
        return len(self.missing)

    @property
    def total(self) -> int:
        """Bars missing in all."""
        return sum(self.missing)

    @property
    def longest(self) -> int:
        """Bars missing in the longest hole, 0 without one."""
        return max(self.missing, default=0)

    @property
    def longest_after(self) -> int | None:
        """Open time of the bar before the longest hole."""
        return self.after[self.missing.index(self.longest)] if self.missing else None


def find_gaps(times: Times, interval_ms: int) -> Gaps:
    """The holes between ascending open times."""
    spacings = np.diff(times)
    rows = np.flatnonzero(spacings > interval_ms)
    missing = (spacings[rows] - 1) // interval_ms
    return Gaps(tuple(times[rows].tolist()), tuple(missing.tolist()))
