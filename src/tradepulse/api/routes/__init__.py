"""The routes, a file a resource, in one router that is mounted twice."""

from __future__ import annotations

from fastapi import APIRouter

from tradepulse.api.routes import (
    activations,
    alerts,
    audit,
    auth,
    bars,
    chart,
    configuration_board,
    configuration_evidence,
    configuration_graphs,
    configurations,
    connections,
    events,
    health,
    instruments,
    keys,
    kill_switch,
    ledger,
    logs,
    manual,
    overview,
    performance,
    portfolio,
    quotes,
    reconciliations,
    risk,
    settings,
    sockets,
    strategies,
    system,
    training_jobs,
    training_studies,
    users,
    wallets,
)

PARTS = (
    health, strategies, bars, configurations, connections, wallets, activations, ledger,
    portfolio, configuration_board, logs, events, training_jobs, training_studies, risk,
    kill_switch, reconciliations, alerts, auth, users, keys, audit, quotes, system, sockets,
    overview, chart, configuration_graphs, configuration_evidence, instruments, performance,
    manual, settings,
)  # fmt: skip


def api_router() -> APIRouter:
    """Every route, relative to where it is mounted."""
    router = APIRouter()
    for part in PARTS:
        router.include_router(part.router)
    return router
