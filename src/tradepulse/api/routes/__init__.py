"""The routes, a file a resource, in one router that is mounted twice."""

from __future__ import annotations

from fastapi import APIRouter

from tradepulse.api.routes import (
    activations,
    alerts,
    bars,
    configurations,
    connections,
    events,
    health,
    kill_switch,
    ledger,
    logs,
    portfolio,
    reconciliations,
    risk,
    strategies,
    training_jobs,
    training_studies,
    wallets,
)

PARTS = (
    health, strategies, bars, configurations, connections, wallets, activations, ledger, portfolio,
    logs, events, training_jobs, training_studies, risk, kill_switch, reconciliations,
    alerts,
)  # fmt: skip


def api_router() -> APIRouter:
    """Every route, relative to where it is mounted."""
    router = APIRouter()
    for part in PARTS:
        router.include_router(part.router)
    return router
