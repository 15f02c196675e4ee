"""Requests of one pair leave one after the other; pairs do not wait for each other."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

_LOG = logging.getLogger(__name__)
Job = Callable[[], Coroutine[Any, Any, None]]


class Lane:
    """The requests of one pair, in the order they were given.

    The next leaves when the one before is answered, or when `release` says that what became of it
    is known by other means (the account's stream was quicker), or after `patience_s`: a request
    that hangs must not keep a stop from the market.
    """

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._waiting: deque[tuple[str, Job]] = deque()
        self._running: dict[str, asyncio.Event] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._driver: asyncio.Task[None] | None = None

    def put(self, name: str, job: Job) -> None:
        """Adds a request; `name` is what `release` will call it."""
        self._waiting.append((name, job))
        if self._driver is None or self._driver.done():
            self._driver = asyncio.create_task(self._drive())

    def release(self, name: str) -> None:
        """What became of the request is known."""
        event = self._running.get(name)
        if event is not None:
            event.set()

    def unsent(self) -> list[str]:
        """The names of requests that have not left, taken away."""
        names = [name for name, _ in self._waiting]
        self._waiting.clear()
        return names

    def under_way(self) -> list[asyncio.Task[None]]:
        """The requests that have left and are not answered."""
        return [task for task in self._tasks if not task.done()]

    def cancel(self) -> None:
        """Waits for nothing more."""
        if self._driver is not None:
            self._driver.cancel()
        for task in self._tasks:
            task.cancel()

    async def _drive(self) -> None:
        while self._waiting:
            name, job = self._waiting.popleft()
            task = asyncio.create_task(job())
            self._tasks.add(task)
            task.add_done_callback(self._done)
            known = self._running[name] = asyncio.Event()
            news = asyncio.create_task(known.wait())
            try:
                await asyncio.wait({task, news}, timeout=self._patience_s,
                                   return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
            finally:
                news.cancel()
                self._running.pop(name, None)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            # Jobs report their own errors: one that gets here is a defect of ours.
            _LOG.error("a request ended in an error", exc_info=task.exception())
