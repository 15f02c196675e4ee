"""Trading by hand over HTTP: wishes are written, told, listed; what the ledger refuses is refused;
and a preview says what the engine would."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from recording_engine import RecordingEngine
from starlette.testclient import TestClient

from conformance import storage_records as make
from conformance.way_in import headers_of
from engine.ledger_home import MINUTE, NOW, START, configuration, walk
from tradepulse.api.app import create_app
from tradepulse.bootstrap import App, open_home
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import ActivationState, Mode, OrderState
from tradepulse.domain.user import Role
from tradepulse.engine.feed import StoredBars
from tradepulse.engine.trading import TradingEngine
from tradepulse.exchanges.paper import PaperExchange
from tradepulse.storage.activating import request_activation

BARS = walk(400, 1)


def run_until(app: App, name: str, *, holding: bool) -> str:
    """An activation that an engine ran until it held something, or until it did not."""
    with app.database.transaction() as tx:
        tx.configurations.insert(configuration(name))
        made = request_activation(
            tx, name, "wallet", now_ms=NOW, allotment=Decimal(4_000), session_start=START
        )
    for count in range(60, 120):
        engine = TradingEngine(
            app.journal, _Until(app, count), PaperExchange, clock=lambda: NOW,
            code_version="test", capital=10_000.0, batch_bars=1,
        )  # fmt: skip
        engine.join(made.id)
        while engine.advance():
            pass
        desk = engine.core.desk(made.id)
        held = desk.account.position is not None and not desk.exit_underway
        if held if holding else desk.is_idle:
            return made.id
    raise AssertionError("no such moment")


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two activations: one holds a position, the other nothing."""
    folder = tmp_path_factory.mktemp("traded") / "home"
    app = open_home(folder)
    app.bars.append("binance", "BTC/USDT", "1m", BARS)
    with app.database.transaction() as tx:
        tx.wallets.save(Wallet("wallet", "p", "USDT", Decimal(10_000), Mode.PAPER, NOW))
    run_until(app, "held", holding=True)
    run_until(app, "flat", holding=False)
    app.database.close()
    return folder


