"""What a configuration rests on: growth, verdict, heat map, trades of its backtest, report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import sample_rows
from starlette.testclient import TestClient

from conformance.made_study import made_study
from conformance.trained_home import NOW, TrainedHome
from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.domain.job import Job, JobState
from tradepulse.domain.study import Study

UNKNOWN = sample_rows.name(9, 9)
DAY = 86_400_000


@pytest.fixture(scope="module")
def studied() -> Study:
    return made_study()[1]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, studied: Study) -> Iterator[TrainedHome]:
    """A trained configuration, and one with a whole study whose bars are not kept."""
    made = TrainedHome(tmp_path_factory.mktemp("evidence") / "home")
    configuration, _ = made_study()
    with made.app.database.transaction() as tx:
        tx.configurations.insert(configuration)
        tx.jobs.save(Job(studied.job_id, "train", JobState.DONE, {}, {}, NOW))
        tx.studies.insert(studied)
    yield made
    made.app.database.close()


@pytest.fixture(scope="module")
def client(home: TrainedHome) -> Iterator[TestClient]:
    api = create_app(home.app, now_ms=lambda: NOW)
    with TestClient(api, base_url="http://127.0.0.1:8080", headers=headers_of(home.app)) as client:
        yield client


def _get(client: TestClient, id_: str, what: str, **asked: Any) -> dict[str, Any]:
    response = client.get(f"/api/training/configurations/{id_}/{what}", params=asked)
    assert response.status_code == 200, response.text
    return response.json()  # type: ignore[no-any-return]


def test_the_backtest_is_run_again(client: TestClient, home: TrainedHome) -> None:
    document = _get(client, home.id, "equity", series="backtest", points=20_000)
    (backtest,) = document["series"]
    assert (document["same_data"], document["why_not"]) == (True, None)
    assert backtest["total_return"] == pytest.approx(home.configuration.metrics["total_return"])
    assert backtest["max_drawdown"] == pytest.approx(
        -abs(home.configuration.metrics["max_drawdown"]), abs=1e-9
    )
    assert backtest["items"][-1]["value"] - 1 == pytest.approx(backtest["total_return"])
    thin = _get(client, home.id, "equity", series="backtest", points=50)["series"][0]
    assert len(thin["items"]) <= 52
    assert min(p["drawdown"] for p in thin["items"]) == backtest["max_drawdown"]


def test_days_are_those_of_the_study(client: TestClient, studied: Study) -> None:
    document = _get(client, studied.configuration_id, "equity", points=20_000)
    assert document["same_data"] is None
    assert "no bars" in document["why_not"]
    found = {series["name"]: series for series in document["series"]}
    assert set(found) == {"in_sample", "out_of_sample", "market"}
    outside = studied.document["out_of_sample"]
    grown = float(np.prod(1 + np.array(outside["returns"])))
    assert found["out_of_sample"]["items"][-1]["value"] == pytest.approx(grown)
    assert found["out_of_sample"]["items"][0]["time"] == outside["days"][0] + DAY


def test_every_trade_of_the_backtest_is_reached(client: TestClient, home: TrainedHome) -> None:
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = _get(client, home.id, "trades", limit=100, cursor=cursor)
        seen += [trade["exit_time"] for trade in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == home.configuration.metrics["trade_count"]
    assert seen == sorted(set(seen))


def test_the_verdict_says_every_rule_and_statistic(client: TestClient, studied: Study) -> None:
    document = _get(client, studied.configuration_id, "verdict")
    assert document["headline"].startswith("Stays in DISCOVERY")
    assert document["tries"] == 420
    assert document["hold_out"] == "sealed"
    told = {rule["rule"]: rule for rule in document["rules"]}
    assert told["deflated_sharpe"]["title"] == "Deflated Sharpe"
    assert told["deflated_sharpe"]["threshold_text"].endswith("or more")
    assert {rule["verdict"] for rule in document["rules"]} <= {"met", "not", "note"}
    named = {item["name"]: item for item in document["statistics"]}
    assert named["spa"]["value"] == studied.document["statistics"]["spa"]
    assert all(item["meaning"] for item in named.values())
    assert len(document["folds"]) == 5


def test_a_heat_map_counts_every_try(client: TestClient, studied: Study) -> None:
    document = _get(client, studied.configuration_id, "heat-map")
    tries = sum(sum(row) for row in document["tries"])
    scored = [p for p in studied.document["surface"]["points"] if p[-1] is not None]
    assert tries == len(scored)
    assert len(document["medians"]) == len(document["up"]["cells"])
    assert len(document["medians"][0]) == len(document["across"]["cells"])
    across, up = document["influence"][-1], document["influence"][0]
    other = _get(client, studied.configuration_id, "heat-map", across=across, up=up)
    assert (other["across"]["name"], other["up"]["name"]) == (across, up)


def test_the_report_is_the_page_that_the_command_writes(
    client: TestClient, home: TrainedHome
) -> None:
    response = client.get(f"/api/training/configurations/{home.id}/report")
    assert response.headers["content-type"].startswith("text/html")
    assert "style-src 'unsafe-inline'" in response.headers["content-security-policy"]
    assert home.id[:8] in response.text


WRONG = [
    (f"{UNKNOWN}/equity", 404, "configuration_not_found"),
    (f"{UNKNOWN}/verdict", 404, "configuration_not_found"),
    (f"{UNKNOWN}/report", 404, "configuration_not_found"),
    (f"{UNKNOWN}/trades", 404, "configuration_not_found"),
    ("HOME/heat-map", 404, "no_heat_map"),
    ("HOME/equity?points=1", 422, "validation"),
    ("HOME/equity?series=dreams", 422, "validation"),
    ("HOME/trades?cursor=e30", 422, "bad_cursor"),
]


@pytest.mark.parametrize(("route", "status", "code"), WRONG)
def test_a_wrong_question_is_told(
    client: TestClient, home: TrainedHome, route: str, status: int, code: str
) -> None:
    path = route.replace("HOME", home.id)
    response = client.get(f"/api/training/configurations/{path}")
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
