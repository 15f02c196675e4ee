"""Alerts over HTTP, and what real money may use of its allotment."""

from __future__ import annotations

import dataclasses

import pytest
from sample_rows import NOW, RUNNING
from starlette.testclient import TestClient

from conformance import storage_records as make
from tradepulse.bootstrap import App
from tradepulse.domain.lifecycle import Mode
from tradepulse.risk.risk_book import RiskBook
from tradepulse.risk.staging import StagedCapital


@pytest.fixture
def told(filled: App) -> None:
    with filled.database.transaction() as tx:
        tx.alerts.insert(make.alert("l1", time=NOW - 2))
        tx.alerts.insert(make.alert("l2", time=NOW - 1, level="critical", code="parity_lost"))


@pytest.mark.usefixtures("told")
def test_alerts_are_listed_newest_first_and_read_once(client: TestClient) -> None:
    assert [item["id"] for item in client.get("/api/alerts").json()["items"]] == ["l2", "l1"]
    found = client.get("/api/alerts?level=critical").json()["items"]
    assert [item["code"] for item in found] == ["parity_lost"]
    read = client.post("/api/alerts/l2/read")
    assert (read.status_code, read.json()["read_at"]) == (200, NOW)
    unread = client.get("/api/v1/alerts?unread=true").json()["items"]
    assert [item["id"] for item in unread] == ["l1"]
    assert client.get("/api/alerts/l2").json()["read_at"] == NOW
    assert client.post("/api/alerts/nobody/read").json()["code"] == "alert_not_found"


def test_an_activation_shows_what_it_may_use(client: TestClient, filled: App) -> None:
    path = f"/api/activations/{RUNNING}"
    assert client.get(path).json()["staged_share"] is None
    with filled.database.transaction() as tx:
        running = tx.activations.get(RUNNING)
        live = dataclasses.replace(running, id="live", mode=Mode.LIVE, allotment=make.D(1))
        tx.activations.insert(live)
        book = RiskBook().stands("live", StagedCapital(2, 0))
        state = make.risk_state(running.wallet_id, latches=book.as_json())
        tx.risk_states.save(state)
    shown = {a["id"]: a["staged_share"] for a in client.get("/api/activations").json()["items"]}
    assert (shown["live"], shown[RUNNING]) == (0.25, None)
    assert client.get("/api/activations/live").json()["staged_share"] == 0.25
