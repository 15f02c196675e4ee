"""Answers as gzip where the client takes it and it is worth it; never a stream of events.

Large answers are compressed in a worker thread: the loop that delivers events does not wait.
"""

from __future__ import annotations

import gzip
import re
import zlib

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradepulse.api.origin import is_loopback

_LEAST_BYTES = 1_000
# Beyond this compressing takes longer than other requests should wait for.
_IN_THREAD_BYTES = 64_000
# Large answers are mostly digits: the fastest level leaves them a tenth larger than the best.
_FAST_BYTES = 1_000_000
_WORTH = re.compile(
    r"^(text/|application/(json|problem\+json|javascript|vnd\.tradepulse|manifest))"
)
_NEVER = "text/event-stream"
_BINARY = "application/vnd.tradepulse"


class Compression:
    """Gzips whole answers and pieces of files, by the client's Accept-Encoding."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        takes_gzip = scope["type"] == "http" and _takes_gzip(Headers(scope=scope))
        if not takes_gzip:
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Answer(scope, send))


class _Answer:
    """One answer on its way out: held until its first piece says whether it is compressed."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._near = is_loopback(scope["client"][0]) if scope.get("client") else True
        self._start: Message | None = None
        self._pieces: zlib._Compress | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if _may(Headers(scope=message), near=self._near):
                self._start = message
            else:
                # A stream's beginning tells its client that it is open: it is not held back.
                await self._send(message)
        elif message["type"] != "http.response.body":
            await self._send(message)
        elif self._start is None:
            await self._piece(message)
        else:
            await self._first(message)

    async def _first(self, message: Message) -> None:
        start, self._start = self._start, None
        if start is None:
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        headers = MutableHeaders(scope=start)
        headers.add_vary_header("Accept-Encoding")
        if more:
            self._pieces = zlib.compressobj(5, zlib.DEFLATED, 31)
            _mark(headers)
            message = {**message, "body": self._pieces.compress(body)}
        elif len(body) >= _LEAST_BYTES:
            packed = await _packed(body)
            _mark(headers)
            headers["content-length"] = str(len(packed))
            message = {**message, "body": packed}
        await self._send(start)
        await self._send(message)

    async def _piece(self, message: Message) -> None:
        if self._pieces is not None:
            packed = self._pieces.compress(message.get("body", b""))
            if not message.get("more_body", False):
                packed += self._pieces.flush()
            message = {**message, "body": packed}
        await self._send(message)


def _takes_gzip(headers: Headers) -> bool:
    for part in headers.get("accept-encoding", "").lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0")
    return False


def _may(headers: Headers, *, near: bool) -> bool:
    """Whether an answer of this kind is ever compressed. Bars as bytes stay as they are for a
    client on this machine: packing them takes ten times longer than sending them."""
    kind = headers.get("content-type", "")
    packed_already = "content-encoding" in headers
    as_it_is = kind.startswith(_NEVER) or (near and kind.startswith(_BINARY))
    return not packed_already and not as_it_is and _WORTH.match(kind) is not None


def _mark(headers: MutableHeaders) -> None:
    headers["content-encoding"] = "gzip"
    del headers["content-length"]
    tag = headers.get("etag")
    if tag is not None and not tag.startswith("W/"):
        # The same content, but not the same bytes.
        headers["etag"] = f"W/{tag}"


async def _packed(body: bytes) -> bytes:
    level = 1 if len(body) > _FAST_BYTES else 5
    if len(body) > _IN_THREAD_BYTES:
        return await run_in_threadpool(gzip.compress, body, level, mtime=0)
    return gzip.compress(body, level, mtime=0)
