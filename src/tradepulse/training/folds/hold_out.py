"""The part of the history that no search may see."""

from __future__ import annotations

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.interval import DAY_MS, HOUR_MS
from tradepulse.training.folds.span import Span, midnight_after, midnight_before


def split_hold_out(bars: BarSeries, share: float = 0.25, purge_ms: int = 0) -> tuple[Span, Span]:
    """(development, hold-out): the newest `share` of the bars, from a UTC midnight on.

    The purge is taken off the end of development, up to a whole day: the hold-out of a family must
    not move with the warm-up of the set that is tried on it. Errors `bad_value`, `too_little_data`
    where either part would hold no whole day.
    """
    if not 0.0 < share < 1.0 or purge_ms < 0:
        raise UsageError("bad_value", "this is not a hold-out",
                         expected="a share between 0 and 1, a purge of 0 or more",
                         found=f"share {share}, purge {purge_ms} ms")  # fmt: skip
    if not len(bars):
        raise RefusedError("too_little_data", "there are no bars to hold out",
                           expected="bars", found="none")  # fmt: skip
    start, end = int(bars.open_time[0]), int(bars.open_time[-1]) + bars.interval_ms
    first = min(int(len(bars) * (1.0 - share)), len(bars) - 1)
    cut = midnight_before(int(bars.open_time[first]))
    development = midnight_before(cut - purge_ms)
    if development - midnight_after(start) < DAY_MS or end - cut < DAY_MS:
        raise RefusedError(
            "too_little_data", "there is too little data to hold any of it out",
            expected=f"a whole day before the purge of {purge_ms / HOUR_MS:g} h and one in the "
                     f"last {share:.0%}",
            found=f"{len(bars)} bars over {(end - start) / DAY_MS:.1f} days",
        )  # fmt: skip
    return Span(start, development), Span(cut, end)
