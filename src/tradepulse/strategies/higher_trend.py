"""The filter of the reversion rules: which way the higher time frame leans."""

from __future__ import annotations

from typing import NamedTuple

from tradepulse.signals.expression import Flag
from tradepulse.signals.market import Bars

TREND_BARS = 20


class Lean(NamedTuple):
    """Where a dip may be bought, and where a rally may be sold."""

    not_falling: Flag
    not_rising: Flag


def higher_trend(bar: Bars, ratio: int) -> Lean:
    """The direction of the EMA of 20 closes of bars `ratio` times as long, closed ones only.

    The slope of the mean, not the close beside it: after the dip that a reversion rule waits for,
    the close stands below every mean.
    """
    trend = bar.at(f"x{ratio}").close.ema(TREND_BARS)
    before = trend.previous()
    return Lean(trend >= before, trend <= before)
