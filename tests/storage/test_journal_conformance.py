"""The database's journal passes the suite of journals, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from conformance import storage_records as make
from conformance.journal_suite import JournalSuite
from tradepulse.domain.ledger import Activation
from tradepulse.domain.manual_command import ManualCommand
from tradepulse.storage.activating import request_leave
from tradepulse.storage.database import Database
from tradepulse.storage.journal import DatabaseJournal

TABLES = (
    "signals", "orders", "fills", "trades", "positions", "portfolio_history", "events",
    "trade_logs",
)  # fmt: skip


class DatabaseDesk:
    """A database with activation a1, as the suite asks for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.journal = DatabaseJournal(database)
        with database.transaction() as tx:
            make.write_owners(tx)

    def journal_of(self, owner: str) -> DatabaseJournal:
        return DatabaseJournal(self._database, owner)

    def add(self, activation: Activation) -> None:
        with self._database.transaction() as tx:
            tx.activations.insert(activation)

    def claim(self, activation_id: str, owner: str, now_ms: int, ttl_ms: int) -> bool:
        with self._database.transaction() as tx:
            return tx.activations.claim(activation_id, owner, now_ms, ttl_ms) is not None

    def ask_to_leave(self, activation_id: str, now_ms: int, *, flatten: bool) -> None:
        with self._database.transaction() as tx:
            request_leave(tx, tx.activations.get(activation_id), now_ms=now_ms, flatten=flatten)

    def ask_by_hand(self, command: ManualCommand) -> None:
        with self._database.transaction() as tx:
            tx.manual.insert(command)

    def command(self, command_id: str) -> ManualCommand:
        with self._database.reading() as tx:
            return tx.manual.get(command_id)

    def size(self) -> dict[str, int]:
        with self._database.reading() as tx:
            return {
                name: tx.connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar_one()
                for name in TABLES
            }


@pytest.fixture
def desk(database: Database) -> DatabaseDesk:
    return DatabaseDesk(database)


class TestDatabaseJournal(JournalSuite):
    """Batches, books, leases."""
