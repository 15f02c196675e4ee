"""Where a replay of several series begins: late enough for history, early enough for a session."""

from __future__ import annotations

from collections.abc import Sequence

from tradepulse.domain.errors import UsageError
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.checks import describe_time
from tradepulse.sandbox.listing import SymbolBars

# As many bars as a client asks for at once are history before the first replayed one, where a
# quarter of what is there reaches for it.
_HISTORY_BARS = 1000
_HISTORY_PART = 4


def span_of(series: Sequence[SymbolBars]) -> tuple[int, int]:
    """(first, end): when all series have begun, and when the last bar closes. UsageError
    `no_series` for none, `no_overlap` for series without a common time."""
    if not series or not all(len(each.bars) for each in series):
        raise UsageError("no_series", "the sandbox has no bars to replay")
    first = max(int(each.bars.open_time[0]) for each in series)
    ends = [int(each.bars.open_time[-1]) + each.bars.interval_ms for each in series]
    if min(ends) <= first:
        latest = max(series, key=lambda each: int(each.bars.open_time[0]))
        raise UsageError(
            "no_overlap",
            "the series have no time in common",
            expected="bars of all symbols over a common time",
            found=f"{latest.spec.symbol} begins after another series has ended",
            hint="replay fewer symbols, or only one market",
        )
    return first, max(ends)


def default_start(series: Sequence[SymbolBars]) -> int:
    """On a common bar border: a thousand bars, at most a quarter of the common time, into it."""
    first, _ = span_of(series)
    shared_end = min(int(each.bars.open_time[-1]) for each in series)
    coarsest = Interval(max(each.bars.interval_ms for each in series))
    ahead = min(_HISTORY_BARS * coarsest.ms, max(shared_end - first, 0) // _HISTORY_PART)
    return coarsest.floor(first + ahead + coarsest.ms - 1)


def checked_start(series: Sequence[SymbolBars], start_ms: int | None) -> int:
    """The start asked for, or the default one. UsageError `start_outside` where a symbol has
    nothing left to replay from there: it would be listed, and never trade."""
    if start_ms is None:
        return default_start(series)
    span_of(series)
    ends = {s.spec.symbol: int(s.bars.open_time[-1]) + s.bars.interval_ms for s in series}
    symbol, end = min(ends.items(), key=lambda item: item[1])
    if start_ms >= end:
        raise UsageError(
            "start_outside",
            f"the replay would begin after the last bar of {symbol}",
            expected=f"a start before {describe_time(end)}",
            found=describe_time(start_ms),
        )
    return start_ms
