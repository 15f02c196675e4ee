"""The overview: what wallets are worth, what today made, and what a person must decide."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sample_rows
from sample_rows import HOUR, LEAVING, NOW, RUNNING, WALLET
from starlette.testclient import TestClient

from tradepulse.bootstrap import App
from tradepulse.domain.lifecycle import ActivationState, Stage


def _overview(client: TestClient, query: str = "") -> dict[str, Any]:
    response = client.get(f"/api/overview{query}")
    assert response.status_code == 200, response.text
    return response.json()  # type: ignore[no-any-return]


def test_a_wallet_is_its_balance_and_what_its_activations_made(client: TestClient) -> None:
    (standing,) = _overview(client)["wallets"]
    history = client.get("/api/portfolio/history?limit=1000").json()["items"]
    newest = {
        name: next(Decimal(p["equity"]) for p in history if p["activation_id"] == name)
        for name in (RUNNING, LEAVING)
    }
    assert Decimal(standing["equity"]) == 30_000 + sum(newest.values()) - 20_000
    midnight = NOW - NOW % (24 * HOUR)
    before = {
        name: next(
            Decimal(p["equity"])
            for p in history if p["activation_id"] == name and p["time"] <= midnight
        )
        for name in (RUNNING, LEAVING)
    }  # fmt: skip
    assert standing["day_start"] == midnight
    assert Decimal(standing["today"]) == sum(newest.values()) - sum(before.values())
    closed, open_ = Decimal(standing["today_closed"]), Decimal(standing["today_open"])
    assert closed + open_ == Decimal(standing["today"])


def test_risk_is_what_stops_would_lose(client: TestClient) -> None:
    (standing,) = _overview(client)["wallets"]
    expected = Decimal("0.0943") * (Decimal("105671.1") - Decimal("103771.7"))
    expected += Decimal("3.81") * (Decimal("2661.8") - Decimal("2598.41"))
    assert Decimal(standing["open_risk"]) == expected
    assert standing["unprotected"] == 0
    assert (standing["positions"], standing["active"]) == (2, 2)
    share = 100 * float(expected) / float(standing["equity"])
    assert abs(standing["open_risk_pct"] - share) < 1e-9


def test_the_curve_falls_as_the_drawdown_says(client: TestClient) -> None:
    full = client.get(f"/api/wallets/{WALLET}/equity?points=20000").json()
    assert full["points"] == len(full["items"]) == 240
    peak = 30_000.0
    for point in full["items"]:
        peak = max(peak, point["equity"])
        assert abs(point["drawdown"] - (point["equity"] / peak - 1)) < 1e-12
    (standing,) = _overview(client)["wallets"]
    assert abs(float(standing["equity"]) - full["items"][-1]["equity"]) < 1e-6
    assert abs(float(standing["peak"]) - max(p["equity"] for p in full["items"])) < 1e-6
    thin = client.get(f"/api/wallets/{WALLET}/equity?points=30").json()
    assert len(thin["items"]) <= 32
    worst = min(point["drawdown"] for point in full["items"])
    assert worst in [point["drawdown"] for point in thin["items"]]


def test_only_the_mode_that_is_asked_for(client: TestClient) -> None:
    assert _overview(client, "?mode=live")["wallets"] == []
    document = _overview(client, f"?mode=paper&wallet_id={WALLET}")
    assert [w["wallet"]["id"] for w in document["wallets"]] == [WALLET]
    assert [(t["mode"], t["quote"], t["wallets"]) for t in document["totals"]] == [
        ("paper", "USDT", 1)
    ]
    missing = client.get(f"/api/overview?wallet_id={sample_rows.name(9, 9)}")
    assert (missing.status_code, missing.json()["code"]) == (404, "wallet_not_found")


def test_a_person_is_asked_what_only_a_person_decides(client: TestClient, filled: App) -> None:
    with filled.database.transaction() as tx:
        tx.configurations.set_stage(sample_rows.CONFIGURATIONS[0], Stage.WATCH)
        tx.activations.block(RUNNING, "paused")
    found = {d["code"]: d for d in _overview(client)["decisions"]}
    assert {"stage_watch", "blocked_paused", "activation_faulted"} <= set(found)
    assert found["stage_watch"]["actions"] == ["review_evidence", "drain"]
    assert "missing_funding" in found["activation_faulted"]["message"]
    with filled.database.transaction() as tx:
        tx.activations.set_state(RUNNING, ActivationState.DRAINING)
    left = {d["code"] for d in _overview(client)["decisions"]}
    assert "stage_watch" not in left


def test_an_answer_known_already_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/api/overview")
    again = client.get("/api/overview", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
