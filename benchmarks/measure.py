"""What each measured process prints: its times, its CPU, its peak memory, and what it computed.

Runs inside the peers' environments too, so nothing but the standard library is imported here.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

Facts = dict[str, Any]


class Timings(NamedTuple):
    """Seconds of each call: on the wall clock, and of the processor in all threads and children."""

    wall: list[float]
    cpu: list[float]

    def divided(self, steps: int) -> Timings:
        """The same for one of `steps` equal steps of a call."""
        return Timings(
            [value / steps for value in self.wall], [value / steps for value in self.cpu]
        )


def timed(work: Callable[[], Facts], repeats: int) -> tuple[Timings, Facts]:
    """The timings of `repeats` calls of `work`, and the facts that the last one returned."""
    timings = Timings([], [])
    facts: Facts = {}
    for _ in range(repeats):
        started, worked = time.perf_counter(), cpu_s()
        facts = work()
        timings.cpu.append(cpu_s() - worked)
        timings.wall.append(time.perf_counter() - started)
    return timings, facts


def peak_mb() -> float:
    """Highest resident memory so far of this process and of its largest child, in MB (10^6)."""
    peak = sum(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    # Linux counts kilobytes of 1024, macOS bytes.
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def cpu_s() -> float:
    """CPU seconds of this process and its finished children, user and system."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def emit(timings: Timings, facts: Facts) -> None:
    """Print the one line the harness reads."""
    document = {"seconds": timings.wall, "cpu_seconds": timings.cpu, "process_cpu_s": cpu_s(),
                "peak_mb": peak_mb(), "facts": facts}  # fmt: skip
    print(json.dumps(document))
