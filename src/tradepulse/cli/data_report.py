"""What `tradepulse data` prints: JSON documents and tables of imports, series and audits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tradepulse.cli.output import show_lines, show_table, time_text
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import Interval
from tradepulse.marketdata.audit import Finding
from tradepulse.marketdata.importing import ImportedFile, Outcome, RefusedFile
from tradepulse.marketdata.store import SeriesInfo

Audits = list[tuple[SeriesInfo, list[Finding]]]


def import_document(outcomes: list[Outcome]) -> dict[str, Any]:
    """`{files, added, skipped, replaced, gaps, errors}`: gaps counts the holes inside the files."""
    kept = [outcome for outcome in outcomes if isinstance(outcome, ImportedFile)]
    return {
        "files": [_file(outcome) for outcome in kept],
        "added": sum(outcome.report.added for outcome in kept),
        "skipped": sum(outcome.report.skipped for outcome in kept),
        "replaced": sum(outcome.report.replaced for outcome in kept),
        "gaps": sum(outcome.gaps.count for outcome in kept),
        "errors": [
            {"file": outcome.file, **outcome.error.as_dict()}
            for outcome in outcomes
            if isinstance(outcome, RefusedFile)
        ],
    }


def _file(outcome: ImportedFile) -> dict[str, Any]:
    return {
        "file": outcome.file,
        "format": outcome.format,
        "kind": str(outcome.kind),
        "exchange": outcome.exchange,
        "pair": outcome.pair,
        "interval": outcome.interval,
        "rows": outcome.rows,
        "first": outcome.first,
        "last": outcome.last,
        "added": outcome.report.added,
        "skipped": outcome.report.skipped,
        "replaced": outcome.report.replaced,
        "gaps": {
            "count": outcome.gaps.count,
            "missing": outcome.gaps.total,
            "longest": outcome.gaps.longest,
            "longest_after": outcome.gaps.longest_after,
        },
        "inferred": list(outcome.inferred),
    }


def show_import(outcomes: list[Outcome]) -> None:
    """Prints a line of inferences a file, a table of what was kept, and what was refused."""
    kept = [outcome for outcome in outcomes if isinstance(outcome, ImportedFile)]
    show_lines(f"{o.file}: {o.format}; {'; '.join(o.inferred)}" for o in kept)
    columns = ("series", "rows", "added", "skipped", "replaced", "holes", "first", "last")
    rows = [
        (
            " ".join(filter(None, (o.exchange, o.pair, o.interval or str(o.kind)))),
            f"{o.rows:,}", f"{o.report.added:,}", f"{o.report.skipped:,}",
            f"{o.report.replaced:,}", _holes(o), time_text(o.first), time_text(o.last),
        )
        for o in kept
    ]  # fmt: skip
    show_table(None, columns, rows, right=("rows", "added", "skipped", "replaced"))
    refused = [outcome for outcome in outcomes if isinstance(outcome, RefusedFile)]
    show_lines(f"refused {o.file} [{o.error.code}]: {o.error}" for o in refused)
    show_lines([f"{len(kept)} file(s) kept, {len(refused)} refused"])


def _holes(outcome: ImportedFile) -> str:
    gaps = outcome.gaps
    if not gaps.count:
        return "none"
    return f"{gaps.count:,} ({gaps.total:,} bars, longest {gaps.longest:,})"


def series_document(series: list[SeriesInfo]) -> dict[str, Any]:
    """`{items: [{exchange, pair, interval, bars, first, last}]}`."""
    return {"items": [_series(info) for info in series], "next_cursor": None}


def _series(info: SeriesInfo) -> dict[str, Any]:
    return {
        "exchange": info.exchange,
        "pair": info.pair,
        "interval": info.interval,
        "bars": info.bars,
        "first": info.first,
        "last": info.last,
    }


def show_series(series: list[SeriesInfo]) -> None:
    """Prints the series as a table, or what to do where there is none."""
    if not series:
        show_lines(["no bars are kept: `tradepulse data import --bundled` brings samples"])
        return
    rows = [
        (i.exchange, i.pair, i.interval, f"{i.bars:,}", time_text(i.first), time_text(i.last))
        for i in series
    ]
    columns = ("exchange", "pair", "interval", "bars", "first", "last")
    show_table(None, columns, rows, right=("bars",))


def audit_document(audits: Audits) -> dict[str, Any]:
    """`{series, bars, findings}` and under `items` each series with its findings."""
    return {
        "series": len(audits),
        "bars": sum(info.bars for info, _ in audits),
        "findings": sum(len(findings) for _, findings in audits),
        "items": [
            {**_series(info), "findings": [_finding(finding) for finding in findings]}
            for info, findings in audits
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    places = [{"time": p.time, "at": time_text(p.time), "text": p.text} for p in finding.places]
    return {
        "kind": finding.kind,
        "count": finding.count,
        "message": finding.message,
        "places": places,
    }


def show_audit(audits: Audits) -> None:
    """Prints a row a finding, with where it is; then how many series are clean."""
    rows = [
        (
            f"{info.exchange} {info.pair} {info.interval}", finding.kind, finding.message,
            "\n".join(f"{time_text(p.time)} {p.text}" for p in finding.places[:3]),
        )
        for info, findings in audits
        for finding in findings
    ]  # fmt: skip
    if rows:
        show_table(None, ("series", "finding", "what", "where (gravest first)"), rows)
    clean = sum(not findings for _, findings in audits)
    show_lines([f"{clean} of {len(audits)} series clean; nothing was changed"])


def export_document(info: SeriesInfo, bars: BarSeries, file: Path) -> dict[str, Any]:
    """What was written where; `start` and `end` are open times."""
    return {
        "file": file,
        "exchange": info.exchange,
        "pair": info.pair,
        "interval": str(Interval(bars.interval_ms)),
        "bars": len(bars),
        "start": int(bars.open_time[0]),
        "end": int(bars.open_time[-1]),
        "data_fingerprint": bars.fingerprint,
    }


def span(first: int, last: int) -> str:
    """`2024-01-01 00:00 .. 2024-02-01 00:00`."""
    return f"{time_text(first)} .. {time_text(last)}"
