"""Funding as a named column of bars, joined by the time each rate became known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.domain.errors import DataError
from tradepulse.domain.funding import FUNDING_COLUMN, FundingSeries
from tradepulse.domain.interval import DAY_MS

# No venue settles less than once a day: an older rate is not the rate now, a stamp is missing.
STALE_MS = DAY_MS


def with_funding_rate(bars: BarSeries, funding: FundingSeries) -> BarSeries:
    """The bars with a column `funding_rate`: the rate settled last before each bar's close.

    A rate is known at its settlement, not in the hours before for which it is paid. One stamped at
    the very close belongs to the next bar: venues stamp a few milliseconds late or not, and no
    result may hang on it. NaN before the first, and where the last is over a day old (a gap).
    """
    columns = {**bars.columns, FUNDING_COLUMN: _known_rates(bars, funding)}
    return replace(bars, columns=columns)


def with_inputs(
    bars: BarSeries, columns: Collection[str], funding: FundingSeries | None
) -> BarSeries:
    """The bars with `funding_rate` where it is among the `columns` a strategy reads.

    Otherwise they are given back as they are: their fingerprint does not hang on funding that
    nobody looks at. Other columns the run itself asks for. Error `unknown_column` where the rate is
    read and there is no funding.
    """
    if FUNDING_COLUMN not in columns or FUNDING_COLUMN in bars.columns:
        return bars
    if funding is None:
        raise DataError(
            "unknown_column", f"the strategy reads column {FUNDING_COLUMN!r}",
            expected="a perpetual whose funding is kept or given", found="bars without funding",
            hint="Import the funding of a perpetual such as BTC/USDT:USDT with "
            "`tradepulse data import`, or give funding=....",
        )  # fmt: skip
    return with_funding_rate(bars, funding)


def _known_rates(bars: BarSeries, funding: FundingSeries) -> Floats:
    closes = bars.open_time + bars.interval_ms
    last = np.searchsorted(funding.time, closes, side="left") - 1
    rates = np.full(len(bars), np.nan)
    known = last >= 0
    known[known] = closes[known] - funding.time[last[known]] <= STALE_MS
    rates[known] = funding.rate[last[known]]
    return rates
