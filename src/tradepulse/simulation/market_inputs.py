"""Everything a run reads besides signals, checked once and shaped for the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import DataError, UsageError
from tradepulse.simulation.funding import check_coverage, no_funding, read_funding
from tradepulse.simulation.inputs import (
    NO_FEED,
    Bars,
    Feed,
    Skips,
    Terms,
    frozen,
    kernel_bars,
    prepare,
    terms,
)  # fmt: skip
from tradepulse.simulation.rules import Rules


@dataclass(frozen=True, eq=False)
class MarketInputs:
    """Bars, funding, finer bars, skip tables and terms of a run; shared by all sets of a sweep."""

    bars: Bars
    feed: Feed
    skips: Skips
    terms: Terms


def market_inputs(
    bars: BarSeries, rules: Rules, detail: BarSeries | None = None, funding: Any = None,
    mark: BarSeries | None = None,
) -> MarketInputs:  # fmt: skip
    """The kernel's inputs for `bars` under `rules`.

    `detail`: finer bars, of which those in the range of the bars are read; `funding`: see
    `read_funding`, required on a perpetual; `mark`: mark prices of the same interval with every
    open time of the bars. Errors `empty`, `missing_funding`, `funding_on_spot`, `bad_detail`,
    `missing_mark`, `interval_mismatch`.
    """
    if len(bars) == 0:
        raise DataError("empty", "there are no bars to run", expected="at least one bar", found="0")
    if not rules.is_perpetual:
        _refuse_on_spot("funding", funding)
        _refuse_on_spot("mark", mark)
    shaped = kernel_bars(bars, None if mark is None else align_mark(bars, mark))
    agreed = terms(rules, bars.interval_ms, has_mark=mark is not None)
    feed = NO_FEED
    if rules.is_perpetual:
        if funding is None:
            raise no_funding()
        feed = with_funding(feed, bars, funding)
    if detail is not None:
        feed = with_detail(feed, bars, detail)
    return MarketInputs(shaped, feed, prepare(shaped, agreed, feed.funding_time), agreed)


def with_funding(feed: Feed, bars: BarSeries, funding: Any) -> Feed:
    """`feed` with the funding stamps in the range of the bars, coverage checked."""
    times, rates = read_funding(funding)
    start, end = int(bars.open_time[0]), int(bars.open_time[-1]) + bars.interval_ms
    check_coverage(times, start, end)
    inside = (times >= start) & (times < end)
    return feed._replace(
        funding_time=frozen(times[inside], np.int64), funding_rate=frozen(rates[inside], np.float64)
    )


def with_detail(feed: Feed, bars: BarSeries, detail: BarSeries) -> Feed:
    """`feed` with the finer bars in the range of the bars; their interval divides the bars', and
    none lies across an open. Error `bad_detail`, also where none is in the range."""
    if detail.interval_ms >= bars.interval_ms or bars.interval_ms % detail.interval_ms:
        raise _bad_detail(
            f"an interval that divides {bars.interval_ms} ms", f"{detail.interval_ms} ms"
        )
    start, end = int(bars.open_time[0]), int(bars.open_time[-1]) + bars.interval_ms
    across = np.flatnonzero((detail.open_time - start) % detail.interval_ms)
    if len(across):
        raise _bad_detail(
            f"opens a multiple of {detail.interval_ms} ms from {start} ms",
            f"{detail.open_time[across[0]]} ms",
        )
    inside = detail.between(start, end)
    if len(detail) and not len(inside):
        raise _bad_detail(
            f"finer bars from {start} to {end} ms, the range of the bars",
            f"{detail.open_time[0]} to {detail.open_time[-1] + detail.interval_ms} ms",
        )
    return feed._replace(
        detail_time=frozen(inside.open_time, np.int64),
        detail_open=frozen(inside.open, np.float64),
        detail_high=frozen(inside.high, np.float64),
        detail_low=frozen(inside.low, np.float64),
        detail_volume=frozen(inside.volume, np.float64),
    )


def align_mark(bars: BarSeries, mark: BarSeries) -> BarSeries:
    """The mark bars at the bars' own open times. Errors `interval_mismatch`; `missing_mark`, which
    names the first without."""
    if mark.interval_ms != bars.interval_ms:
        # The first minute of an hour would pass for the hour, and hide most liquidations.
        raise DataError(
            "interval_mismatch", "the marks are of another interval than the bars",
            expected=f"{bars.interval_ms} ms", found=f"{mark.interval_ms} ms",
        )  # fmt: skip
    rows = np.searchsorted(mark.open_time, bars.open_time)
    found = rows < len(mark)
    found[found] = mark.open_time[rows[found]] == bars.open_time[found]
    if not found.all():
        first = int(bars.open_time[np.flatnonzero(~found)[0]])
        raise DataError(
            "missing_mark", "a bar has no mark price",
            expected="a mark bar at every open time of the bars", found=f"none at {first} ms",
        )  # fmt: skip
    return BarSeries(
        bars.open_time, mark.open[rows], mark.high[rows], mark.low[rows], mark.close[rows],
        mark.volume[rows], bars.interval_ms,
    )  # fmt: skip


def _refuse_on_spot(name: str, value: object) -> None:
    if value is not None:
        raise UsageError(
            f"{name}_on_spot", f"spot has no {name}", expected=f"{name}=None with market='spot'",
            found=type(value).__name__, hint="For a perpetual: Rules(market='perpetual').",
        )  # fmt: skip


def _bad_detail(expected: str, found: str) -> DataError:
    return DataError(
        "bad_detail", "the finer bars do not fit the bars", expected=expected, found=found
    )
