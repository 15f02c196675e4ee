"""One measurement in a process of its own: wall clock, CPU, peak memory, and what it printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


class BenchmarkError(Exception):
    """A measured process failed; its message holds the end of what it said."""


@dataclass(frozen=True)
class Measurement:
    """One process. `seconds` and `cpu_seconds` are the timings it printed, else of all of it."""

    seconds: list[float]
    cpu_seconds: list[float]
    wall_s: float
    process_cpu_s: float
    peak_mb: float
    load_before: float
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """All but the facts, which are kept once an engine and not once a run."""
        return {
            "seconds": [float(f"{value:.6g}") for value in self.seconds],
            "cpu_seconds": [float(f"{value:.6g}") for value in self.cpu_seconds],
            "wall_s": round(self.wall_s, 3),
            "process_cpu_s": round(self.process_cpu_s, 3),
            "peak_mb": round(self.peak_mb, 1),
            "load_before": self.load_before,
        }


def measure(command: Sequence[str], environment: Mapping[str, str]) -> Measurement:
    """Run `command` alone and read its last line. Error `BenchmarkError` if it fails."""
    load = round(os.getloadavg()[0], 2)
    started = time.perf_counter()
    child = subprocess.Popen(
        list(command),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "src"))),
             **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    out, error = child.communicate()
    wall = time.perf_counter() - started
    if child.returncode != 0:
        raise BenchmarkError(f"{' '.join(map(str, command))}\n{error[-2000:]}")
    printed = _last_document(out)
    cpu = printed.get("process_cpu_s", 0.0)
    return Measurement(
        seconds=printed.get("seconds") or [wall],
        cpu_seconds=printed.get("cpu_seconds") or [cpu],
        wall_s=wall,
        process_cpu_s=cpu,
        peak_mb=printed.get("peak_mb", 0.0),
        load_before=load,
        facts=printed.get("facts", {}),
    )


def _last_document(text: str) -> dict[str, Any]:
    lines = text.strip().splitlines()
    if not lines or not lines[-1].startswith('{"seconds"'):
        return {}
    document: dict[str, Any] = json.loads(lines[-1])
    return document


def own_python() -> str:
    """The interpreter that runs the harness: TradePulse's own environment."""
    return sys.executable
