"""Tells the streams that the event log has grown: one look at its last number serves them all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool

from tradepulse.domain.errors import TradePulseError

_log = logging.getLogger(__name__)
POLL_S = 0.2
# A database that is away is asked less often, so that the log does not fill with the same line.
RETRY_S = 2.0


class EventTail:
    """The last event number, watched only while somebody listens.

    The log is read by number, also those of other processes: whatever wrote an event, this sees it.
    """

    def __init__(self, last_sequence: Callable[[], int], poll_s: float = POLL_S) -> None:
        self._last_sequence = last_sequence
        self._poll_s = poll_s
        self._listeners = 0
        self._wanted = asyncio.Event()
        self._grown = asyncio.Event()
        self.latest = 0
        self.closed = False

    @property
    def listeners(self) -> int:
        """How many streams follow the log here."""
        return self._listeners

    @contextmanager
    def listening(self) -> Iterator[None]:
        """The log is watched within this block."""
        self._listeners += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._listeners -= 1
            if self._listeners == 0:
                self._wanted.clear()

    async def wait_beyond(self, sequence: int, timeout_s: float) -> bool:
        """Whether the log grew beyond `sequence` within `timeout_s`. False at once when closed."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while not self.closed and self.latest <= sequence:
            grown, left = self._grown, deadline - loop.time()
            if left <= 0:
                return False
            try:
                await asyncio.wait_for(grown.wait(), left)
            except TimeoutError:
                return False
        return not self.closed

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self.closed = True
        self._wake()

    async def run(self) -> None:
        """Watch the log until cancelled."""
        while True:
            await self._wanted.wait()
            await asyncio.sleep(await self._look())

    async def _look(self) -> float:
        try:
            latest = await run_in_threadpool(self._last_sequence)
        except TradePulseError as error:
            _log.warning("the event log cannot be read: %s", error)
            return RETRY_S
        if latest != self.latest:
            self.latest = latest
            self._wake()
        return self._poll_s

    def _wake(self) -> None:
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
