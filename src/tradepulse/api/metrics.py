"""`/metrics`: the house in Prometheus' words, read at the moment it is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradepulse.api.access import MACHINE
from tradepulse.api.context import Context
from tradepulse.bootstrap.engine_report import resident_mib
from tradepulse.domain.errors import TradePulseError

_SHOWN_MS = 60_000
_MIB = 1 << 20
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
# Figures of an engine's report: name, help.
_ENGINE = (
    ("activations", "Activations that run in the engine"),
    ("queued_commands", "Commands no worker has taken up"),
    ("threads", "Threads of the engine process"),
    ("memory_mib", "Resident memory of the engine, MiB"),
    ("cpu_s", "Processor time the engine used, seconds"),
)
_CONNECTION = (
    ("latency_ms", "Median latency of the last requests, milliseconds"),
    ("weight_used", "Request weight used in the current minute"),
    ("weight_limit", "Request weight allowed in a minute"),
    ("reconnects", "Times the account stream was opened anew"),
    ("clock_skew_ms", "Our clock less the venue's, milliseconds"),
)


class RequestTimes:
    """Measures requests by route and status; routes, not paths: ids would make a series each."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._seconds = Histogram(
            "tradepulse_request_seconds", "Time to the first byte of an answer",
            ["method", "route", "status"], buckets=_BUCKETS, registry=registry,
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                labels = scope["method"], _route(scope), str(message["status"])
                self._seconds.labels(*labels).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, timed)


def _route(scope: Scope) -> str:
    route = scope.get("route")
    if route is not None:
        return str(route.path)
    for each in scope["app"].routes:
        if each.matches(scope)[0] is Match.FULL:
            return str(getattr(each, "path", "other"))
    return "other"


class HouseMetrics(Collector):
    """Gauges of the database and of the engines over it."""

    def __init__(self, here: Context) -> None:
        self._here = here

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Everything, or `tradepulse_up 0` alone where the database cannot be read."""
        now = self._here.now_ms()
        yield _gauge("memory_mib", "Resident memory of the API, MiB", resident_mib())
        yield _gauge("streams", "Clients that follow events", self._here.tail.listeners)
        try:
            with self._here.app.database.reading() as tx:
                last = tx.events.last_sequence()
                running = len(tx.activations.running())
                engines = tx.engine_reports.newest(now - _SHOWN_MS)
        except TradePulseError:
            yield _gauge("up", "Whether the database answers", 0)
            return
        yield _gauge("up", "Whether the database answers", 1)
        yield _gauge("last_event", "Number of the newest event", last)
        yield _gauge("running_activations", "Activations that should run", running)
        figures = {report.owner: report.figures for report in engines}
        for name, told in _ENGINE:
            yield _labelled(
                f"engine_{name}", told, ["engine"],
                [((owner,), each.get(name)) for owner, each in figures.items()],
            )  # fmt: skip
        yield _labelled(
            "engine_commit_p99_ms", "Durable commit of a batch, 99th percentile, milliseconds",
            ["engine"],
            [((owner,), each.get("commits", {}).get("p99_ms")) for owner, each in figures.items()],
        )  # fmt: skip
        yield _labelled(
            "feed_silent_ms", "Since the last word about a pair, milliseconds",
            ["feed", "exchange", "pair", "interval"],
            [
                ((f["feed"], f["exchange"], f["pair"], f["interval"]), f.get("silent_ms"))
                for each in figures.values() for f in each.get("feeds", [])
            ],
        )  # fmt: skip
        for name, told in _CONNECTION:
            yield _labelled(
                f"connection_{name}", told, ["connection"],
                [
                    ((c["name"],), c.get(name))
                    for each in figures.values() for c in each.get("connections", [])
                ],
            )  # fmt: skip


def _gauge(name: str, told: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"tradepulse_{name}", told, value=value)


def _labelled(
    name: str, told: str, labels: list[str], values: list[tuple[tuple[str, ...], Any]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"tradepulse_{name}", told, labels=labels)
    for names, value in values:
        if value is not None:
            family.add_metric(list(names), float(value))
    return family


def install(api: FastAPI) -> None:
    """Serves `/metrics` and times every request."""
    registry = CollectorRegistry()
    registry.register(HouseMetrics(api.state.context))
    api.add_middleware(RequestTimes, registry=registry)

    @api.get("/metrics", include_in_schema=False, dependencies=[MACHINE])
    async def metrics(_request: Request) -> Response:
        text = await run_in_threadpool(generate_latest, registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)