class World:
    """The home behind a client, for one test."""

    def __init__(self, app: App, engine: RecordingEngine) -> None:
        self.app, self.engine = app, engine
        with app.database.reading() as tx:
            names = {a.configuration_id: a.id for a in tx.activations.running()}
        self.held, self.flat = names["held"], names["flat"]
        api = create_app(app, engine, now_ms=lambda: NOW)
        base, headers = "http://127.0.0.1:8080", headers_of(app)
        self.client = TestClient(api, base_url=base, headers=headers)

    @property
    def position(self) -> str:
        with self.app.database.reading() as tx:
            return tx.positions.open(activation_id=self.held)[0].id

    @property
    def close(self) -> float:
        with self.app.database.reading() as tx:
            last = tx.activations.get(self.flat).last_bar
        assert last is not None
        return float(BARS.close[(last - START) // MINUTE])

    def order(self, **changes: Any) -> dict[str, Any]:
        stop = str(round(self.close * 0.99, 2))
        return {"activation_id": self.flat, "side": "buy", "risk_pct": "1", "stop": stop, **changes}

    def post(self, path: str, body: Any = None, key: str | None = None) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.client.post(f"/api/{path}", json=body, headers=headers)


class _Until(StoredBars):
    """The kept bars up to a count of them."""

    def __init__(self, app: App, count: int) -> None:
        super().__init__(app.bars)
        self._end = START + count * MINUTE

    def closed_bars(self, source: Any, after_ms: int | None, limit: int) -> Any:
        return super().closed_bars(source, after_ms, limit).between(0, self._end)


@pytest.fixture
def world(traded: Path, tmp_path: Path, engine: RecordingEngine) -> Iterator[World]:
    shutil.copytree(traded, tmp_path / "home")
    app = open_home(tmp_path / "home")
    made = World(app, engine)
    with made.client:
        yield made
    app.database.close()


# --- wishes ---------------------------------------------------------------------------------------
def test_a_close_is_written_told_and_shown(world: World) -> None:
    answer = world.post(f"positions/{world.position}/close")
    assert answer.status_code == 202
    command = answer.json()
    assert (command["state"], command["action"], command["asked_by"]) == (
        "WAITING", "close", "admin",
    )  # fmt: skip
    assert command["wish"] == {"position_id": world.position}
    assert world.engine.commands == 1
    assert world.client.get(f"/api/commands/{command['id']}").json() == command
    listed = world.client.get(f"/api/commands?activation_id={world.held}&state=WAITING").json()
    assert [row["id"] for row in listed["items"]] == [command["id"]]
    changes = world.client.get("/api/changes/since?sequence=0").json()["changes"]
    (told,) = [event for event in changes if event["type"] == "manual.asked"]
    assert (told["entity_id"], told["payload"]["by"]) == (command["id"], "admin")


def test_a_stop_is_moved_in_exact_decimals(world: World) -> None:
    answer = world.client.put(f"/api/positions/{world.position}/stop", json={"price": "99.10"})
    assert answer.status_code == 202
    assert answer.json()["wish"] == {"position_id": world.position, "stop": "99.10"}


def test_sent_twice_it_is_asked_for_once(world: World) -> None:
    first, second = (world.post("orders", world.order(), "k") for _ in range(2))
    assert (first.status_code, second.json()) == (202, first.json())
    assert len(world.client.get("/api/commands").json()["items"]) == 1
    assert world.engine.commands == 1
    other = world.post("orders", world.order(risk_pct="2"), "k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"quantity": "1"}, 422, "bad_order"),
        ({"risk_pct": None}, 422, "bad_order"),
        ({"risk_pct": "101"}, 422, "validation"),
        ({"stop": None}, 422, "validation"),
        ({"stop": "-1"}, 422, "validation"),
        ({"side": "hold"}, 422, "validation"),
        ({"leverage": 3}, 422, "validation"),
        ({"activation_id": "nobody"}, 404, "activation_not_found"),
    ],
)
@pytest.mark.parametrize("path", ["orders", "orders/preview"])
def test_an_order_that_makes_no_sense(
    world: World, path: str, changes: Any, status: int, code: str
) -> None:
    answer = world.post(path, world.order(**changes))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert world.client.get("/api/commands").json()["items"] == []


def test_what_is_not_there_or_over_is_refused(world: World) -> None:
    for method, path, code in (
        ("post", "positions/nobody/close", "position_not_found"),
        ("put", "positions/nobody/stop", "position_not_found"),
        ("post", "orders/nobody/cancel", "order_not_found"),
        ("get", "commands/nobody", "command_not_found"),
    ):
        body = {"json": {"price": "1"}} if method == "put" else {}
        answer = getattr(world.client, method)(f"/api/{path}", **body)
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    world.app.journal.set_state(world.held, ActivationState.STOPPED, NOW)
    answer = world.post(f"positions/{world.position}/close")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_active")


def test_only_an_entry_under_way_is_cancelled(world: World) -> None:
    about = {"activation_id": world.flat, "configuration_id": "flat", "wallet_id": "wallet"}
    states = {"e": ("entry", OrderState.OPEN), "s": ("stop", OrderState.OPEN),
              "t": ("target", OrderState.OPEN), "x": ("exit", OrderState.SENT),
              "o": ("entry", OrderState.FILLED)}  # fmt: skip
    with world.app.database.transaction() as tx:
        tx.orders.save_many(
            make.order(name, role=role, state=state, **about)
            for name, (role, state) in states.items()
        )
    found = {name: world.post(f"orders/{name}/cancel") for name in states}
    assert found.pop("e").json()["wish"] == {"order_id": "e"}
    assert {name: (a.status_code, a.json()["code"]) for name, a in found.items()} == {
        "s": (409, "protects_position"), "t": (409, "protects_position"),
        "x": (409, "protects_position"), "o": (409, "order_over"),
    }  # fmt: skip
    assert "hint" in found["s"].json()


# --- preview --------------------------------------------------------------------------------------
def test_a_preview_says_what_every_limit_says_and_sends_nothing(world: World) -> None:
    before = world.client.get("/api/changes/since?sequence=0").json()["sequence"]
    answer = world.post("orders/preview", world.order()).json()
    assert answer["ok"] is True
    codes = [row["code"] for row in answer["limits"]]
    assert {"activation_state", "max_open_trades", "exposure", "daily_loss"} <= set(codes)
    assert all(row["ok"] and row["told"] for row in answer["limits"])
    assert float(answer["price"]) == world.close
    assert float(answer["risk"]) == pytest.approx(0.01 * float(answer["equity"]), rel=0.01)
    assert answer["risk_pct"] == pytest.approx(1.0, rel=0.01)
    assert answer["liquidation"] is None
    assert world.client.get("/api/changes/since?sequence=0").json()["sequence"] == before


def test_the_engine_does_what_the_preview_said(world: World) -> None:
    said = world.post("orders/preview", world.order()).json()
    command = world.post("orders", world.order()).json()
    engine = TradingEngine(
        world.app.journal, StoredBars(world.app.bars), PaperExchange, clock=lambda: NOW,
        code_version="test", capital=10_000.0,
    )  # fmt: skip
    engine.join(world.flat)
    engine.obey(world.flat)
    answer = world.client.get(f"/api/commands/{command['id']}").json()
    assert answer["state"] == "DONE"
    assert answer["answer"]["quantity"] == said["quantity"]
    order = world.client.get(f"/api/orders/{answer['answer']['order_id']}").json()
    assert (order["reason"], order["quantity"]) == ("manual", said["quantity"])
    why = world.client.get(f"/api/orders/{order['id']}/explain").json()
    assert (why["signal"]["recorded"]["action"], why["verdict"]) == (
        "manual_enter", "not_recorded",
    )  # fmt: skip
    assert [c["asked_by"] for c in why["by_hand"]] == ["admin"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"stop": "200"}, "stop_wrong_side"),
        ({"target": "50"}, "target_wrong_side"),
        ({"side": "sell", "stop": "200"}, "shorts_not_allowed"),
        ({"stop": "90.005"}, "off_tick"),
    ],
)
def test_a_preview_refuses_what_the_engine_would(world: World, changes: Any, code: str) -> None:
    answer = world.post("orders/preview", world.order(**changes)).json()
    assert (answer["ok"], answer["code"]) == (False, code)
    assert answer["expected"]
    assert answer["found"]
    held = world.post("orders/preview", world.order(activation_id=world.held)).json()
    assert (held["ok"], held["code"]) == (False, "in_position")


