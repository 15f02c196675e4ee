"""Connections, their wallets, and holding what runs on them, over HTTP, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sample_rows
from recording_engine import RecordingEngine
from sample_rows import CONFIGURATIONS
from starlette.testclient import TestClient

from conformance.storage_records import connection
from sandbox.small_markets import FIRST, series_of
from tradepulse.bootstrap import App
from tradepulse.domain.lifecycle import Mode
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.server import RunningSandbox, run_in_thread

KEY, SECRET, GREEDY = "a-key-of-the-sandbox", "its-secret", "a-key-that-may-withdraw"
UNKNOWN = sample_rows.name(9, 9)
PATH = "/api/exchanges/connections"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    rows = [(100.0, 101.0, 99.0, 100.0)] * 5
    with run_in_thread(SandboxMarket([series_of(rows)], FIRST)) as running:
        running.open_account(KEY, SECRET, {"USDT": 1000})
        running.open_account(GREEDY, SECRET, {"USDT": 1000}, can_withdraw=True)
        yield running


def add(client: TestClient, sandbox: RunningSandbox, **body: Any) -> Any:
    asked = {
        "name": "desk", "exchange": "Binance", "base_url": sandbox.base_url, "api_key": KEY,
        "secret": SECRET, **body,
    }  # fmt: skip
    response = client.post(PATH, json=asked)
    assert SECRET not in response.text
    return response


def test_a_connection_is_added_shown_tested_and_removed(
    client: TestClient, sandbox: RunningSandbox
) -> None:
    made = add(client, sandbox)
    assert made.status_code == 201, made.text
    shown = made.json()
    assert (shown["exchange"], shown["mode"], shown["key_hint"]) == ("binance", "testnet", KEY[-4:])
    assert made.headers["location"] == f"exchanges/connections/{shown['id']}"
    assert client.get(f"{PATH}/{shown['id']}").json() == shown
    assert client.get(f"{PATH}?exchange=BINANCE&market=spot").json()["items"] == [shown]
    assert client.get(f"{PATH}?mode=live").json()["items"] == []
    tested = client.post(f"{PATH}/{shown['id']}/test").json()
    assert (tested["can_trade"], tested["can_withdraw"]) == (True, False)
    assert add(client, sandbox).json()["code"] == "connection_exists"
    assert client.delete(f"{PATH}/{shown['id']}").status_code == 204
    assert client.get(PATH).json()["items"] == []
    assert client.delete(f"{PATH}/{shown['id']}").json()["code"] == "connection_not_found"
    events = client.get("/api/changes/since?sequence=24").json()["changes"]
    assert [event["type"] for event in events] == [
        "connection.created", "connection.tested", "connection.removed",
    ]  # fmt: skip
    assert SECRET not in str(events)
    assert KEY not in str(events)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"api_key": GREEDY}, 409, "withdrawals_allowed"),
        ({"secret": "wrong"}, 409, "auth"),
        ({"api_key": ""}, 422, "bad_keys"),
        ({"mode": "paper"}, 422, "bad_connection"),
        ({"base_url": "nowhere"}, 422, "bad_connection"),
        ({"mode": "dream"}, 422, "validation"),
        ({"name": ""}, 422, "validation"),
        ({"secret": ["its-secret"]}, 422, "validation"),
        ({"api_secret": "its-secret"}, 422, "validation"),
    ],
)
def test_a_connection_is_refused_and_not_kept(
    client: TestClient, sandbox: RunningSandbox, body: dict[str, Any], status: int, code: str
) -> None:
    response = add(client, sandbox, **body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert client.get(PATH).json()["items"] == []


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("POST", "/test")])
def test_an_unknown_connection_is_not_found(client: TestClient, method: str, path: str) -> None:
    response = client.request(method, f"{PATH}/{UNKNOWN}{path}")
    assert (response.status_code, response.json()["code"]) == (404, "connection_not_found")


# --- wallets and what runs on them ----------------------------------------------------------------
@pytest.fixture
def desk(filled: App) -> str:
    """A connection in the database whose keys nobody needs here."""
    with filled.database.transaction() as tx:
        tx.connections.insert(connection("desk", exchange="kraken"))
    return "desk"


def wallet(client: TestClient, desk: str, **body: Any) -> Any:
    asked = {"name": "share", "balance": "500", "connection_id": desk, **body}
    return client.post("/api/wallets", json=asked)


def test_a_wallet_is_a_share_of_a_connection(client: TestClient, desk: str) -> None:
    made = wallet(client, desk)
    assert made.status_code == 201, made.text
    assert (made.json()["mode"], made.json()["connection_id"]) == ("testnet", desk)
    assert client.get(f"/api/wallets?connection_id={desk}").json()["items"] == [made.json()]
    assert client.get("/api/wallets?mode=paper").json()["items"] != [made.json()]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"connection_id": UNKNOWN}, 404, "connection_not_found"),
        ({"balance": None}, 422, "bad_balance"),
        ({"balance": "-1"}, 422, "validation"),
    ],
)
def test_a_share_is_refused(
    client: TestClient, desk: str, body: dict[str, Any], status: int, code: str
) -> None:
    response = wallet(client, desk, **body)
    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.fixture
def running(client: TestClient, desk: str) -> str:
    """An activation on the test network."""
    made = wallet(client, desk).json()
    response = client.post(
        f"/api/training/configurations/{CONFIGURATIONS[3]}/activate",
        json={"wallet_id": made["id"], "mode": Mode.TESTNET},
    )
    assert response.status_code == 202, response.text
    return str(response.json()["activation_id"])


def test_an_activation_is_held_and_let_go(
    client: TestClient, engine: RecordingEngine, running: str
) -> None:
    path = f"/api/activations/{running}"
    before = engine.reloads
    for _ in range(2):
        held = client.post(f"{path}/pause", headers={"Idempotency-Key": "hold"})
        assert (held.status_code, held.json()["blocked"]) == (202, "paused")
    # Told at once; its watch over the event log may tell it again.
    assert engine.reloads > before
    assert client.get(path).json()["blocked"] == "paused"
    assert client.post(f"{path}/resume").json()["blocked"] is None
    assert client.get(path).json()["blocked"] is None
    again = client.post(f"{path}/resume")
    assert (again.status_code, again.json()["code"]) == (409, "not_paused")


def test_an_activation_is_rolled_back_to_paper(
    client: TestClient, engine: RecordingEngine, running: str
) -> None:
    path = f"/api/activations/{running}/rollback"
    engine.reloads = 0
    done = client.post(path, headers={"Idempotency-Key": "back"})
    assert done.status_code == 202
    assert engine.reloads > 0
    assert done.json()["left"] == {"activation_id": running, "state": "DRAINING"}
    paper = client.get(f"/api/activations/{done.json()['paper']['activation_id']}").json()
    assert (paper["mode"], paper["feed"], paper["state"]) == ("paper", "sandbox", "STARTING")
    assert client.post(path, headers={"Idempotency-Key": "back"}).json() == done.json()
    assert engine.told == [("activated", CONFIGURATIONS[3])]
    assert client.post(path).json()["code"] == "not_active"


@pytest.mark.parametrize("verb", ["pause", "resume", "rollback"])
@pytest.mark.parametrize(("activation", "status"), [(sample_rows.FAULTED, 409), (UNKNOWN, 404)])
def test_holding_is_refused(client: TestClient, verb: str, activation: str, status: int) -> None:
    response = client.post(f"/api/activations/{activation}/{verb}")
    assert response.status_code == status
    assert response.json()["code"] in ("not_active", "not_at_a_venue", "activation_not_found")


def test_real_money_needs_the_word_over_http_too(client: TestClient, filled: App) -> None:
    with filled.database.transaction() as tx:
        real = connection("real", mode=Mode.LIVE, base_url=None, checked_at=sample_rows.NOW)
        tx.connections.insert(real)
    made = wallet(client, "real").json()
    path = f"/api/training/configurations/{CONFIGURATIONS[0]}/activate"

    def activate(**more: Any) -> Any:
        return client.post(path, json={"wallet_id": made["id"], "mode": "live", **more})

    assert activate().json()["code"] == "confirmation_needed"
    accepted = activate(confirm="LIVE").json()
    shown = client.get(f"/api/activations/{accepted['activation_id']}").json()
    assert (shown["mode"], shown["feed"], shown["allotment"]) == ("live", "live", "10")
