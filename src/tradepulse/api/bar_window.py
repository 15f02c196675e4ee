"""A window of kept bars, reading little more than what is shown."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tradepulse.domain.errors import UsageError
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval

if TYPE_CHECKING:
    # NumPy comes with these; a server that is never asked for bars starts without it.
    from tradepulse.domain.bars import BarSeries
    from tradepulse.marketdata.store import BarStore


@dataclass(frozen=True)
class BarWindow:
    """Bars oldest first; `next_cursor` asks for those that follow, None at the end."""

    bars: BarSeries
    next_cursor: str | None


def bar_window(
    store: BarStore,
    exchange: str,
    pair: Pair,
    interval: Interval,
    *,
    start_ms: int | None,
    end_ms: int | None,
    limit: int,
    cursor: str | None,
) -> BarWindow:
    """At most `limit` bars from `start_ms` (or the cursor) on; with neither, the newest before
    `end_ms`. Errors: those of the store, `bad_cursor`."""
    if cursor:
        start_ms = _read_cursor(cursor)
    source = _Source(store, exchange, pair, interval)
    kept = source.extent()
    if kept is None:
        # The store says what there is instead; nothing is read from disk for that.
        return BarWindow(source.read(start_ms, end_ms), None)
    first, last = kept
    end_ms = last + 1 if end_ms is None else min(end_ms, last + 1)
    if start_ms is None:
        return BarWindow(_newest(source, first, end_ms, limit), None)
    found = _oldest(source, max(start_ms, first), end_ms, limit + 1)
    following = str(found.open_time[limit]) if len(found) > limit else None
    return BarWindow(found.slice(0, limit), _write_cursor(following) if following else None)


def extent_of(
    store: BarStore, exchange: str, pair: str, interval: Interval
) -> tuple[int, int] | None:
    """First and last open time of the pair's kept bars; None where none are kept."""
    return _Source(store, exchange, Pair.parse(pair), interval).extent()


@dataclass(frozen=True)
class _Source:
    store: BarStore
    exchange: str
    pair: Pair
    interval: Interval

    def extent(self) -> tuple[int, int] | None:
        """First and last open time of the pair's kept bars, whatever their interval: the store
        makes coarser ones of finer ones. None where no bars of the pair are kept."""
        of_pair = [
            info
            for info in self.store.series()
            if (info.exchange, info.pair) == (self.exchange, str(self.pair))
        ]
        if not of_pair:
            return None
        first = self.interval.floor(min(info.first for info in of_pair))
        return first, max(info.last for info in of_pair)

    def read(self, start_ms: int | None, end_ms: int | None) -> BarSeries:
        return self.store.read(self.exchange, self.pair, self.interval, start_ms, end_ms)


def _newest(source: _Source, first_ms: int, end_ms: int, limit: int) -> BarSeries:
    # Gaps make a span hold fewer bars than its length says: look back twice as far until enough.
    span = limit * source.interval.ms
    while True:
        bars = source.read(end_ms - span, end_ms)
        if len(bars) >= limit or end_ms - span <= first_ms:
            return bars.slice(max(0, len(bars) - limit), len(bars))
        span *= 2


def _oldest(source: _Source, start_ms: int, end_ms: int, limit: int) -> BarSeries:
    if start_ms >= end_ms:
        return source.read(end_ms, end_ms)
    span = limit * source.interval.ms
    while True:
        until = min(start_ms + span, end_ms)
        bars = source.read(start_ms, until)
        if len(bars) >= limit or until >= end_ms:
            return bars.slice(0, min(limit, len(bars)))
        span *= 2


def _write_cursor(open_time: str) -> str:
    return base64.urlsafe_b64encode(f"bar:{open_time}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        kind, number = text.split(":")
        if kind != "bar":
            raise _bad_cursor(cursor)
        return int(number)
    except ValueError as error:
        raise _bad_cursor(cursor) from error


def _bad_cursor(cursor: str) -> UsageError:
    return UsageError(
        "bad_cursor", "the cursor does not belong to this list",
        expected="next_cursor of the page before", found=repr(cursor[:80]),
    )  # fmt: skip
