"""Funding rates of a perpetual, stamped when they were paid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradepulse.domain.bars import Floats, Times

# The named input column of bars that holds the rate settled last.
FUNDING_COLUMN = "funding_rate"


@dataclass(frozen=True, eq=False)
class FundingSeries:
    """Settlements of one perpetual, oldest first.

    `time` int64 UTC milliseconds as the venue stamped them (a few milliseconds past the hour is
    usual); `rate` float64, the fraction of the position's value that longs pay to shorts.
    """

    time: Times
    rate: Floats

    def __len__(self) -> int:
        return len(self.time)

    def between(self, start_ms: int | None, end_ms: int | None) -> FundingSeries:
        """Settlements stamped in [start_ms, end_ms); None leaves that side open."""
        low = 0 if start_ms is None else int(np.searchsorted(self.time, start_ms))
        high = len(self) if end_ms is None else int(np.searchsorted(self.time, end_ms))
        return FundingSeries(self.time[low:high], self.rate[low:high])
