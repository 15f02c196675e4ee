"""How this engine is doing, written down every few seconds: what the System page and `/metrics`
show."""

from __future__ import annotations

import logging
import os
import resource
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.live_market import EngineReport

if TYPE_CHECKING:
    from tradepulse.bootstrap.trading import TradingFloor
    from tradepulse.engine.supervision import TradingEngineManager

_log = logging.getLogger(__name__)
_EVERY_S, _AWAY_S = 5.0, 15.0
KEPT_MS = 24 * 3_600_000
_MIB = 1 << 20


class EngineReporter:
    """Writes an `EngineReport` every few seconds as long as it is open."""

    def __init__(
        self, floor: TradingFloor, manager: TradingEngineManager, clock: Callable[[], int]
    ) -> None:
        self._floor, self._manager, self._clock = floor, manager, clock
        self._started_at = clock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="report", daemon=True)

    def __enter__(self) -> EngineReporter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(2.0)

    def figures(self) -> Mapping[str, Any]:
        """What can be measured now: ages in ms, sizes in MiB, processor time in seconds."""
        floor, usage = self._floor, resource.getrusage(resource.RUSAGE_SELF)
        return {
            "host": floor.owner.split(":")[0],
            "activations": len(self._manager.activations),
            "wallets": self._manager.wallet_count,
            "queued_commands": self._manager.queue_depth,
            "threads": threading.active_count(),
            "memory_mib": resident_mib(),
            "cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
            "load": os.getloadavg()[0],
            "commits": floor.commit_times(),
            "feeds": floor.feed_ages(),
            "connections": [
                {"connection_id": known.id, "name": known.name, "mode": str(known.mode),
                 **asdict(venue.health())}
                for known, venue in floor.venues()
            ],
        }  # fmt: skip

    def _work(self) -> None:
        pause = 0.5
        while not self._stop.wait(pause):
            pause, now = _EVERY_S, self._clock()
            report = EngineReport(self._floor.owner, self._started_at, now, self.figures())
            try:
                with self._floor.app.database.transaction() as tx:
                    tx.engine_reports.write(report, keep_since_ms=now - KEPT_MS)
            except TradePulseError as error:
                _log.warning("the engine's report could not be written: %s", error)
                pause = _AWAY_S


def resident_mib() -> float:
    """The memory this process holds, MiB; where the system does not say, the most it ever held."""
    held = Path("/proc/self/statm")
    if held.exists():
        pages = int(held.read_text().split()[1])
        return round(pages * os.sysconf("SC_PAGE_SIZE") / _MIB, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def spread(times_s: list[float]) -> dict[str, float | int | None]:
    """Count, median and 99th percentile of durations, in ms; None without any."""
    if not times_s:
        return {"count": 0, "p50_ms": None, "p99_ms": None}
    ordered = sorted(times_s)

    def at(share: float) -> float:
        return round(1_000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)], 3)

    return {"count": len(ordered), "p50_ms": at(0.5), "p99_ms": at(0.99)}
