"""How the house is doing: the API, the database, and every engine over it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query

from tradepulse.api.access import VIEWER
from tradepulse.api.context import Context, Here
from tradepulse.api.shapes.live_market import (
    EngineShape,
    SystemHistory,
    SystemPoint,
    SystemShape,
)
from tradepulse.bootstrap.engine_report import KEPT_MS, resident_mib
from tradepulse.domain.live_market import EngineReport
from tradepulse.domain.version import VERSION

router = APIRouter(prefix="/system", tags=["system"], dependencies=[VIEWER])
# Engines report every five seconds; one that is silent for longer than this is not well.
STALE_MS = 20_000
_SHOWN_MS = 10 * 60_000
_MIB = 1 << 20


@router.get("")
def show_system(here: Here) -> SystemShape:
    """The state of the house now. Engines that were silent for ten minutes are left out."""
    now = here.now_ms()
    with here.database.reading() as tx:
        last = tx.events.last_sequence()
        minute = tx.events.count_since(now - 60_000)
        running = len(tx.activations.running())
        engines = tx.engine_reports.newest(now - _SHOWN_MS)
        mine = tx.connections.ids()
    return SystemShape(
        version=VERSION, time=now, started_at=here.started_at,
        uptime_s=max(now - here.started_at, 0) / 1000,
        database=here.database.dialect, database_mib=_database_mib(here),
        free_mib=round(shutil.disk_usage(here.app.home.path).free / _MIB, 1),
        memory_mib=resident_mib(), last_event=last, events_last_minute=minute, running=running,
        streams=here.tail.listeners,
        engines=[engine_shape(report, now, mine) for report in engines],
    )  # fmt: skip


@router.get("/history")
def show_history(
    here: Here,
    hours: Annotated[float, Query(gt=0, le=24)] = 1.0,
    points: Annotated[int, Query(ge=10, le=2_000)] = 360,
) -> SystemHistory:
    """What engines reported over the last hours, thinned to `points` an engine."""
    since = here.now_ms() - min(int(hours * 3_600_000), KEPT_MS)
    with here.database.reading() as tx:
        found = tx.engine_reports.history(since, 100_000)
    by_engine: dict[str, list[EngineReport]] = {}
    for report in found:
        by_engine.setdefault(report.owner, []).append(report)
    kept = [
        report for reports in by_engine.values()
        for report in reports[:: max(len(reports) // points, 1)]
    ]  # fmt: skip
    kept.sort(key=lambda report: report.written_at)
    return SystemHistory(items=[_point(report) for report in kept])


def engine_shape(report: EngineReport, now_ms: int, mine: frozenset[str]) -> EngineShape:
    """An engine's last report, and whether it is overdue; of its connections those in `mine`."""
    connections = [
        each for each in report.figures.get("connections", []) if each.get("connection_id") in mine
    ]
    return EngineShape(
        owner=report.owner, started_at=report.started_at, written_at=report.written_at,
        stale=now_ms - report.written_at > STALE_MS,
        figures={**report.figures, "connections": connections},
    )  # fmt: skip


def _database_mib(here: Context) -> float | None:
    if here.database.dialect != "sqlite":
        return None
    file = here.app.home.database_file
    return round(file.stat().st_size / _MIB, 1) if file.exists() else None


def _point(report: EngineReport) -> SystemPoint:
    told: Mapping[str, Any] = report.figures
    connections = told.get("connections", [])
    return SystemPoint(
        owner=report.owner, time=report.written_at, memory_mib=told.get("memory_mib"),
        cpu_s=told.get("cpu_s"), activations=told.get("activations"),
        queued_commands=told.get("queued_commands"),
        commit_p99_ms=told.get("commits", {}).get("p99_ms"),
        worst_feed_ms=_worst(feed.get("silent_ms") for feed in told.get("feeds", [])),
        worst_latency_ms=_worst(each.get("latency_ms") for each in connections),
        weight_share=_worst(
            each["weight_used"] / each["weight_limit"] for each in connections
            if each.get("weight_limit")
        ),
    )  # fmt: skip


def _worst(values: Any) -> Any:
    return max((value for value in values if value is not None), default=None)
