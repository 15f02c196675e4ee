"""Graphs of strategies and configurations, and what their nodes said."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import sample_rows
from sample_bars import BARS, walk
from sample_rows import CONFIGURATIONS, HOUR, RUNNING, START
from starlette.testclient import TestClient

from tradepulse.bootstrap import App
from tradepulse.signals.program import Program
from tradepulse.strategies.ema_cross import EmaCross

GRAPH = f"/api/training/configurations/{CONFIGURATIONS[0]}/graph"


@pytest.fixture
def fed(filled: App, client: TestClient) -> TestClient:
    filled.bars.append("binance", "BTC/USDT", "1h", walk())
    return client


def _values(client: TestClient, **asked: Any) -> dict[str, Any]:
    response = client.get(f"{GRAPH}/values", params=asked)
    assert response.status_code == 200, response.text
    return response.json()  # type: ignore[no-any-return]


def test_nodes_say_what_the_program_said(fed: TestClient) -> None:
    bars = walk()
    document = _values(fed, start=START, end=START + 2000 * HOUR)
    block = Program(EmaCross().graph, HOUR).advance(bars)
    by_output = {name: node for node in document["nodes"] for name in node["outputs"]}
    for name in ("enter_long", "exit_long", "enter_short", "exit_short"):
        said = getattr(block, name).astype(bool).tolist()
        assert by_output[name]["values"] == said, name
    assert document["open_time"] == bars.open_time.tolist()
    ema = next(node for node in document["nodes"] if node["expression"] == "close.ema(12)")
    assert ema["pane"] == "price"
    assert ema["values"][:11] == [None] * 11
    assert ema["values"][11] == pytest.approx(float(np.mean(bars.close[:12])), rel=1e-12)


def test_a_window_changes_no_value(fed: TestClient) -> None:
    whole = _values(fed, start=START, end=START + 2000 * HOUR, nodes=[0, 1, 2])
    start = START + 300 * HOUR
    part = _values(fed, start=start, end=start + 50 * HOUR, nodes=[1, 2])
    assert len(part["open_time"]) == 50
    at = whole["open_time"].index(start)
    for node in part["nodes"]:
        assert node["values"] == whole["nodes"][node["id"]]["values"][at : at + 50]
    newest = _values(fed, nodes=[0])
    assert newest["open_time"] == whole["open_time"][-500:]
    assert len(whole["open_time"]) == BARS


def test_an_activation_saw_them_from_its_first_bar(fed: TestClient) -> None:
    document = _values(fed, activation_id=RUNNING, nodes=[0])
    assert document["began"] == START


def test_a_configuration_shows_its_nodes(client: TestClient) -> None:
    picture = client.get(GRAPH).json()["picture"]
    assert picture["outputs"].keys() == {"enter_long", "exit_long", "enter_short", "exit_short"}
    assert picture["warmup_bars"] == 192
    assert all(i < node["id"] for node in picture["nodes"] for i in node["inputs"])


def test_a_strategy_shows_the_graph_of_the_values_asked_for(client: TestClient) -> None:
    plain = client.get("/api/strategies/ema_cross").json()
    other = client.get(
        "/api/strategies/ema_cross", params={"parameters": json.dumps({"fast": 5})}
    ).json()
    assert plain["values"] == plain["defaults"] == other["defaults"]
    assert other["values"] == {"fast": 5, "slow": 48}
    assert other["graph"]["hash"] == other["graph_hash"] != plain["graph_hash"]
    assert "close.ema(5)" in [node["expression"] for node in other["graph"]["nodes"]]
    assert plain["parameters"]["properties"]["fast"]["type"] == "integer"


@pytest.mark.parametrize("name", ["htf_sweep", "funding_carry", "bollinger_reversion"])
def test_every_expression_is_short(client: TestClient, name: str) -> None:
    graph = client.get(f"/api/strategies/{name}").json()["graph"]
    assert all(0 < len(node["expression"]) <= 120 for node in graph["nodes"])
    assert (graph["columns"] == []) == (name != "funding_carry")


WRONG = [
    (f"{GRAPH}/values?nodes=99", 422, "unknown_node"),
    (f"{GRAPH}/values?start=0&end={START + 400 * HOUR}", 422, "too_many_values"),
    (f"{GRAPH}/values?activation_id={sample_rows.name(9, 9)}", 404, "activation_not_found"),
    ("/api/strategies/ema_cross?parameters=[1]", 422, "bad_json"),
    ("/api/strategies/ema_cross?parameters={", 422, "bad_json"),
    ('/api/strategies/ema_cross?parameters={"fats":5}', 422, "unknown_parameter"),
    ('/api/strategies/ema_cross?parameters={"fast":-5}', 422, "bad_parameter"),
    ("/api/strategies/ema_cross?interval=7x", 422, "unknown_interval"),
]


@pytest.mark.parametrize(("route", "status", "code"), WRONG)
def test_a_wrong_question_is_told(fed: TestClient, route: str, status: int, code: str) -> None:
    response = fed.get(route)
    assert (response.status_code, response.json()["code"]) == (status, code), response.text


def test_without_bars_the_values_say_so(client: TestClient) -> None:
    response = client.get(f"{GRAPH}/values")
    assert (response.status_code, response.json()["code"]) == (404, "symbol_not_found")
