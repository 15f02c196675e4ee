"""Two users in one home: the owner of all the sample rows, and a stranger with none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sample_rows
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from conformance import storage_records as made
from tradepulse.bootstrap import App
from tradepulse.domain.lifecycle import Mode

LOCK, ALERT, JOB, CONNECTION = "lock-of-owner", "alert-of-owner", "job-of-owner", "conn-of-owner"
RECEIPT, DIFFERENCE = "receipt-of-owner", "difference-of-owner"
VENUE_WALLET = sample_rows.name(2, 5)

# What of the owner's stands for a parameter of an address. One that is not here (and is not
# common to all) is tried with every id there is.
OBJECTS = {
    "activation_id": sample_rows.RUNNING,
    "wallet_id": sample_rows.WALLET,
    "order_id": sample_rows.name(5, 3),
    "position_id": sample_rows.name(8, 1),
    "trade_id": sample_rows.name(7, 3),
    "signal_id": sample_rows.name(4, 3),
    "lock_id": LOCK,
    "alert_id": ALERT,
    "job_id": JOB,
    "connection_id": CONNECTION,
}
COMMON = {"configuration_id", "name", "version", "number", "n", "user_id", "key_id", "path"}


@dataclass(frozen=True)
class Call:
    """A command or a question of the API, its parameters still to be filled in."""

    method: str
    template: str
    route: APIRoute

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(self.route.param_convertors)

    def path(self, **values: str) -> str:
        found = self.template
        for name in self.parameters:
            kind = f"{{{name}:path}}" if f"{{{name}:path}}" in found else f"{{{name}}}"
            found = found.replace(kind, values[name])
        return found

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


def calls(api: FastAPI) -> Iterator[Call]:
    """Every call there is under /api/v1."""
    for context in iter_route_contexts(api.routes):
        route, path = context.original_route, context.path or ""
        if isinstance(route, APIRoute) and path.startswith("/api/v1/"):
            for method in sorted(context.methods or ()):
                yield Call(method, path, route)


def fill(app: App) -> None:
    """The owner's desk: everything that can belong to somebody."""
    sample_rows.fill(app.database)
    with app.database.transaction() as tx:
        tx.connections.insert(made.connection(CONNECTION))
        tx.wallets.insert(
            made.wallet(VENUE_WALLET, mode=Mode.TESTNET, connection_id=CONNECTION, name="Venue")
        )
        tx.jobs.save(made.job(JOB))
        tx.alerts.insert(made.alert(ALERT))
        wallet, activation = sample_rows.WALLET, sample_rows.RUNNING
        tx.risk_locks.insert(made.lock(LOCK, wallet_id=wallet, activation_id=activation))
        tx.risk_states.save(made.risk_state(VENUE_WALLET))
        tx.receipts.save(made.receipt(RECEIPT, wallet_id=wallet))
        tx.reconciliations.insert(made.difference(DIFFERENCE, wallet_id=VENUE_WALLET))
        tx.transfers.insert(made.transfer("transfer-of-owner", wallet_id=VENUE_WALLET))


def ids_of_owner(app: App) -> set[str]:
    """Every id that belongs to the owner, as the database has them."""
    with app.database.reading() as tx:
        rows = [
            *tx.wallets.page(limit=1000).items, *tx.connections.page(limit=1000).items,
            *tx.activations.page(limit=1000).items, *tx.signals.page(limit=1000).items,
            *tx.orders.page(limit=1000).items, *tx.fills.page(limit=1000).items,
            *tx.trades.page(limit=1000).items, *tx.positions.page(limit=1000).items,
            *tx.jobs.page(limit=1000).items, *tx.alerts.page(limit=1000).items,
            *tx.risk_locks.page(limit=1000).items, *tx.receipts.page(limit=1000).items,
            *tx.reconciliations.page(limit=1000).items,
        ]  # fmt: skip
    return {row.id for row in rows}
