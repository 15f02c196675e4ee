"""What is odd about a kept series: holes, repeats, outliers; and what identifies it."""

from __future__ import annotations

from dataclasses import dataclass

from tradepulse.domain.bars import BarSeries
from tradepulse.marketdata.audit import Finding, audit
from tradepulse.marketdata.gaps import find_gaps
from tradepulse.marketdata.store import MARK_SUFFIX


@dataclass(frozen=True)
class Gap:
    """A hole: `missing` bars from open time `start` to before `end`."""

    start: int
    end: int
    missing: int


@dataclass(frozen=True)
class BarAudit:
    """`expected`: bars there would be without holes. `gaps` are the longest, by time; `gap_count`
    and `missing` are of all. `fingerprint`: the bars' content, as training stores it."""

    bars: int
    expected: int
    first: int | None
    last: int | None
    fingerprint: str
    gap_count: int
    missing: int
    gaps: tuple[Gap, ...]
    duplicates: int
    findings: tuple[Finding, ...]


def bar_audit(bars: BarSeries, exchange: str, most_gaps: int) -> BarAudit:
    """The audit of a series as it is kept."""
    holes = find_gaps(bars.open_time, bars.interval_ms)
    longest = sorted(zip(holes.missing, holes.after, strict=True), reverse=True)[:most_gaps]
    gaps = sorted(
        (
            Gap(after + bars.interval_ms, after + (missing + 1) * bars.interval_ms, missing)
            for missing, after in longest
        ),
        key=lambda gap: gap.start,
    )
    findings = audit(bars, volumes=not exchange.endswith(MARK_SUFFIX)) if len(bars) else []
    return BarAudit(
        len(bars), len(bars) + holes.total,
        int(bars.open_time[0]) if len(bars) else None,
        int(bars.open_time[-1]) if len(bars) else None,
        bars.fingerprint, holes.count, holes.total, tuple(gaps),
        sum(finding.count for finding in findings if finding.kind == "duplicate_time"),
        tuple(findings),
    )  # fmt: skip
