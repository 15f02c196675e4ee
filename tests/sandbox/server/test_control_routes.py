"""The control routes, over HTTP as a person or a script would use them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from small_market import KEY, MINUTE, START, http

from tradepulse.sandbox.server import RunningSandbox


def _control(sandbox: RunningSandbox, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async def ask() -> tuple[int, Any]:
        async with (
            http() as session,
            session.request(method, f"{sandbox.base_url}/control/{path}", json=body) as response,
        ):
            return response.status, await response.json()

    return asyncio.run(ask())


def test_faults_are_armed_listed_and_cleared(sandbox: RunningSandbox) -> None:
    status, armed = _control(sandbox, "POST", "fault", {"kind": "drop", "on": "user", "times": 3})
    assert (status, armed["left"], armed["struck"]) == (200, 3, 0)
    _control(sandbox, "POST", "fault", {"kind": "maintenance"})
    items = _control(sandbox, "GET", "fault")[1]["items"]
    assert [item["kind"] for item in items] == ["drop", "maintenance"]
    assert _control(sandbox, "DELETE", f"fault?id={armed['id']}")[1] == {"cleared": 1}
    assert _control(sandbox, "DELETE", "fault")[1] == {"cleared": 1}
    assert _control(sandbox, "GET", "fault")[1] == {"items": []}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("fault", {"kind": "earthquake"}, "unknown_fault"),
        ("fault", {"kind": "halt", "symbol": "NOPE"}, "bad_fault"),
        ("fault", {"kind": "filter_change", "symbol": "BTCUSDT"}, "bad_fault"),
        ("fault", {"kind": "filter_change", "filters": {"colour": "1"}}, "bad_fault"),
        ("fault", {"kind": "filter_change", "filters": {"tick": "wide"}}, "bad_fault"),
        ("fault", [], "bad_request"),
        ("clock", {}, "bad_clock"),
        ("clock", {"warp": 9}, "bad_clock"),
        ("clock", {"speed": "fast"}, "bad_clock"),
        ("account", {"key": "a"}, "bad_account"),
        ("account", {"key": "a", "secret": "b", "balances": {"USDT": "much"}}, "bad_account"),
    ],
)
def test_what_cannot_be_is_refused(
    sandbox: RunningSandbox, path: str, body: Any, code: str
) -> None:
    status, answer = _control(sandbox, "POST", path, body)
    assert (status, answer["error"]["code"]) == (422, code)
    assert answer["error"]["expected"]
    assert sandbox.state()["faults"]["items"] == []


def test_the_clock_steps_runs_and_stands(sandbox: RunningSandbox) -> None:
    stepped = _control(sandbox, "POST", "clock", {"step_ms": MINUTE})[1]
    assert (stepped["now"], stepped["speed"]) == (START + 1000 + MINUTE, 0)
    running = _control(sandbox, "POST", "clock", {"speed": 600})[1]
    assert running["speed"] == 600
    asyncio.run(asyncio.sleep(0.15))
    paused = _control(sandbox, "POST", "clock", {"pause": True})[1]
    assert paused["speed"] == 0
    assert paused["now"] - stepped["now"] > 0.1 * 600_000
    again = _control(sandbox, "GET", "clock")[1]
    assert again["now"] == paused["now"]
    assert _control(sandbox, "POST", "clock", {"pause": False})[1]["speed"] == 600


def test_accounts_are_opened_and_filled_up(sandbox: RunningSandbox) -> None:
    account = {"key": "new", "secret": "s", "balances": {"USDT": 5}, "futures_balance": "7.5"}
    assert _control(sandbox, "POST", "account", account) == (200, {"key": "new"})
    _control(sandbox, "POST", "account", {**account, "futures_balance": 0})
    truth = _control(sandbox, "GET", "state")[1]["accounts"]
    assert set(truth) == {KEY, "new"}
    assert [b["free"] for b in truth["new"]["balances"]] == ["10"]
    assert truth["new"]["futures"]["wallet"] == "7.5"


def test_the_state_tells_what_was_asked_and_answered(sandbox: RunningSandbox) -> None:
    async def ask() -> None:
        async with http() as session:
            for path in ("/api/v3/time", "/api/v3/time", "/api/v3/depth"):
                async with session.get(sandbox.base_url + path):
                    pass

    asyncio.run(ask())
    state = _control(sandbox, "GET", "state")[1]
    assert state["requests"] == {"GET /api/v3/time": 2, "GET /api/v3/depth": 1}
    assert state["answers"] == {"200": 2, "400": 1}
    assert state["clock"]["start"] == START
    assert state["connections"] == []
