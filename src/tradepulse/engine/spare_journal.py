"""Batches kept beside a database that is away, so that a kill switch need not wait for it.

They are written before anything they speak of is done, and brought into the ledger by the next
start, in their order, before any engine runs.
"""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from tradepulse.domain.errors import TradePulseError
from tradepulse.engine.ports import Batch, Journal


class Spare(Protocol):
    """Where batches go while the ledger is away."""

    def keep(self, batch: Batch) -> None:
        """Appends a batch; it is durable when this returns."""
        ...

    def bring_in(self, journal: Journal) -> int:
        """How many batches the ledger now has that it had not. Errors: the journal's."""
        ...


class SpareJournal:
    """One file of batches in a home. It is this program's own and never comes from elsewhere: it is
    read as Python objects. Thread-safe: the wallets of a process share one."""

    def __init__(self, home: Path) -> None:
        self._file = home / "spare-ledger.bin"
        self._lock = threading.Lock()

    def keep(self, batch: Batch) -> None:
        """Appends a batch; it is on the disk when this returns."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        record = pickle.dumps(batch)
        with self._lock, self._file.open("ab") as stream:
            self._file.chmod(0o600)
            stream.write(len(record).to_bytes(8, "big") + record)
            stream.flush()
            os.fsync(stream.fileno())

    def bring_in(self, journal: Journal) -> int:
        """How many batches the ledger now has that it had not; the file is gone after that.

        A batch that is there already (the process ended between its commit and the end of this) is
        passed over. Errors: the journal's; what is not brought in stays.
        """
        done = 0
        with self._lock:
            for batch in self._batches():
                try:
                    journal.commit(batch)
                    done += 1
                except TradePulseError as error:
                    if error.code != "already_exists":
                        raise
            self._file.unlink(missing_ok=True)
        return done

    def _batches(self) -> Iterator[Batch]:
        if not self._file.exists():
            return
        data, place = self._file.read_bytes(), 0
        while place + 8 <= len(data):
            size = int.from_bytes(data[place : place + 8], "big")
            record = data[place + 8 : place + 8 + size]
            if len(record) < size:
                return  # cut off by a crash: nothing that it speaks of was done
            yield pickle.loads(record)  # noqa: S301  (our own file, mode 0600)
            place += 8 + size
