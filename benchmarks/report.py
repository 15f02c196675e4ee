"""The table on the terminal and the document in results/."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.agreement import compare
from benchmarks.cases import OURS, Case, Entrant
from benchmarks.process import Measurement

RESULTS = Path(__file__).resolve().parent / "results"
# Another process on the machine shows as load; above this a case is marked, not hidden.
QUIET_LOAD = 0.5


@dataclass
class CaseResult:
    """The runs of one case by engine; `failures` hold the message of an engine that failed."""

    case: Case
    runs: dict[str, list[Measurement]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)

    def value(self, entrant: Entrant) -> float | None:
        runs = self.runs.get(entrant.engine)
        return self.case.value(entrant, runs) if runs else None

    def facts(self, engine: str) -> Mapping[str, Any]:
        runs = self.runs.get(engine)
        return runs[-1].facts if runs else {}

    def as_json(self) -> dict[str, Any]:
        ours = next((e for e in self.case.entrants if e.engine.startswith(OURS)), None)
        best = self.value(ours) if ours else None
        return {
            "key": self.case.key,
            "title": self.case.title,
            "unit": self.case.unit,
            "reading": self.case.reading.value,
            "bar": self.case.bar,
            "met": None if best is None else self.case.meets(best),
            "engines": [self._engine(entrant, best) for entrant in self.case.entrants],
        }

    def _engine(self, entrant: Entrant, ours: float | None) -> dict[str, Any]:
        value = self.value(entrant)
        runs = self.runs.get(entrant.engine, [])
        document: dict[str, Any] = {
            "engine": entrant.engine,
            "note": entrant.note,
            "value": value,
            "cpu_value": self.case.cpu_value(entrant, runs) if runs else None,
            "peak_mb": round(min((run.peak_mb for run in runs), default=0.0), 1) or None,
            "runs": [run.as_json() for run in runs],
            "facts": {k: v for k, v in self.facts(entrant.engine).items() if k != "rows"},
        }
        if entrant.engine in self.failures:
            document["failed"] = self.failures[entrant.engine]
        if not entrant.engine.startswith(OURS):
            if ours is not None and value is not None:
                document["times_better"] = round(self.case.times_better(ours, value), 2)
                document["wanted_times_better"] = self.case.ratio_bars.get(entrant.engine)
            document["agreement"] = compare(
                self.facts(self.case.compared), self.facts(entrant.engine)
            )
        return document


def machine() -> dict[str, Any]:
    """The processor, the cores, the Python, and the load at this moment."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "load": [round(value, 2) for value in os.getloadavg()],
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def lines(result: CaseResult) -> list[str]:
    """The case as text: a row an engine, and under a peer's row whether it did the same work."""
    out = ["", f"{result.case.title}  [{result.case.unit}]"]
    for entrant in result.case.entrants:
        if entrant.engine in result.failures:
            why = result.failures[entrant.engine].strip().splitlines()[-1][:120]
            out.append(f"  {entrant.engine:36} failed: {why}")
        elif entrant.engine in result.runs:
            out.append(_row(result, entrant))
            out += _agreement_line(result, entrant)
    return out


def _row(result: CaseResult, entrant: Entrant) -> str:
    runs = result.runs[entrant.engine]
    value = result.case.value(entrant, runs)
    # The lowest: a round that had to compile holds the compiler too.
    peak = min(run.peak_mb for run in runs)
    parts = [f"  {entrant.engine:36} {value:>12,.4g}"]
    cpu = result.case.cpu_value(entrant, runs)
    if cpu is not None:
        parts.append(f"cpu {cpu:,.4g}")
    if peak:
        parts.append(f"peak {peak:,.0f} MB")
    parts += _verdict(result, entrant, value, peak)
    if entrant.note:
        parts.append(entrant.note)
    load = max(run.load_before for run in runs)
    if load > QUIET_LOAD:
        parts.append(f"load {load:.1f}")
    return "  ".join(parts)


def _verdict(result: CaseResult, entrant: Entrant, value: float, peak_mb: float) -> list[str]:
    """Ours against the bars, a peer against ours."""
    case = result.case
    if entrant.engine.startswith(OURS):
        parts = []
        if case.bar is not None and entrant.bar:
            parts.append(f"bar {case.bar:g}: {'met' if case.meets(value) else 'MISSED'}")
        if case.memory_bar_mb is not None:
            met = "met" if peak_mb <= case.memory_bar_mb else "MISSED"
            parts.append(f"memory bar {case.memory_bar_mb:g} MB: {met}")
        return parts
    ours = case.entrants[0]
    if ours.engine not in result.runs:
        return []
    times = case.times_better(case.value(ours, result.runs[ours.engine]), value)
    wanted = case.ratio_bars.get(entrant.engine)
    return [f"ours {times:.1f} times better" + (f" (wanted {wanted:g})" if wanted else "")]


def _agreement_line(result: CaseResult, entrant: Entrant) -> list[str]:
    if entrant.engine.startswith(OURS):
        return []
    same = compare(result.facts(result.case.compared), result.facts(entrant.engine))
    if not same:
        return []
    return [
        f"    same work: {same['same_trade_count']} of {same['sets']} sets with as many trades,"
        f" widest gap {same['trades_gap']:.2%} in trades, {same['equity_gap']:.2%} in final equity"
    ]


def write(results: list[CaseResult], started: dict[str, Any], path: Path) -> None:
    """Write the document; a case not run this time keeps what an earlier run found."""
    path.parent.mkdir(parents=True, exist_ok=True)
    earlier = json.loads(path.read_text())["cases"] if path.exists() else []
    now = datetime.now(UTC).isoformat(timespec="seconds")
    fresh = {result.case.key: {**result.as_json(), "measured_at": now, "machine": started}
             for result in results}  # fmt: skip
    cases = {case["key"]: case for case in earlier} | fresh
    path.write_text(json.dumps({"cases": list(cases.values())}, indent=1, allow_nan=False) + "\n")