def test_a_paused_activation_and_a_low_limit_show_in_the_preview(world: World) -> None:
    changed = world.client.put(
        "/api/risk/limits",
        json={"changes": {"apply_to_paper": True, "max_exposure": 0.3}, "reason": "careful"},
        headers={"If-Match": "*"},
    )
    assert changed.status_code == 200, changed.json()
    world.post(f"activations/{world.flat}/pause")
    world.app.current._next = 0.0
    answer = world.post("orders/preview", world.order()).json()
    wrong = {row["code"]: row["reason"] for row in answer["limits"] if not row["ok"]}
    assert wrong == {"activation_state": "paused", "exposure": "exposure"}
    assert (answer["ok"], answer["code"]) == (False, "paused")


# --- who may --------------------------------------------------------------------------------------
def test_a_viewer_looks_and_a_stranger_finds_nothing(world: World) -> None:
    command = world.post(f"positions/{world.position}/close").json()
    paths = [f"positions/{world.position}/close", "orders", "orders/preview"]
    viewer = headers_of(world.app, "eve", Role.VIEWER)
    for path in paths:
        body = None if path.endswith("close") else world.order()
        refused = world.client.post(f"/api/{path}", json=body, headers=viewer)
        assert (refused.status_code, refused.json()["code"]) == (403, "role_needed")
        stranger = headers_of(world.app, "bob", Role.OPERATOR)
        missing = world.client.post(f"/api/{path}", json=body, headers=stranger)
        assert missing.status_code == 404, path
    assert world.client.get("/api/commands", headers=viewer).json()["items"] == []
    hidden = world.client.get(f"/api/commands/{command['id']}", headers=viewer)
    assert hidden.status_code == 404
