"""The engine beside the API in one process: told over HTTP, and by other processes' wishes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
import sample_rows
from recording_engine import RecordingEngine
from sample_bars import walk
from sample_rows import CONFIGURATIONS, HOUR, START
from starlette.testclient import TestClient

from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.bootstrap import App
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import Mode
from tradepulse.engine.supervision import TradingEngineManager
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.simulation.rules import Rules
from tradepulse.storage.activating import request_activation, request_deactivation

BASE = "http://127.0.0.1:8080"
WALLET = sample_rows.name(2, 7)
CONFIGURATION = sample_rows.name(1, 77)


def until(happened: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_wishes_of_another_process_reach_the_engine(filled: App) -> None:
    engine = RecordingEngine()
    with TestClient(create_app(filled, engine), base_url=BASE):
        # Once at the start, for what was wished before anybody watched.
        until(lambda: engine.reloads == 1)
        with filled.database.transaction() as tx:
            request_deactivation(tx, CONFIGURATIONS[0], now_ms=sample_rows.NOW)
        until(lambda: engine.reloads == 2)
        with filled.database.transaction() as tx:
            tx.wallets.insert(_wallet())
            request_activation(tx, CONFIGURATIONS[3], WALLET, now_ms=sample_rows.NOW)
        until(lambda: engine.reloads == 3)
    # Each was told once, and nothing by way of the API's own calls.
    assert (engine.reloads, engine.told) == (3, [])


def _wallet() -> Wallet:
    return Wallet(WALLET, "Second", "USDT", Decimal(10000), Mode.PAPER, START)


@pytest.fixture
def trading(app: App) -> Iterator[TestClient]:
    """A home with bars and a configuration, its engine and its API, all real."""
    app.bars.append("made", "BTC/USDT", "1h", walk())
    stored = sample_rows.configurations()[0]
    configuration = replace(
        stored, id=CONFIGURATION, exchange="made", rules=Rules().as_json(), is_active=False
    )
    with app.database.transaction() as tx:
        tx.configurations.insert(configuration)
        tx.wallets.insert(_wallet())
    manager = TradingEngineManager(app.journal, app.feed(), PaperExchange)
    api = create_app(app, manager)
    with manager, TestClient(api, base_url=BASE, headers=headers_of(app.database)) as client:
        yield client


@pytest.mark.slow
def test_activation_over_http_trades_and_leaves(trading: TestClient) -> None:
    path = f"/api/training/configurations/{CONFIGURATION}"
    accepted = trading.post(
        f"{path}/activate", json={"wallet_id": WALLET, "mode": "paper", "session_start": START}
    )
    assert accepted.status_code == 202, accepted.text
    activation = f"/api/activations/{accepted.json()['activation_id']}"
    last = int(walk().open_time[-1])
    until(lambda: trading.get(activation).json()["last_bar"] == last, seconds=120)
    assert trading.get(activation).json()["state"] == "RUNNING"
    trades = trading.get("/api/trades?limit=1000").json()["items"]
    assert len(trades) > 3
    assert all(START <= trade["entry_time"] <= last + HOUR for trade in trades)
    assert trading.get("/api/portfolio/history").json()["items"]
    orders = trading.get("/api/orders").json()["items"]
    assert {order["mode"] for order in orders} == {"paper"}

    assert trading.post(f"{path}/deactivate").status_code == 202
    until(lambda: trading.get(activation).json()["state"] in ("DRAINING", "STOPPED"))
    states = [
        event["payload"]["state"]
        for event in trading.get("/api/changes/since?sequence=0&limit=1000").json()["changes"]
        if event["type"] == "activation.state"
    ]
    assert states[:3] == ["STARTING", "WARMING", "RUNNING"]
    assert "DRAINING" in states
