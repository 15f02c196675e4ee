"""Server-sent events: the event log from a number on, each client at its own pace.

A stream holds one page of events and its place in the log, never a queue: a slow client costs no
memory, and one that takes nothing for `SEND_TIMEOUT_S` is cut off. It comes back with
Last-Event-ID and misses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tradepulse.api.event_tail import EventTail
from tradepulse.api.shapes.journal import EventShape
from tradepulse.domain.errors import SignInError, TradePulseError
from tradepulse.domain.event import Event

_log = logging.getLogger(__name__)
HEARTBEAT_S = 15.0
SEND_TIMEOUT_S = 20.0
PAGE = 200
_RETRY_MS = 2_000


class ReadEvents(Protocol):
    """Reads at most `limit` events numbered above `sequence`."""

    def __call__(self, sequence: int, limit: int) -> Sequence[Event]: ...


def encode(event: Event) -> bytes:
    """An event on the wire: `id:` its number, `event:` its type, `data:` one line of JSON."""
    data = EventShape.model_validate(event).model_dump_json()
    # A type is one word by contract; a line break in it would forge the next field.
    kind = "".join(event.type.split())
    return f"id: {event.sequence}\nevent: {kind}\ndata: {data}\n\n".encode()


class EventStream(Response):
    """The answer of `events/stream`: events above `after`, then new ones as they are written."""

    media_type = "text/event-stream"

    def __init__(
        self,
        tail: EventTail,
        read: ReadEvents,
        after: int,
        *,
        heartbeat_s: float = HEARTBEAT_S,
        send_timeout_s: float = SEND_TIMEOUT_S,
    ) -> None:
        super().__init__(headers={"cache-control": "no-cache", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._tail, self._read, self._after = tail, read, after
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
        seen = self._tail.latest
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
        grown = await self._tail.wait_beyond(self._after, self._heartbeat_s)
        return b"" if grown or self._tail.closed else b": heartbeat\n\n"

    async def _put(self, send: Send, body: bytes) -> None:
        if body:
            message = {"type": "http.response.body", "body": body, "more_body": True}
            await asyncio.wait_for(send(message), self._send_timeout_s)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
