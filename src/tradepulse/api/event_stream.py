"""Server-sent events: the event log from a number on, each client at its own pace.

A stream holds one page of events and its place in the log, never a queue: a slow client costs no
memory, and one that takes nothing for `SEND_TIMEOUT_S` is cut off. It comes back with
Last-Event-ID and misses nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tradepulse.api.event_tail import EventTail
from tradepulse.api.recent_events import Told, encode
from tradepulse.domain.errors import SignInError, TradePulseError
from tradepulse.domain.event import Event

_log = logging.getLogger(__name__)
HEARTBEAT_S = 15.0
SEND_TIMEOUT_S = 20.0
PAGE = 200
_RETRY_MS = 2_000
# What is held for all asks nobody whether this one may still read; its own reading does, this
# often, whether there is news or not: put off until the next event, all streams would read then.
_OWN_READ_S = 6.0, 12.0


class ReadEvents(Protocol):
    """Reads at most `limit` events numbered above `sequence`."""

    def __call__(self, sequence: int, limit: int) -> Sequence[Event]: ...


class EventStream(Response):
    """The answer of `events/stream`: events above `after`, then new ones as they are written.

    `read` reads those it may see. `wants` says the same of an event that is held for all; without
    it nothing is taken from there.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        tail: EventTail,
        read: ReadEvents,
        after: int,
        *,
        wants: Callable[[Event], bool] | None = None,
        heartbeat_s: float = HEARTBEAT_S,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        super().__init__(headers={"cache-control": "no-cache", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._tail, self._read, self._after = tail, read, after
        self._wants, self._reads_at = wants, 0.0
        self._heartbeat_s, self._send_timeout_s = heartbeat_s, send_timeout_s

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        streaming = asyncio.ensure_future(self._stream(send))
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait({streaming, gone}, return_when=asyncio.FIRST_COMPLETED)
            if streaming.done():
                streaming.result()
        except TimeoutError:
            _log.info("an event stream took nothing for %s s and was cut off", self._send_timeout_s)
        finally:
            for task in (streaming, gone):
                task.cancel()
            await asyncio.gather(streaming, gone, return_exceptions=True)

    async def _stream(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        with self._tail.listening():
            await self._put(send, f"retry: {_RETRY_MS}\n: after {self._after}\n\n".encode())
            try:
                while not self._tail.closed:
                    await self._put(send, await self._next())
            except SignInError as error:
                # It comes back, and hears that it is out.
                _log.info("an event stream was ended: %s", error)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _next(self) -> bytes:
        """The next page of events, or a heartbeat after a while without any."""
        # Numbers become visible in order, so all up to `seen` are in what is read after it.
        seen, now = self._tail.latest, time.monotonic()
        held = self._held(now)
        if held is not None:
            return await self._share(held, seen)
        self._reads_at = now + random.uniform(*_OWN_READ_S)  # noqa: S311  (spread)
        try:
            events = await run_in_threadpool(self._read, self._after, PAGE)
        except SignInError:
            raise
        except TradePulseError as error:
            _log.warning("an event stream cannot read the log: %s", error)
            await asyncio.sleep(_RETRY_MS / 1000)
            return b": the event log cannot be read\n\n"
        if events:
            self._after = events[-1].sequence
            return b"".join(map(encode, events))
        self._after = max(self._after, seen)
        return await self._rest()

    def _held(self, now: float) -> Sequence[Told] | None:
        """The next events that are held for all; None: it has to read by itself."""
        recent = self._tail.recent
        if recent is None or self._wants is None or now >= self._reads_at:
            return None
        return recent.above(self._after, PAGE)

    async def _share(self, held: Sequence[Told], seen: int) -> bytes:
        """What it may see of these, perhaps nothing; with none at all it waits for the next."""
        if not held or self._wants is None:
            self._after = max(self._after, seen)
            return await self._rest()
        self._after = held[-1].event.sequence
        return b"".join(told.wire for told in held if self._wants(told.event))

    async def _rest(self) -> bytes:
        """Until there is more to read: nothing, or a heartbeat."""
        seconds = self._heartbeat_s
        if self._tail.recent is not None and self._wants is not None:
            seconds = min(seconds, max(self._reads_at - time.monotonic(), 0.0))
        grown = await self._tail.wait_beyond(self._after, seconds)
        return b"" if grown or self._tail.closed else b": heartbeat\n\n"

    async def _put(self, send: Send, body: bytes) -> None:
        if body:
            message = {"type": "http.response.body", "body": body, "more_body": True}
            await asyncio.wait_for(send(message), self._send_timeout_s)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
