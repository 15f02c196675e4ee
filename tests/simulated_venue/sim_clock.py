"""Simulated time: what is due happens in order of time, then of asking. Nothing else ever waits."""

from __future__ import annotations

import heapq
from collections.abc import Callable


class SimClock:
    """Now, in UTC ms, and what is still to come."""

    def __init__(self, start_ms: int) -> None:
        self.now = start_ms
        self._asked = 0
        self._coming: list[tuple[int, int, Callable[[], None]]] = []

    def __call__(self) -> int:
        return self.now

    def at(self, time_ms: int, action: Callable[[], None]) -> None:
        """Do `action` at `time_ms`, at once if that is past."""
        self._asked += 1
        heapq.heappush(self._coming, (max(time_ms, self.now), self._asked, action))

    def after(self, delay_ms: int, action: Callable[[], None]) -> None:
        """Do `action` in `delay_ms`."""
        self.at(self.now + delay_ms, action)

    @property
    def next_due(self) -> int | None:
        """When the next thing happens; None: nothing is to come."""
        return self._coming[0][0] if self._coming else None

    def advance(self, until_ms: int) -> None:
        """Go to `until_ms` through everything that is due on the way."""
        while self._coming and self._coming[0][0] <= until_ms:
            time_ms, _, action = heapq.heappop(self._coming)
            self.now = time_ms
            action()
        self.now = max(self.now, until_ms)
