"""The integrity audit: what is odd about a series, named with times. Nothing is ever filled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import OHLCV, BarSeries
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.checks import describe_time
from tradepulse.marketdata.gaps import find_gaps
from tradepulse.marketdata.outliers import find_outliers

# A dead feed repeats itself; one or two minutes without a trade are a quiet market.
LEAST_ZERO_VOLUME_RUN = 3
_PLACES_SHOWN = 10


@dataclass(frozen=True)
class Place:
    """Where a finding is: an open time, and what stands there."""

    time: int
    text: str


@dataclass(frozen=True)
class Finding:
    """One kind of oddity. `places` are the ten gravest; `count` counts all."""

    kind: str
    count: int
    message: str
    places: tuple[Place, ...]


def audit(bars: BarSeries, *, volumes: bool = True) -> list[Finding]:
    """What is odd about `bars`, an empty list when nothing is.

    Kinds: `unsorted`, `duplicate_time`, `misaligned_time`, `gap`, `nan_values`, `impossible_bar`,
    `outlier`, `zero_volume`. `volumes` False leaves the last out: mark prices have no volume.
    """
    findings = [*_order(bars), _misaligned(bars), *_values(bars)]
    if not findings_of_order(findings):
        findings += [_gaps(bars), _outliers(bars)]
    if volumes:
        findings.append(_zero_volume(bars))
    return [finding for finding in findings if finding is not None]


def findings_of_order(findings: list[Finding | None]) -> bool:
    """Whether order or numbers are broken, so that neighbours and spacings mean nothing."""
    broken = {"unsorted", "duplicate_time", "nan_values", "impossible_bar"}
    return any(finding is not None and finding.kind in broken for finding in findings)


def _order(bars: BarSeries) -> list[Finding | None]:
    spacings = np.diff(bars.open_time)
    back = np.flatnonzero(spacings < 0) + 1
    _, counts = np.unique(bars.open_time, return_counts=True)
    order = np.argsort(bars.open_time, kind="stable")
    again = np.sort(order[1:][np.diff(bars.open_time[order]) == 0])
    return [
        _finding(bars, "unsorted", back, "bar(s) older than the one before"),
        _finding(bars, "duplicate_time", again, "bar(s) repeat a time")
        if (counts > 1).any()
        else None,
    ]


def _misaligned(bars: BarSeries) -> Finding | None:
    interval = Interval(bars.interval_ms)
    off = np.flatnonzero((bars.open_time - interval.origin_ms) % bars.interval_ms)
    return _finding(bars, "misaligned_time", off, f"bar(s) not on the {interval} grid")


def _values(bars: BarSeries) -> list[Finding | None]:
    bad = ~np.logical_and.reduce([np.isfinite(getattr(bars, name)) for name in OHLCV])
    low, high = bars.low, bars.high
    possible = (low > 0) & (bars.volume >= 0)
    for price in (bars.open, bars.close):
        possible &= (low <= price) & (price <= high)
    return [
        _finding(bars, "nan_values", np.flatnonzero(bad), "bar(s) with a missing number"),
        _finding(bars, "impossible_bar", np.flatnonzero(~possible & ~bad), "bar(s) that cannot be"),
    ]


def _finding(bars: BarSeries, kind: str, rows: npt.NDArray[np.intp], what: str) -> Finding | None:
    if len(rows) == 0:
        return None
    places = tuple(_place(bars, int(row)) for row in rows[:_PLACES_SHOWN])
    return Finding(kind, len(rows), f"{len(rows)} {what}", places)


def _place(bars: BarSeries, row: int) -> Place:
    values = ", ".join(f"{name} {float(getattr(bars, name)[row]):g}" for name in OHLCV)
    return Place(int(bars.open_time[row]), values)


def _gaps(bars: BarSeries) -> Finding | None:
    gaps = find_gaps(bars.open_time, bars.interval_ms)
    if not gaps.count:
        return None
    longest = sorted(zip(gaps.missing, gaps.after, strict=True), key=lambda g: (-g[0], g[1]))
    places = tuple(
        Place(
            after + bars.interval_ms,
            f"{missing:,} bars missing until "
            f"{describe_time(after + (missing + 1) * bars.interval_ms)}",
        )
        for missing, after in longest[:_PLACES_SHOWN]
    )
    message = f"{gaps.count:,} hole(s), {gaps.total:,} bars missing, longest {gaps.longest:,} bars"
    return Finding("gap", gaps.count, message, places)


def _outliers(bars: BarSeries) -> Finding | None:
    found = sorted(find_outliers(bars), key=lambda outlier: -outlier.factor)
    if not found:
        return None
    places = tuple(
        Place(
            outlier.time,
            f"{outlier.column} {outlier.price:g} where neighbours close at {outlier.median:g} "
            f"(factor {outlier.factor:,.1f})",
        )
        for outlier in found[:_PLACES_SHOWN]
    )
    message = f"{len(found)} price(s) far from all around and back at once"
    return Finding("outlier", len(found), message, places)


def _zero_volume(bars: BarSeries) -> Finding | None:
    zero = np.concatenate([[False], bars.volume == 0, [False]])
    edges = np.flatnonzero(np.diff(zero.astype(np.int8)))
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    runs = [(int(n), int(s)) for s, n in zip(starts, lengths, strict=True)]
    runs = sorted((r for r in runs if r[0] >= LEAST_ZERO_VOLUME_RUN), key=lambda r: (-r[0], r[1]))
    if not runs:
        return None
    places = tuple(
        Place(int(bars.open_time[start]), f"{length:,} bars without volume")
        for length, start in runs[:_PLACES_SHOWN]
    )
    message = f"{len(runs):,} run(s) without volume, longest {runs[0][0]:,} bars"
    return Finding("zero_volume", len(runs), message, places)
