"""Trading states, latches and locks over HTTP, and what they leave in the audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from conformance import storage_records as make
from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.bootstrap import App
from tradepulse.domain.lifecycle import Mode
from tradepulse.domain.risk_record import RiskLock, RiskStateRecord
from tradepulse.risk.equity_track import EquityTrack
from tradepulse.risk.risk_book import RiskBook
from tradepulse.risk.trading_state import DAILY_LOSS, DRAWDOWN, Latch, RiskState, TradingState

NOW = make.T0 + 1_000_000
REASON = "the exchange announced a fork"


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    """Two wallets of a connection, of which one has lost too much, and a paper wallet."""
    latches = (
        Latch(DRAWDOWN, TradingState.REDUCING, "21 % under the peak", NOW - 50),
        Latch(DAILY_LOSS, TradingState.REDUCING, "lost 6 % today", NOW - 40, NOW + 40_000),
    )
    book = RiskBook(RiskState(latches), EquityTrack.started(1000.0, NOW))
    with app.database.transaction() as tx:
        tx.connections.insert(make.connection("con"))
        for name in ("w1", "w2"):
            tx.wallets.insert(make.wallet(name, mode=Mode.TESTNET, connection_id="con"))
        tx.wallets.insert(make.wallet("paper"))
        record = RiskStateRecord("w2", "REDUCING", "21 % under the peak", NOW - 50, book.as_json())
        tx.risk_states.save(record)
        tx.risk_locks.insert(
            RiskLock("lock", "w1", None, "BTC/USDT", "cool_down", "a loss", NOW - 5, NOW + 5_000)
        )
        tx.risk_locks.insert(
            RiskLock("old", "w1", None, None, "cool_down", "a loss", NOW - 500, NOW - 100)
        )
    api = create_app(app, now_ms=lambda: NOW)
    with TestClient(
        api, base_url="http://127.0.0.1:8080", headers=headers_of(app.database)
    ) as client:
        yield client


def post(client: TestClient, path: str, key: str | None = None, **body: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(f"/api/risk/{path}", json=body, headers=headers)


def states(client: TestClient) -> dict[str, str]:
    return {row["wallet_id"]: row["state"] for row in client.get("/api/risk/state").json()["items"]}


def told(client: TestClient, kind: str) -> list[dict[str, Any]]:
    changes = client.get("/api/changes/since?sequence=0").json()["changes"]
    return [event["payload"] for event in changes if event["type"] == kind]


def test_states_are_shown_with_what_holds_them(client: TestClient) -> None:
    assert states(client) == {"w1": "ACTIVE", "w2": "REDUCING"}
    (held,) = client.get("/api/risk/state?wallet_id=w2").json()["items"]
    assert {latch["code"] for latch in held["latches"]} == {DRAWDOWN, DAILY_LOSS}


def test_a_person_halts_a_wallet_and_takes_it_back(client: TestClient) -> None:
    halted = post(client, "state", state="HALTED", reason=REASON, wallet_id="w1")
    assert halted.status_code == 200
    (row,) = halted.json()["items"]
    assert (row["state"], row["reason"], row["latches"][0]["by"]) == ("HALTED", REASON, "admin")
    back = post(client, "state", state="ACTIVE", reason="it is over", wallet_id="w1")
    assert back.json()["items"][0]["state"] == "ACTIVE"
    events = told(client, "risk.state")
    assert [e["state"] for e in events] == ["HALTED", "ACTIVE"]
    assert events[0] == {"state": "HALTED", "by": "admin", "reason": REASON, "asked": "HALTED"}


def test_all_wallets_at_exchanges_at_once(client: TestClient) -> None:
    assert post(client, "state", state="HALTED", reason=REASON).status_code == 200
    assert states(client) == {"w1": "HALTED", "w2": "HALTED"}
    # What a limit latched is not taken back by asking: nor then anybody's.
    refused = post(client, "state", state="ACTIVE", reason=REASON)
    assert (refused.status_code, refused.json()["code"]) == (409, "latched")
    assert states(client) == {"w1": "HALTED", "w2": "HALTED"}


def test_latches_are_reset_one_by_one(client: TestClient) -> None:
    first = post(client, "latches/reset", wallet_id="w2", codes=[DRAWDOWN], reason="paid in")
    assert [latch["code"] for latch in first.json()["items"][0]["latches"]] == [DAILY_LOSS]
    assert first.json()["items"][0]["state"] == "REDUCING"
    rest = post(client, "latches/reset", wallet_id="w2", reason="understood")
    assert (rest.json()["items"][0]["state"], rest.json()["items"][0]["latches"]) == ("ACTIVE", [])
    assert [e["reset"] for e in told(client, "risk.state")] == [[DRAWDOWN], [DAILY_LOSS]]


def test_sent_twice_it_is_done_once(client: TestClient) -> None:
    for _ in range(2):
        answer = post(client, "state", "k", state="REDUCING", reason=REASON, wallet_id="w1")
        assert answer.json()["items"][0]["state"] == "REDUCING"
    assert len(told(client, "risk.state")) == 1


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("state", {"state": "ACTIVE"}, 422, "validation"),
        ("state", {"state": "ASLEEP", "reason": "x"}, 422, "validation"),
        ("state", {"state": "ACTIVE", "reason": "  "}, 422, "validation"),
        ("state", {"state": "HALTED", "reason": "x", "wallet_id": "no"}, 404, "wallet_not_found"),
        ("state", {"state": "HALTED", "reason": "x", "wallet_id": "paper"}, 409, "not_at_a_venue"),
        ("state", {"state": "ACTIVE", "reason": "x", "wallet_id": "w2"}, 409, "latched"),
        ("latches/reset", {"wallet_id": "w1", "codes": ["drawdown"], "reason": "x"}, 409,
         "not_latched"),
        ("latches/reset", {"reason": "x"}, 422, "validation"),
    ],
)  # fmt: skip
def test_what_is_refused(
    client: TestClient, path: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = post(client, path, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert told(client, "risk.state") == []


def test_locks_are_listed_and_lifted(client: TestClient) -> None:
    assert [row["id"] for row in client.get("/api/risk/locks").json()["items"]] == ["lock", "old"]
    now = client.get("/api/risk/locks?in_force=true&pair=BTCUSDT").json()["items"]
    assert [row["id"] for row in now] == ["lock"]
    assert client.get("/api/risk/locks/lock").json()["released_at"] is None
    lifted = client.delete("/api/risk/locks/lock")
    assert (lifted.status_code, lifted.json()["released_by"]) == (200, "admin")
    assert client.delete("/api/risk/locks/lock").json()["released_at"] == NOW
    assert client.get("/api/risk/locks?in_force=true").json()["items"] == []
    assert [e["code"] for e in told(client, "risk.lock_released")] == ["cool_down"]
    for ask in (client.get, client.delete):
        assert ask("/api/risk/locks/nothing").json()["code"] == "lock_not_found"
