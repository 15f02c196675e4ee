"""Streams: each user hears of their own desk, and no longer than they are let in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
import sample_rows
from desks import fill
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from conformance.way_in import headers_of, key_of
from tradepulse.api.app import create_app
from tradepulse.api.event_stream import EventStream
from tradepulse.api.event_tail import EventTail
from tradepulse.api.identity import Identities, StillIn
from tradepulse.api.server import ApiServer, serve_in_thread
from tradepulse.api.tokens import AccessTokens
from tradepulse.bootstrap import App
from tradepulse.domain.errors import SignInError
from tradepulse.domain.event import Event, NewEvent
from tradepulse.domain.user import Role
from tradepulse.storage.accounts import change_user


@pytest.fixture
def server(app: App) -> Iterator[ApiServer]:
    fill(app)
    server = ApiServer(app, port=0)
    thread = serve_in_thread(server)
    yield server
    server.stop()
    thread.join(timeout=60)


def tell(app: App, user_id: str, entity: str = "trade") -> None:
    with app.database.transaction() as tx:
        tx.events.append(NewEvent(1, "x.told", entity, f"of-{user_id}", {}, user_id))


def test_a_stranger_hears_nothing_of_another_desk(server: ApiServer, app: App) -> None:
    """The sample rows have two dozen events of the owner's; none of them arrives."""
    headers = headers_of(app, "stranger", Role.ADMIN)
    heard: list[dict[str, Any]] = []
    url = f"{server.address}/api/events/stream?sequence=0"
    with (
        httpx2.Client(timeout=60) as client,
        client.stream("GET", url, headers=headers) as response,
    ):
        for user, entity in (("local", "trade"), ("local", "configuration"), ("stranger", "trade")):
            tell(app, user, entity)
        for line in response.iter_lines():
            if line.startswith("data:"):
                heard.append(json.loads(line.removeprefix("data:")))
                if len(heard) == 2:
                    break
    assert [(e["user_id"], e["entity"]) for e in heard] == [
        ("local", "configuration"), ("stranger", "trade"),
    ]  # fmt: skip


class Clock:
    now_ms = sample_rows.NOW

    def __call__(self) -> int:
        return self.now_ms


def test_an_open_stream_ends_when_its_user_is_shut_out() -> None:
    sent: list[Any] = []

    def read(_sequence: int, _limit: int) -> list[Event]:
        raise SignInError("session_over", "the session is over")

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: Any) -> None:
        sent.append(message)

    stream = EventStream(EventTail(lambda: 0), read, 0)
    asyncio.run(asyncio.wait_for(stream({"type": "http"}, receive, send), timeout=60))
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


def test_who_was_let_in_is_looked_up_again(app: App) -> None:
    clock = Clock()
    identities = Identities(lambda: app.database, AccessTokens(app.token_keys.read, 900), clock)
    headers_of(app)
    guest = identities.of(key_of(app, "guest", Role.VIEWER))
    still_in = StillIn(identities, guest)
    still_in.check()
    change_user(app.database, "guest", clock(), disabled=True)
    # Not with each page of events, but soon.
    still_in.check()
    clock.now_ms += StillIn.EVERY_MS
    with pytest.raises(SignInError) as refusal:
        still_in.check()
    assert refusal.value.code == "session_over"


def test_a_socket_is_closed_on_whoever_is_shut_out(app: App) -> None:
    clock = Clock()
    api = create_app(app, now_ms=clock)
    token = headers_of(app, "guest", Role.VIEWER)["authorization"].removeprefix("Bearer ")
    headers_of(app)
    with (
        TestClient(api, base_url="http://127.0.0.1:8080") as client,
        client.websocket_connect("ws://127.0.0.1:8080/api/ws") as socket,
    ):
        socket.send_json({"op": "auth", "token": token})
        assert socket.receive_json()["ok"] is True
        socket.send_json({"op": "subscribe", "channel": "events", "after": 0})
        assert socket.receive_json()["ok"] is True
        tell(app, "local")
        tell(app, "guest")
        assert socket.receive_json()["data"]["user_id"] == "guest"
        change_user(app.database, "guest", clock(), disabled=True)
        clock.now_ms += 10_000
        tell(app, "guest")
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
        assert closed.value.code == 4401
