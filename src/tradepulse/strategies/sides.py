"""Two mirrored set-ups with stops at a structure made into one set of signals."""

from __future__ import annotations

from typing import NamedTuple

from tradepulse.signals.declaration import Signals
from tradepulse.signals.expression import Flag, Series

# Bars since a set-up that has not been: more than any real one.
NEVER = 1e9


class Side(NamedTuple):
    """What one side says: the entry, its stop level, and the bars since its last set-up."""

    entry: Flag
    stop: Series
    waited: Series


def first_since(confirmed: Flag, waited: Series) -> Flag:
    """True where `confirmed` was not yet true on a bar after the set-up, `waited` bars ago."""
    return confirmed.previous().since() >= waited - 1.0


def signals_of_sides(
    close: Series, long: Side, short: Side, reward: float, max_bars: int
) -> Signals:
    """Signals of both sides, the short's stop given upside down (negative).

    One bar can confirm only one side, because it has one stop level: the one set up last; the long
    if both were. The target is `reward` times the distance from the close to the stop.
    """
    is_long = long.waited.otherwise(NEVER) <= short.waited.otherwise(NEVER)
    stop_price = is_long.where(long.stop, -short.stop)
    return Signals(
        enter_long=long.entry & is_long,
        enter_short=short.entry & ~is_long,
        stop_price=stop_price,
        target=reward * abs(close - stop_price),
        max_bars=max_bars,
    )
