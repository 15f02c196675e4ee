"""The WebSocket: prices, books, events and log lines a client subscribes to.

`{"op": "auth", "token": …}` comes first where a sign-in is needed; then `{"op": "subscribe" |
"unsubscribe", "channel": "prices" | "depth" | "events" | "logs", "key": …}`. Answers are
`{"channel", "key", "data", "as_of"}`. Prices and books are conflated: the newest state goes out
when the client has taken the last; events and lines come all, in order. A client that takes nothing
for `SEND_TIMEOUT_S` is cut off.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from tradepulse.api.context import Context
from tradepulse.api.market_pulse import MarketKey
from tradepulse.api.routes.quotes import book_shape, quote_shape
from tradepulse.api.shapes.journal import EventShape
from tradepulse.api.shapes.ledger import LogShape
from tradepulse.api.shapes.live_market import BookShape, QuoteShape
from tradepulse.domain.errors import SignInError, TradePulseError
from tradepulse.domain.event import Event, LogLine

_log = logging.getLogger(__name__)
CHANNELS = ("prices", "depth", "events", "logs")
SEND_TIMEOUT_S = 10.0
_MOST_KEYS = 200
_PAGE = 200
_BAD, _DENIED, _SLOW = 4400, 4401, 4408


class Readers(Protocol):
    """What a socket's user may read; made when the sign-in is known."""

    def events(self, after: int, limit: int) -> Sequence[Event]:
        """Events numbered above `after`."""
        ...

    def lines(self, after: int, limit: int) -> Sequence[LogLine]:
        """Log lines numbered above `after`."""
        ...


class Subscription(NamedTuple):
    channel: str
    key: str


