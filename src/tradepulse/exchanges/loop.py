"""One thread with an asyncio loop for everything that talks to exchanges.

The engine is synchronous and must never wait on a socket by accident: it hands work over here and
gets answers through queues, or waits with a time limit where it means to.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import logging
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar

from tradepulse.domain.errors import FailedError

T = TypeVar("T")
_LOG = logging.getLogger(__name__)


class IoLoop:
    """An asyncio loop on a daemon thread of its own. All methods but `start` are for other
    threads; a loop that has stopped cannot be started again."""

    def __init__(self, name: str = "exchange-io") -> None:
        self._name = name
        self._loop = asyncio.new_event_loop()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop itself, for code that runs on it."""
        return self._loop

    def start(self) -> IoLoop:
        """Itself, running. Error `loop_stopped`."""
        with self._lock:
            if self._loop.is_closed():
                raise FailedError("loop_stopped", "the exchange thread has been stopped")
            if self._thread is None:
                self._loop.set_exception_handler(_unhandled)
                self._thread = threading.Thread(target=self._turn, name=self._name, daemon=True)
                self._thread.start()
        return self

    def on_loop(self) -> bool:
        """Whether the caller is the loop's own thread."""
        return threading.current_thread() is self._thread

    def submit(self, work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """The future result of `work`. Error `loop_stopped`."""
        if self._loop.is_closed():
            work.close()
            raise FailedError("loop_stopped", "the exchange thread has been stopped")
        self.start()
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float | None = None) -> T:
        """The result of `work`, waited for. TimeoutError after `timeout_s`: it is cancelled."""
        if self.on_loop():
            work.close()
            raise FailedError("loop_would_wait", "the exchange thread cannot wait for itself")
        future = self.submit(work)
        try:
            return future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise TimeoutError(f"no answer within {timeout_s} s") from None

    def call(self, function: Callable[..., object], *arguments: Any) -> None:
        """Has the loop call `function`; calls keep their order. Error `loop_stopped`."""
        if self._loop.is_closed():
            raise FailedError("loop_stopped", "the exchange thread has been stopped")
        self.start()
        self._loop.call_soon_threadsafe(function, *arguments)

    def stop(self, timeout_s: float = 5.0) -> None:
        """Cancels what still runs, lets it end, and ends the thread. Twice is once."""
        with self._lock:
            thread, self._thread = self._thread, None
            if self._loop.is_closed():
                return
            if thread is None:
                self._loop.close()
                return
            asyncio.run_coroutine_threadsafe(self._wind_up(), self._loop)
            thread.join(timeout_s)
            if thread.is_alive():
                _LOG.warning("the exchange thread did not end within %s s", timeout_s)

    def __enter__(self) -> IoLoop:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def _turn(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    async def _wind_up(self) -> None:
        others = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        self._loop.stop()


def _unhandled(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An error nobody waited for: written down, never fatal to the other connections."""
    error = context.get("exception")
    _LOG.error(
        "exchange thread: %s", context.get("message"),
        exc_info=error if isinstance(error, BaseException) else None,
    )  # fmt: skip


_shared: list[IoLoop] = []
_shared_lock = threading.Lock()


def shared_loop() -> IoLoop:
    """The process's exchange thread, started by the first who asks, stopped when the process
    ends."""
    with _shared_lock:
        if not _shared or _shared[0].loop.is_closed():
            _shared[:] = [IoLoop().start()]
            atexit.register(_shared[0].stop)
        return _shared[0]
