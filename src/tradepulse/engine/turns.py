"""One wallet after the other: when a bar closes, all of a process have something to work out.

Python runs one thread at a time. Left to themselves twenty-five of them take slices of each other's
time, so that all are done last, and the thread that orders leave by stands in line with every one.
In turn the first is done when it is done, and its orders are on their way while the next begins.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

# Whoever has waited this long goes ahead: one that waits for a venue or a disk in its turn must not
# stop the others.
_PATIENCE_S = 0.1


class Turns:
    """The line of a process's wallets, first come, first served. Thread-safe."""

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._line: deque[threading.Event] = deque()
        self._busy = False
        self._mine = threading.local()

    @contextmanager
    def mine(self) -> Iterator[None]:
        """Inside it is the caller's turn, until the end or `over`."""
        self._mine.held = self._enter()
        try:
            yield
        finally:
            self.over()

    def over(self) -> None:
        """The caller has done its sums: what it does now waits for others than the processor."""
        if getattr(self._mine, "held", False):
            self._mine.held = False
            self._next()

    def _enter(self) -> bool:
        """Whether it is the caller's turn; False where it goes ahead without."""
        with self._lock:
            if not self._busy:
                self._busy = True
                return True
            called = threading.Event()
            self._line.append(called)
        if called.wait(self._patience_s):
            return True
        with self._lock:
            if called not in self._line:
                return True  # called in this very moment
            self._line.remove(called)
            return False

    def _next(self) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().set()
            else:
                self._busy = False