class Socket:
    """One client. `admit(token)` gives what it may read; RefusedError closes the socket."""

    def __init__(
        self, socket: WebSocket, here: Context, admit: Callable[[str | None], Readers | None]
    ) -> None:
        self._socket, self._here, self._admit = socket, here, admit
        self._readers: Readers | None = None
        self._wanted: dict[Subscription, Any] = {}
        self._changed = asyncio.Event()
        self._putting = asyncio.Lock()

    async def serve(self) -> None:
        """Until the client leaves, or is cut off."""
        await self._socket.accept()
        self._readers = await run_in_threadpool(self._admit, None)
        with self._here.pulse.watching(), self._here.tail.listening():
            sending = asyncio.create_task(self._send_all())
            hearing = asyncio.create_task(self._hear())
            try:
                await asyncio.wait({sending, hearing}, return_when=asyncio.FIRST_COMPLETED)
                for task in (sending, hearing):
                    if task.done():
                        task.result()
            except WebSocketDisconnect:
                return
            except SignInError as error:
                # Let in once, and shut out since.
                await self._socket.close(_DENIED, error.code)
            except _Closed as closed:
                with contextlib.suppress(RuntimeError, TimeoutError):
                    await asyncio.wait_for(self._socket.close(closed.code, closed.reason), 1.0)
            finally:
                for task in (sending, hearing):
                    task.cancel()
                await asyncio.gather(sending, hearing, return_exceptions=True)
                for each in list(self._wanted):
                    self._drop(each)

    # --- what the client says ---------------------------------------------------------------------
    async def _hear(self) -> None:
        while True:
            text = await self._socket.receive_text()
            try:
                said = json.loads(text)
                op = said["op"]
            except (ValueError, TypeError, KeyError):
                raise _Closed(_BAD, "expected a JSON object with an op") from None
            if op == "auth":
                await self._sign_in(said.get("token"))
            elif op in ("subscribe", "unsubscribe"):
                await self._change(op, said)
            elif op == "ping":
                await self._put({"op": "pong", "as_of": self._here.now_ms()})
            else:
                raise _Closed(_BAD, "expected op auth, subscribe, unsubscribe or ping")

    async def _sign_in(self, token: Any) -> None:
        try:
            self._readers = await run_in_threadpool(self._admit, str(token))
        except TradePulseError as error:
            raise _Closed(_DENIED, error.code) from error
        await self._put({"op": "auth", "ok": True})

    async def _change(self, op: str, said: dict[str, Any]) -> None:
        if self._readers is None:
            raise _Closed(_DENIED, "sign in first")
        wanted = Subscription(str(said.get("channel")), str(said.get("key") or ""))
        problem = _problem(wanted)
        if problem is None and op == "subscribe" and len(self._wanted) >= _MOST_KEYS:
            problem = f"at most {_MOST_KEYS} subscriptions"
        if problem is not None:
            await self._put({"op": op, "ok": False, "error": {"code": "bad_subscription",
                             "expected": problem, "found": list(wanted)}})  # fmt: skip
            return
        if op == "unsubscribe":
            self._drop(wanted)
        elif wanted not in self._wanted:
            self._wanted[wanted] = await self._start(wanted, said)
            if wanted.channel == "depth":
                self._here.pulse.want_book(MarketKey.parse(wanted.key), 1)
        self._changed.set()
        await self._put({"op": op, "ok": True, "channel": wanted.channel, "key": wanted.key})

    async def _start(self, wanted: Subscription, said: dict[str, Any]) -> int:
        """Where the subscription begins: after this number, or at this time."""
        if wanted.channel == "events":
            after = said.get("after")
            return int(after) if isinstance(after, int) else await run_in_threadpool(self._last)
        if wanted.channel == "logs":
            return await run_in_threadpool(self._last_line)
        return 0

    def _drop(self, wanted: Subscription) -> None:
        if self._wanted.pop(wanted, None) is not None and wanted.channel == "depth":
            self._here.pulse.want_book(MarketKey.parse(wanted.key), -1)

    # --- what it is told --------------------------------------------------------------------------
    async def _send_all(self) -> None:
        while True:
            self._changed.clear()
            for wanted in list(self._wanted):
                await self._send(wanted)
            await self._rest()

    async def _rest(self) -> None:
        """Until there may be news: prices, a longer event log, another subscription."""
        news = [
            asyncio.create_task(self._here.pulse.beat()), asyncio.create_task(self._changed.wait())
        ]  # fmt: skip
        after = self._wanted.get(Subscription("events", ""))
        if after is not None:
            news.append(asyncio.create_task(self._grown(after)))
        try:
            await asyncio.wait(news, return_when=asyncio.FIRST_COMPLETED)
        finally:
            # Also when the socket is closed while it rests: nobody would wait for these any more.
            for task in news:
                task.cancel()
        if self._here.tail.closed:
            raise _Closed(1001, "the server stops")

    async def _grown(self, after: int) -> None:
        await self._here.tail.wait_beyond(after, 3600.0)

    async def _send(self, wanted: Subscription) -> None:
        if wanted.channel == "events":
            await self._send_events(wanted)
        elif wanted.channel == "logs":
            await self._send_lines(wanted)
        else:
            await self._send_newest(wanted)

    async def _send_newest(self, wanted: Subscription) -> None:
        key, now = MarketKey.parse(wanted.key), self._here.now_ms()
        told: QuoteShape | BookShape | None
        if wanted.channel == "prices":
            quote = self._here.pulse.quotes.get(key)
            told = None if quote is None else quote_shape(quote, now)
        else:
            book = self._here.pulse.books.get(key)
            told = None if book is None else book_shape(book, now)
        if told is None or told.written_at == self._wanted.get(wanted):
            return
        self._wanted[wanted] = told.written_at
        await self._tell(wanted, told.model_dump(mode="json"), told.written_at)

    async def _send_events(self, wanted: Subscription) -> None:
        if self._readers is None:
            return
        read, after = self._readers.events, self._wanted[wanted]
        seen = self._here.tail.latest
        events = await run_in_threadpool(read, after, _PAGE)
        for event in events:
            data = EventShape.model_validate(event).model_dump(mode="json")
            await self._tell(wanted, data, event.time)
        if wanted in self._wanted:
            self._wanted[wanted] = events[-1].sequence if events else max(after, seen)

    async def _send_lines(self, wanted: Subscription) -> None:
        if self._readers is None:
            return
        lines = await run_in_threadpool(self._readers.lines, self._wanted[wanted], _PAGE)
        for line in lines:
            data = LogShape.model_validate(line).model_dump(mode="json")
            await self._tell(wanted, data, line.timestamp)
        if lines and wanted in self._wanted:
            self._wanted[wanted] = lines[-1].id

    async def _tell(self, wanted: Subscription, data: Any, as_of: int | None) -> None:
        await self._put(
            {"channel": wanted.channel, "key": wanted.key, "data": data, "as_of": as_of}
        )

    async def _put(self, message: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S), self._putting:
                await self._socket.send_json(message)
        except TimeoutError:
            raise _Closed(_SLOW, "nothing was taken for too long") from None

    def _last(self) -> int:
        with self._here.database.reading() as tx:
            return tx.events.last_sequence()

    def _last_line(self) -> int:
        with self._here.database.reading() as tx:
            return tx.logs.last_id()


class _Closed(Exception):  # noqa: N818  (the end of a conversation, not a failure)
    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def _problem(wanted: Subscription) -> str | None:
    """What the subscription should have been; None: it is fine."""
    if wanted.channel not in CHANNELS:
        return f"a channel of {', '.join(CHANNELS)}"
    if wanted.channel in ("prices", "depth"):
        try:
            MarketKey.parse(wanted.key)
        except ValueError as error:
            return str(error)
    return None if wanted.channel in ("prices", "depth") or not wanted.key else "no key"
