"""Tells the streams that the event log has grown: one look at its last number serves them all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tradepulse.api.recent_events import KEPT, RecentEvents
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.event import Event

_log = logging.getLogger(__name__)
POLL_S = 0.1
# A database that is away is asked less often, so that the log does not fill with the same line.
RETRY_S = 2.0


class EventTail:
    """The last event number, watched only while somebody listens, and the newest events.

    The log is read by number, also those of other processes: whatever wrote an event, this sees it.
    It has threads of its own: behind forty slow requests every stream would wait.
    `read(sequence, limit)` reads everybody's events after a number; without it none are held.
    """

    def __init__(
        self,
        last_sequence: Callable[[], int],
        poll_s: float = POLL_S,
        read: Callable[[int, int], Sequence[Event]] | None = None,
    ) -> None:
        self._last_sequence = last_sequence
        self._poll_s = poll_s
        self._read = read
        self._recent = RecentEvents()
        self._has_looked = False
        self._listeners = 0
        self._wanted = asyncio.Event()
        self._grown = asyncio.Event()
        self.latest = 0
        self.closed = False

    @property
    def listeners(self) -> int:
        """How many streams follow the log here."""
        return self._listeners

    @property
    def recent(self) -> RecentEvents | None:
        """The newest events, up to `latest` at least; None where they are not held."""
        return None if self._read is None else self._recent

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
            latest = await asyncio.to_thread(self._last_sequence)
            if latest != self.latest:
                latest = await self._take_in(latest)
            self._has_looked = True  # also at a log that is empty
        except TradePulseError as error:
            _log.warning("the event log cannot be read: %s", error)
            return RETRY_S
        if latest != self.latest:
            self.latest = latest
            self._wake()
        return self._poll_s

    async def _take_in(self, latest: int) -> int:
        """Reads what was written since the last look; up to which number."""
        if self._read is None:
            return latest
        if not self._has_looked or not self.latest < latest <= self.latest + KEPT:
            # The first look, a long rest, another log: whoever comes from before reads by itself.
            self._recent.restart(latest)
            return latest
        found = await asyncio.to_thread(self._read, self.latest, 2 * KEPT)
        self._recent.add(found)
        return max(latest, found[-1].sequence) if found else latest

    def _wake(self) -> None:
        grown, self._grown = self._grown, asyncio.Event()
        grown.set()
