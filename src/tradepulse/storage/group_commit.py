"""One transaction for all who commit at the same moment.

Twenty-five wallets whose bars close together would wait for twenty-five flushes to the disk in a
row. While one batch is being written the others gather, and the next transaction writes them all:
each waits for at most two flushes, and each hears of its own failure alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

from tradepulse.engine.ports import Batch


class _Ticket:
    """A batch on its way; `done` once it is written, or failed with `error`."""

    __slots__ = ("batch", "done", "error")

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.done = False
        self.error: Exception | None = None


class GroupCommit:
    """`write` puts batches into one transaction, all of them or none. Thread-safe."""

    def __init__(self, write: Callable[[Sequence[Batch]], None]) -> None:
        self._write = write
        self._waiting: list[_Ticket] = []
        self._gate = Lock()
        self._turn = Lock()

    def commit(self, batch: Batch) -> None:
        """Returns once the batch is durable. Raises what its own writing raised."""
        ticket = _Ticket(batch)
        with self._gate:
            self._waiting.append(ticket)
        with self._turn:
            if not ticket.done:
                self._write_all()
        if ticket.error is not None:
            raise ticket.error

    def _write_all(self) -> None:
        with self._gate:
            group, self._waiting = self._waiting, []
        try:
            self._write([ticket.batch for ticket in group])
        except Exception as error:  # noqa: BLE001  (each hears of its own, below)
            if len(group) == 1:
                group[0].error = error
            else:
                self._one_by_one(group)
        for ticket in group:
            ticket.done = True

    def _one_by_one(self, group: Sequence[_Ticket]) -> None:
        """Together they could not be written: those that can be by themselves are."""
        for ticket in group:
            try:
                self._write([ticket.batch])
            except Exception as error:  # noqa: BLE001  (told to whoever brought the batch)
                ticket.error = error
