"""Who listens to what, and how a message reaches them: made once, sent to every subscriber."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

import orjson

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.server.connection import Connection, text_frame
from tradepulse.sandbox.server.faults import Fault, FaultBook, Kind

# Before a message and after it; None for the message alone.
Wrapping = tuple[bytes, bytes] | None

_STREAM_FAULTS = (
    Kind.DROP, Kind.DELAY, Kind.DUPLICATE, Kind.REORDER, Kind.DISCONNECT, Kind.MALFORMED,
)  # fmt: skip
_NO_JSON = b'{"e":"'


def market_topic(market: Market, stream: str) -> str:
    """`spot:btcusdt@trade`."""
    return f"{market.value}:{stream}"


def user_topic(market: Market, key: str) -> str:
    """The topic of one account's updates."""
    return f"{market.value}:user:{key}"


def fault_names(topic: str) -> tuple[tuple[str, ...], str | None]:
    """What a fault's `on` may call the topic, and the API key it belongs to."""
    market, _, stream = topic.partition(":")
    if stream.startswith("user:"):
        return ("user", f"{market}:user"), stream[len("user:") :]
    return (stream, topic), None


class Hub:
    """Topics, their subscribers, and the faults between them. Lives on one event loop."""

    def __init__(self, faults: FaultBook, wall_ms: Callable[[], int]) -> None:
        self._faults = faults
        self._wall_ms = wall_ms
        self._listeners: dict[str, dict[Connection, Wrapping]] = {}
        self._held: dict[str, deque[bytes]] = defaultdict(deque)
        self._swapped: dict[str, bytes] = {}
        self._connections: set[Connection] = set()
        self._closing: set[asyncio.Task[bool]] = set()
        self.sent = 0

    # --- who listens ------------------------------------------------------------------------------
    def join(self, connection: Connection) -> None:
        self._connections.add(connection)

    def leave(self, connection: Connection) -> None:
        """Forgets the connection and all it listened to."""
        for topic in list(connection.topics):
            self.unsubscribe(connection, topic)
        self._connections.discard(connection)

    def subscribe(self, connection: Connection, topic: str, wrapping: Wrapping = None) -> None:
        self._listeners.setdefault(topic, {})[connection] = wrapping
        connection.topics.add(topic)

    def unsubscribe(self, connection: Connection, topic: str) -> None:
        connection.topics.discard(topic)
        listeners = self._listeners.get(topic)
        if listeners is not None:
            listeners.pop(connection, None)
            if not listeners:
                del self._listeners[topic]

    def topics(self) -> list[str]:
        """The topics that somebody listens to."""
        return list(self._listeners)

    def has(self, topic: str) -> bool:
        return topic in self._listeners

    def connections(self) -> Iterator[Connection]:
        yield from list(self._connections)

    # --- messages ---------------------------------------------------------------------------------
    def publish(self, topic: str, document: Any) -> None:
        """Sends `document` as JSON to all who listen, unless a fault has other plans."""
        if topic not in self._listeners:
            return
        body = orjson.dumps(document)
        names, key = fault_names(topic)
        fault = self._faults.strike(_STREAM_FAULTS, names, self._wall_ms(), key)
        if topic in self._held:
            # Behind a delayed message all others wait too: a TCP stream has one order.
            self._held[topic].append(body)
        elif fault is None:
            self._deliver(topic, body)
        else:
            self._misbehave(fault, topic, body)
        swapped = self._swapped.get(topic)
        if swapped is not None and swapped is not body:
            del self._swapped[topic]
            self._deliver(topic, swapped)

    def _misbehave(self, fault: Fault, topic: str, body: bytes) -> None:
        loop = asyncio.get_running_loop()
        match fault.kind:
            case Kind.DUPLICATE:
                self._deliver(topic, body)
                self._deliver(topic, body)
            case Kind.DELAY:
                self._held[topic].append(body)
                loop.call_later(fault.ms / 1000, self._release, topic)
            case Kind.REORDER:
                self._swapped[topic] = body
                loop.call_later(fault.ms / 1000, self._unswap, topic, body)
            case Kind.MALFORMED:
                self._deliver(topic, _NO_JSON)
            case Kind.DISCONNECT:
                self.cut(topic, fault.code)
            case _:  # DROP: the message is lost
                return

    def _deliver(self, topic: str, body: bytes) -> None:
        plain = text_frame(body)
        for connection, wrapping in self._listeners.get(topic, {}).items():
            wrapped = plain if wrapping is None else text_frame(wrapping[0] + body + wrapping[1])
            connection.send(wrapped)
            self.sent += 1

    def _release(self, topic: str) -> None:
        for body in self._held.pop(topic, ()):
            self._deliver(topic, body)

    def _unswap(self, topic: str, body: bytes) -> None:
        # Nothing followed: late is all that is left of it.
        if self._swapped.get(topic) is body:
            del self._swapped[topic]
            self._deliver(topic, body)

    # --- faults that meet sockets -----------------------------------------------------------------
    def meeting(self, fault: Fault) -> list[Connection]:
        """The open connections that listen to something the fault names."""
        found = []
        for connection in sorted(self._connections, key=lambda c: c.number):
            names = [fault_names(topic) for topic in connection.topics]
            everybody = fault.on == "*" and fault.key is None
            if everybody or any(_meets(fault, *name) for name in names):
                found.append(connection)
        return found

    def cut(self, topic: str, code: int | None) -> None:
        """Closes every connection that listens to the topic."""
        for connection in list(self._listeners.get(topic, ())):
            self.cut_connection(connection, code)

    def cut_connection(self, connection: Connection, code: int | None) -> None:
        self.leave(connection)
        task = connection.cut(code)
        if task is not None:
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Closes all connections with a close frame, and waits for that."""
        connections = list(self._connections)
        for connection in connections:
            self.leave(connection)
        await asyncio.gather(*(c.close() for c in connections), *self._closing)


def _meets(fault: Fault, names: tuple[str, ...], key: str | None) -> bool:
    return (fault.key is None or fault.key == key) and any(fnmatchcase(n, fault.on) for n in names)
