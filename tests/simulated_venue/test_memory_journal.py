"""The journal in memory is a journal: the suite of the database's."""

from __future__ import annotations

import pytest

from conformance import storage_records as make
from conformance.journal_suite import JournalSuite
from simulated_venue.memory_journal import MemoryJournal
from simulated_venue.memory_ledger import MemoryLedger
from tradepulse.domain.ledger import Activation
from tradepulse.domain.manual_command import ManualCommand


class MemoryDesk:
    """A ledger with activation a1, as the suite asks for it."""

    def __init__(self) -> None:
        self._ledger = MemoryLedger()
        self.journal = MemoryJournal(self._ledger)
        self.claim = self._ledger.claim
        self.add(make.activation())

    def journal_of(self, owner: str) -> MemoryJournal:
        return MemoryJournal(self._ledger, owner)

    def add(self, activation: Activation) -> None:
        self._ledger.add(make.configuration(), make.wallet(), activation)

    def ask_to_leave(self, activation_id: str, now_ms: int, *, flatten: bool) -> None:
        assert self._ledger.ask_to_leave(activation_id, now_ms, flatten=flatten)

    def ask_by_hand(self, command: ManualCommand) -> None:
        self._ledger.ask_by_hand(command)

    def command(self, command_id: str) -> ManualCommand:
        return self._ledger.commands[command_id]

    def size(self) -> dict[str, int]:
        kept = vars(self._ledger)
        return {name: len(rows) for name, rows in kept.items() if hasattr(rows, "__len__")}


@pytest.fixture
def desk() -> MemoryDesk:
    return MemoryDesk()


class TestMemoryJournal(JournalSuite):
    """Batches, books, leases."""
