"""Alerts over HTTP, and what real money may use of its allotment."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from sample_rows import NOW, RUNNING
from starlette.testclient import TestClient

import tradepulse
from conformance import storage_records as make
from tradepulse.bootstrap import App
from tradepulse.domain.lifecycle import Mode
from tradepulse.domain.settings import RiskSettings
from tradepulse.risk.risk_book import RiskBook
from tradepulse.risk.staging import StagedCapital
from tradepulse.storage.views.alert_rules import alert_rules


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


@pytest.mark.usefixtures("told")
def test_an_alert_is_acknowledged_once_and_told_once(client: TestClient) -> None:
    for _ in range(2):
        assert client.post("/api/alerts/l1/acknowledge").json()["read_at"] == NOW
    changes = client.get("/api/changes/since?sequence=0&limit=1000").json()["changes"]
    told = [c["entity_id"] for c in changes if c["type"] == "alert.acknowledged"]
    assert told == ["l1"]
    assert client.get("/api/alerts?unread=false").json()["items"][0]["id"] == "l1"


@pytest.mark.usefixtures("told")
def test_several_are_acknowledged_together_or_none(client: TestClient) -> None:
    wrong = client.post("/api/alerts/acknowledge", json={"ids": ["l1", "nobody"]})
    assert (wrong.status_code, wrong.json()["code"]) == (404, "alert_not_found")
    assert len(client.get("/api/alerts?unread=true").json()["items"]) == 2
    done = client.post("/api/alerts/acknowledge", json={"ids": ["l1", "l2", "l1"]})
    assert [item["read_at"] for item in done.json()["items"]] == [NOW, NOW]
    empty = client.post("/api/alerts/acknowledge", json={"ids": []})
    assert (empty.status_code, empty.json()["code"]) == (422, "validation")


@pytest.mark.usefixtures("told")
def test_rules_say_what_raises_them_and_what_to_do(client: TestClient) -> None:
    rules = {rule["code"]: rule for rule in client.get("/api/alerts/rules").json()["items"]}
    assert (rules["parity_lost"]["open"], rules["parity_lost"]["last"]) == (1, NOW - 1)
    assert "2 times within 24 hours" in rules["repeated_faults"]["when"]
    assert all(rule["to_do"] and rule["trading"] for rule in rules.values())


def test_every_code_that_is_raised_has_a_rule() -> None:
    source = Path(tradepulse.__file__).parent
    codes = {
        code
        for file in source.rglob("*.py")
        for code in re.findall(r'raise_alert\(\s*tx, [A-Z]+, "(\w+)"', file.read_text("utf-8"))
    }
    assert codes
    assert codes <= set(alert_rules(RiskSettings()))


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
