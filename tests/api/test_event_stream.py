"""The event stream over a real server: resumed without loss, ended without hanging."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
import sample_rows

from conformance.way_in import headers_of
from tradepulse.api.event_stream import EventStream
from tradepulse.api.event_tail import EventTail
from tradepulse.api.recent_events import KEPT, RecentEvents, encode
from tradepulse.api.server import ApiServer, serve_in_thread
from tradepulse.bootstrap import App
from tradepulse.domain.errors import FailedError, RefusedError
from tradepulse.domain.event import Event, NewEvent

WRITTEN = 24
# What the requests of a test carry.
WAY_IN: dict[str, str] = {}


@pytest.fixture
def server(filled: App) -> Iterator[ApiServer]:
    server = ApiServer(filled, port=0)
    WAY_IN.update(headers_of(filled.database))
    thread = serve_in_thread(server)
    yield server
    server.stop()
    thread.join(timeout=20)
    assert not thread.is_alive()


def write(app: App, *numbers: int, kind: str = "trade.closed") -> None:
    with app.database.transaction() as tx:
        for number in numbers:
            tx.events.append(NewEvent(number, kind, "trade", f"t{number}", {"n": number}))


def read(
    server: ApiServer,
    count: int,
    query: str = "",
    *,
    once_open: Callable[[], None] = lambda: None,
    **headers: str,
) -> list[dict[str, Any]]:
    """The first `count` events of a new connection, as `{id, event, data}`."""
    found: list[dict[str, Any]] = []
    fields: dict[str, Any] = {}
    url = f"{server.address}/api/events/stream{query}"
    with (
        httpx2.Client(timeout=10) as client,
        client.stream("GET", url, headers={**WAY_IN, **headers}) as response,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        once_open()
        for line in response.iter_lines():
            if line.startswith(("id:", "event:", "data:")):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif not line and "data" in fields:
                found.append({**fields, "data": json.loads(fields["data"])})
                fields = {}
                if len(found) == count:
                    break
    return found


def numbers(events: list[dict[str, Any]]) -> list[int]:
    return [int(event["id"]) for event in events]


def test_stream_resumes_after_the_last_event_read(server: ApiServer, filled: App) -> None:
    first = read(server, 10, "?sequence=0")
    assert numbers(first) == list(range(1, 11))
    # The connection is lost here; more happens meanwhile.
    write(filled, 1, 2, 3)
    second = read(server, WRITTEN + 3 - 10, **{"Last-Event-ID": first[-1]["id"]})
    assert numbers(second) == list(range(11, WRITTEN + 4))


def test_event_on_the_wire_is_as_promised(server: ApiServer) -> None:
    (event,) = read(server, 1, "?sequence=0")
    assert event["event"] == "trade.closed"
    assert set(event["data"]) == {
        "sequence", "time", "type", "user_id", "entity", "entity_id", "payload",
    }  # fmt: skip
    assert event["data"]["sequence"] == int(event["id"]) == 1


def test_new_events_arrive_as_they_are_written(server: ApiServer, filled: App) -> None:
    def write_three() -> None:
        for number in range(3):
            write(filled, number)

    # Without a place to start from, a stream begins now: the first 24 are not sent.
    events = read(server, 3, once_open=write_three)
    assert numbers(events) == [WRITTEN + 1, WRITTEN + 2, WRITTEN + 3]


def test_types_choose_what_is_sent_and_do_not_hold_it_up(server: ApiServer, filled: App) -> None:
    write(filled, *range(300), kind="order.filled")
    write(filled, 7, kind="fill.created")
    (event,) = read(server, 1, "?sequence=0&types=fill.*&types=feed.*")
    assert (event["event"], event["data"]["payload"]) == ("fill.created", {"n": 7})


def test_number_of_another_log_starts_from_now(server: ApiServer, filled: App) -> None:
    events = read(server, 1, once_open=lambda: write(filled, 1), **{"Last-Event-ID": "999999"})
    assert numbers(events) == [WRITTEN + 1]


def test_bad_last_event_id_is_refused(server: ApiServer) -> None:
    with httpx2.Client() as client:
        response = client.get(
            f"{server.address}/api/events/stream", headers={**WAY_IN, "Last-Event-ID": "seven"}
        )
    assert (response.status_code, response.json()["code"]) == (422, "bad_last_event_id")


def test_open_stream_does_not_hold_up_a_stop(filled: App) -> None:
    server = ApiServer(filled, port=0)
    thread = serve_in_thread(server)
    ended = threading.Event()

    def listen() -> None:
        with httpx2.Client(timeout=30) as client:
            url = f"{server.address}/api/events/stream"
            with client.stream("GET", url, headers=headers_of(filled.database)) as response:
                assert response.status_code == 200
                for _ in response.iter_lines():
                    ended.clear()
            ended.set()

    listener = threading.Thread(target=listen)
    listener.start()
    time.sleep(0.5)
    began = time.monotonic()
    server.stop()
    thread.join(timeout=20)
    listener.join(timeout=5)
    assert not thread.is_alive()
    assert ended.is_set()
    assert time.monotonic() - began < 5


def test_taken_port_and_open_address_are_refused(filled: App) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(FailedError) as failure:
            ApiServer(filled, port=taken.getsockname()[1])
        assert failure.value.code == "port_taken"
    with pytest.raises(RefusedError) as refusal:
        ApiServer(filled, host="0.0.0.0", port=0)
    assert refusal.value.code == "not_loopback"


def event(sequence: int, kind: str = "trade.closed") -> Event:
    return Event(sequence, 0, kind, "trade", "t", {"note": "a\nb"}, "local")


def test_encoding_is_one_line_a_field() -> None:
    for kind in ("trade.closed", "trade\nid: 9"):
        assert encode(event(5, kind)).count(b"\n") == 4


class Connection:
    """An ASGI client that takes `takes` messages and then no more; the stream's own test double
    of a socket that is full, which a real one on loopback becomes only after megabytes."""

    def __init__(self, takes: int) -> None:
        self.takes = takes
        self.sent: list[Any] = []

    async def receive(self) -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(self, message: Any) -> None:
        if len(self.sent) >= self.takes:
            await asyncio.Event().wait()
        self.sent.append(message)


def _serve(connection: Connection, **more: float) -> None:
    async def run() -> None:
        tail = EventTail(lambda: 0)
        stream = EventStream(
            tail, lambda sequence, limit: [event(sequence + n + 1) for n in range(limit)], 0, **more
        )
        await asyncio.wait_for(
            stream({"type": "http"}, connection.receive, connection.send), timeout=5
        )

    asyncio.run(run())


def test_client_that_takes_nothing_is_cut_off() -> None:
    connection = Connection(takes=4)
    _serve(connection, send_timeout_s=0.2)
    assert len(connection.sent) == 4


def test_quiet_stream_sends_heartbeats() -> None:
    connection = Connection(takes=5)

    async def run() -> None:
        stream = EventStream(
            EventTail(lambda: 0), lambda sequence, limit: [], 0,
            heartbeat_s=0.05, send_timeout_s=0.2,
        )  # fmt: skip
        await stream({"type": "http"}, connection.receive, connection.send)

    asyncio.run(run())
    bodies = [message.get("body") for message in connection.sent[2:]]
    assert bodies == [b": heartbeat\n\n"] * 3


def test_tail_watches_only_while_somebody_listens() -> None:
    looks: list[int] = []

    def look() -> int:
        looks.append(1)
        return len(looks)

    async def run() -> None:
        tail = EventTail(look, poll_s=0.01)
        task = asyncio.create_task(tail.run())
        await asyncio.sleep(0.05)
        assert looks == []
        with tail.listening():
            assert await tail.wait_beyond(0, 2.0)
            assert not await EventTail(look).wait_beyond(5, 0.02)
        await asyncio.sleep(0.1)
        seen = len(looks)
        await asyncio.sleep(0.1)
        assert len(looks) == seen
        task.cancel()

    asyncio.run(run())


def test_sample_rows_hold_as_many_events_as_the_tests_count(filled: App) -> None:
    with filled.database.reading() as tx:
        assert tx.events.last_sequence() == WRITTEN
    assert sample_rows.START < sample_rows.NOW


def test_what_is_held_for_all_is_whole_or_not_held() -> None:
    held = RecentEvents(kept=10)
    held.restart(5)
    held.add([event(n) for n in range(6, 22)])
    numbers = [told.event.sequence for told in held.above(5, 4) or ()]
    assert numbers == [6, 7, 8, 9]
    assert held.above(4, 4) is None
    assert held.above(21, 4) == []
    held.add([event(n) for n in range(22, 30)])  # now the oldest are let go
    assert held.above(18, 4) is None
    assert [told.event.sequence for told in held.above(19, 100) or ()] == list(range(20, 30))


def test_one_reading_serves_every_stream_and_each_gets_its_own() -> None:
    """Whoever is there reads once when it comes; what is written then is read once for all."""
    log: list[Event] = [event(1)]
    reads: list[int] = []

    def read_all(sequence: int, limit: int) -> list[Event]:
        return [one for one in log if one.sequence > sequence][:limit]

    def read_own(sequence: int, limit: int) -> list[Event]:
        reads.append(sequence)
        return read_all(sequence, limit)

    connections = [Connection(takes=1_000) for _ in range(20)]

    async def run() -> None:
        tail = EventTail(lambda: log[-1].sequence, poll_s=0.01, read=read_all)
        watching = asyncio.create_task(tail.run())
        streams = [
            asyncio.create_task(
                EventStream(tail, read_own, 1, wants=lambda e, n=n: e.sequence % 20 == n)(  # type: ignore[misc]
                    {"type": "http"}, connection.receive, connection.send
                )
            )
            for n, connection in enumerate(connections)
        ]
        await asyncio.sleep(0.2)
        for number in range(2, 102):
            log.append(event(number))
            if number % 10 == 0:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)
        tail.close()
        await asyncio.gather(*streams)
        watching.cancel()

    asyncio.run(run())
    for n, connection in enumerate(connections):
        wire = b"".join(message.get("body", b"") for message in connection.sent)
        told = [int(line[4:]) for line in wire.split(b"\n") if line.startswith(b"id: ")]
        assert told == [number for number in range(2, 102) if number % 20 == n]
    # Each reads for itself when it comes, and where the first look of the tail was too late.
    assert len(reads) <= 3 * len(connections)


def test_the_first_event_of_an_empty_log_is_held_for_all() -> None:
    """Three hundred streams that wait at an empty log would otherwise all read it at once."""
    numbers = iter([0, 1])

    async def run() -> EventTail:
        tail = EventTail(lambda: next(numbers), read=lambda _, __: [event(1)])
        await tail._look()
        await tail._look()
        return tail

    tail = asyncio.run(run())
    assert tail.recent is not None
    assert [told.event.sequence for told in tail.recent.above(0, 5) or ()] == [1]


@pytest.mark.parametrize("latest", [0, 3, 10 + KEPT + 1])
def test_a_tail_that_was_away_too_long_holds_nothing(latest: int) -> None:
    numbers = iter([10, latest])

    async def run() -> EventTail:
        tail = EventTail(lambda: next(numbers), read=lambda _, __: [event(11)])
        await tail._look()
        await tail._look()
        return tail

    tail = asyncio.run(run())
    assert tail.latest == latest
    assert tail.recent is not None
    assert tail.recent.above(latest, 5) == []
    assert latest == 0 or tail.recent.above(latest - 1, 5) is None
