"""The kill switch over HTTP: an engine beside obeys, the exchange says what is left, the receipt is
kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from traded_world import KEY, TradedWorld, trading_world

from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.bootstrap import App, open_home
from tradepulse.bootstrap.killing import keep_receipt
from tradepulse.bootstrap.trading import TradingFloor
from tradepulse.domain.instrument import Market
from tradepulse.domain.risk_record import KillReceipt
from tradepulse.engine.halting import KillWatch

BASE = "http://127.0.0.1:8080"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = open_home(tmp_path / "home")
    yield app
    app.database.close()


def until(happened: Callable[[], object], seconds: float = 60.0) -> None:
    give_up = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.2)


@pytest.mark.slow
def test_everything_is_closed_and_the_exchange_says_so(tmp_path: Path) -> None:
    with (
        trading_world(tmp_path, Market.PERPETUAL) as world,
        TradingFloor(world.app) as floor,
        floor.manager() as manager,
        KillWatch(floor.kill_file, lambda asked: floor.kill(manager, asked), manager.resume),
        TestClient(create_app(world.app), base_url=BASE, headers=headers_of(world.app)) as client,
    ):
        world.sandbox.clock(speed=480.0)
        until(lambda: _open(world))
        wrong = client.post("/api/kill-switch", json={"confirm": "yes", "reason": "a test"})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "validation")
        assert client.get("/api/kill-switch").json()["standing"] is False
        answer = client.post("/api/kill-switch", json={"confirm": "KILL", "reason": "a test"})
        assert answer.status_code == 200
        receipt = answer.json()
        assert receipt["confirmed_by_exchange"] is True
        assert (receipt["open_orders"], receipt["open_positions"]) == (0, 0)
        truth = world.sandbox.state()["accounts"][KEY]
        assert not [p for p in truth["positions"] if float(p.get("quantity", p.get("amount", 0)))]
        # Asked again while it stands: the same receipt.
        again = client.post("/api/kill-switch", json={"confirm": "KILL", "reason": "once more"})
        assert again.json()["id"] == receipt["id"]
        standing = client.get("/api/kill-switch").json()
        assert (standing["standing"], standing["receipt"]["id"]) == (True, receipt["id"])
        with world.app.database.reading() as tx:
            kept = tx.receipts.get(receipt["id"])
            alerts = [alert.code for alert in tx.alerts.page().items]
        assert (kept.reason, kept.requested_by) == ("a test", "admin")
        assert alerts.count("kill_switch") == 1
        (told,) = world.events("risk.kill_switch")
        assert told["confirmed_by_exchange"] is True
        reset = client.post("/api/kill-switch/reset", json={"reason": "all is well"})
        assert reset.json() == {"reset": True}
        assert [e["reason"] for e in world.events("risk.kill_switch_reset")] == ["all is well"]
        assert client.get("/api/kill-switch").json()["standing"] is False


def _open(world: TradedWorld) -> bool:
    with world.app.database.reading() as tx:
        return bool(tx.positions.open(activation_id=world.activation_id))


def test_without_an_engine_the_api_does_it_itself(app: App) -> None:
    with TestClient(create_app(app), base_url=BASE, headers=headers_of(app.database)) as client:
        answer = client.post("/api/kill-switch", json={"confirm": "KILL", "reason": "nothing runs"})
        assert answer.status_code == 200
        assert answer.json()["confirmed_by_exchange"] is True
        missing = {"confirm": "KILL", "reason": "x", "wallet_id": "nobody"}
        refused = client.post("/api/kill-switch", json=missing)
        assert (refused.status_code, refused.json()["code"]) == (404, "wallet_not_found")
        for body in ({"confirm": "KILL"}, {"confirm": "KILL", "reason": " "}, {"reason": "x"}):
            assert client.post("/api/kill-switch", json=body).status_code == 422


def test_a_receipt_outlives_a_database_that_is_away(app: App) -> None:
    app.database  # noqa: B018
    receipt = KillReceipt("r", None, 1, 2, "why", "me")
    assert keep_receipt(app, receipt)
    assert keep_receipt(app, receipt)
    with app.database.reading() as tx:
        assert tx.receipts.get("r") == receipt
        assert len(tx.events.since(types=["risk.kill_switch"])) == 1
    away = app.settings.database.model_copy(update={"url": "sqlite:////nowhere/at/all.sqlite"})
    broken = App(app.home, app.settings.model_copy(update={"database": away}))
    assert not keep_receipt(broken, KillReceipt("s", None, 1, 2, "why", "me"))
