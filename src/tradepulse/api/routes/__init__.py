"""The routes, a file a resource, in one router that is mounted twice."""

from __future__ import annotations

from fastapi import APIRouter

from tradepulse.api.routes import (
    activations,
    bars,
    configurations,
    events,
    health,
    ledger,
    logs,
    portfolio,
    strategies,
    training_jobs,
    training_studies,
    wallets,
)

PARTS = (
    health, strategies, bars, configurations, wallets, activations, ledger, portfolio, logs, events,
    training_jobs, training_studies,
)  # fmt: skip


def api_router() -> APIRouter:
    """Every route, relative to where it is mounted."""
    router = APIRouter()
    for part in PARTS:
        router.include_router(part.router)
    return router
