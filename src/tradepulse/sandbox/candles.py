"""Bars as the venue shows them: history up to now in any interval, the forming bar last."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tradepulse.domain.bars import Floats, Times
from tradepulse.domain.errors import UsageError
from tradepulse.domain.interval import Interval
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.listing import Forming, Listing
from tradepulse.sandbox.values import ZERO, Kline

_NAMES = frozenset(
    ("1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w")
)
_PRICES = ("last", "mark", "index")


class Rows(NamedTuple):
    """Bars of the symbol's own interval in ticks and lots; `value` is price times lots."""

    open_time: Times
    open: Times
    high: Times
    low: Times
    close: Times
    lots: Times
    value: Floats


def klines(
    listing: Listing, interval: str, *, start: int | None, end: int | None, limit: int,
    price: str, now: int,
) -> list[Kline]:  # fmt: skip
    """At most `limit` bars with an open time in [start, end], oldest first. Error -1120."""
    length = _interval(listing, interval)
    if price not in _PRICES:
        raise VenueError(-1130, "Data sent for parameter 'price' is not valid.")
    last = length.floor(now if end is None else min(end, now))
    if start is None:
        first = last - (limit - 1) * length.ms
    else:
        first = _first_bucket(listing, length, start)
        last = min(last, first + (limit - 1) * length.ms)
    rows = rows_between(listing, first, last + length.ms, marks=price != "last")
    return fold(listing, rows, length)


def own_bar(listing: Listing, row: int) -> Kline:
    """A closed bar of the symbol's own interval."""
    bar = listing.tape.bar(row)
    open_time, length = listing.tape.times[row], listing.tape.interval_ms
    value = _typical(bar.open, bar.high, bar.low, bar.close) * bar.lots
    count = listing.tape.points if bar.lots else 0
    return _kline(
        listing, (open_time, bar.open, bar.high, bar.low, bar.close, bar.lots, value, count), length
    )


def forming_bar(listing: Listing) -> Kline | None:
    """The bar at hand as it stands; None before its first trade."""
    bar, tape = listing.forming, listing.tape
    if bar.count == 0 or tape.at_open():
        return None
    return _kline(
        listing,
        (tape.times[tape.row], bar.open, bar.high, bar.low, bar.close, bar.lots, float(bar.value),
         bar.count),
        tape.interval_ms,
    )  # fmt: skip


def rows_between(listing: Listing, first: int, stop: int, *, marks: bool = False) -> Rows:
    """The symbol's own bars that open in [first, stop), the forming one too."""
    tape = listing.tape
    times = tape.bars.open_time
    low = int(np.searchsorted(times, first))
    high = min(int(np.searchsorted(times, stop)), tape.row)
    low = min(low, high)
    source = tape.columns if not marks or tape.mark_columns is None else tape.mark_columns
    columns = [column[low:high] for column in source]
    lots = tape.volumes[low:high]
    rows = Rows(
        times[low:high], columns[0], columns[1], columns[2], columns[3], lots,
        np.add.reduce(columns) / 4 * lots,
    )  # fmt: skip
    bar = listing.forming
    if not bar.count or tape.at_open() or not first <= tape.times[tape.row] < stop:
        return rows
    return _with_forming(rows, tape.times[tape.row], bar)


def fold(listing: Listing, rows: Rows, length: Interval) -> list[Kline]:
    """The rows in buckets of `length`, one bar each."""
    if not len(rows.open_time):
        return []
    buckets = (rows.open_time - length.origin_ms) // length.ms
    starts = np.flatnonzero(np.r_[True, buckets[1:] != buckets[:-1]])
    stops = np.r_[starts[1:], len(buckets)] - 1
    counts = np.add.reduceat((rows.lots > 0).astype(np.int64), starts) * listing.tape.points
    columns = (
        buckets[starts] * length.ms + length.origin_ms,
        rows.open[starts],
        np.maximum.reduceat(rows.high, starts),
        np.minimum.reduceat(rows.low, starts),
        rows.close[stops],
        np.add.reduceat(rows.lots, starts),
        np.add.reduceat(rows.value, starts),
        counts,
    )
    lists = [column.tolist() for column in columns]
    return [_kline(listing, row, length.ms) for row in zip(*lists, strict=True)]


def _interval(listing: Listing, text: str) -> Interval:
    try:
        length = Interval.parse(text)
    except UsageError as error:
        raise VenueError(-1120, "Invalid interval.") from error
    own = listing.tape.interval_ms
    if text not in _NAMES or length.ms < own or length.ms % own:
        raise VenueError(-1120, "Invalid interval.")
    return length


def _first_bucket(listing: Listing, length: Interval, start: int) -> int:
    """The bucket of the first bar at or after `start`: over a hole a page begins behind it."""
    times = listing.tape.bars.open_time
    bucket = length.floor(start + length.ms - 1)
    row = int(np.searchsorted(times, bucket))
    return bucket if row >= len(times) else max(bucket, length.floor(int(times[row])))


def _with_forming(rows: Rows, open_time: int, bar: Forming) -> Rows:
    extra = (open_time, bar.open, bar.high, bar.low, bar.close, bar.lots, float(bar.value))
    return Rows(*(np.append(column, x) for column, x in zip(rows, extra, strict=True)))


def _typical(opens: int, high: int, low: int, close: int) -> float:
    # At which price inside a bar how much traded is not kept: a quarter at each corner.
    return (opens + high + low + close) / 4


def _kline(
    listing: Listing, row: tuple[int, int, int, int, int, int, float, int], length_ms: int
) -> Kline:
    open_time, opens, high, low, close, lots, value, count = row
    price, volume = listing.price, listing.quantity(lots)
    quote = listing.tick * listing.lot * round(value)
    return Kline(
        open_time, price(opens), price(high), price(low), price(close), volume,
        open_time + length_ms - 1, quote, count, volume / 2, quote / 2,
    ) if lots else Kline(
        open_time, price(opens), price(high), price(low), price(close), volume,
        open_time + length_ms - 1, ZERO, 0, ZERO, ZERO,
    )  # fmt: skip
