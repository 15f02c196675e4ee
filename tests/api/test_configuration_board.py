"""The board: figures of many configurations at once, and one that is taken off it by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from recording_engine import RecordingEngine
from sample_rows import CONFIGURATIONS, RUNNING, WALLET, name
from starlette.testclient import TestClient

from conformance.made_study import made_study
from conformance.trained_home import NOW, TrainedHome
from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.domain.job import Job, JobState
from tradepulse.domain.lifecycle import Feed
from tradepulse.domain.study import Study

IDLE, ACTIVE, RETIRED = CONFIGURATIONS[3], CONFIGURATIONS[0], CONFIGURATIONS[5]


@pytest.fixture(scope="module")
def studied() -> Study:
    return made_study()[1]


@pytest.fixture(scope="module")
def board(
    tmp_path_factory: pytest.TempPathFactory, studied: Study
) -> Iterator[list[dict[str, Any]]]:
    """The board of a home with a whole study and a configuration without one."""
    made = TrainedHome(tmp_path_factory.mktemp("board") / "home")
    configuration, _ = made_study()
    with made.app.database.transaction() as tx:
        tx.configurations.insert(configuration)
        tx.jobs.save(Job(studied.job_id, "train", JobState.DONE, {}, {}, NOW))
        tx.studies.insert(studied)
    api = create_app(made.app, now_ms=lambda: NOW)
    with TestClient(api, base_url="http://127.0.0.1:8080", headers=headers_of(made.app)) as client:
        answer = client.get("/api/training/configurations/stats/figures", params={"points": 30})
        assert answer.status_code == 200, answer.text
        yield answer.json()["items"]
    made.app.database.close()


def test_figures_are_those_of_the_study(board: list[dict[str, Any]], studied: Study) -> None:
    found = next(i for i in board if i["configuration_id"] == studied.configuration_id)
    told, outside = studied.document["statistics"], studied.document["out_of_sample"]
    assert found["studied"] is True
    for shown, kept in [
        ("sharpe", "sharpe_annual"), ("expected_live_sharpe", "expected_live_sharpe"),
        ("deflated_sharpe", "dsr"), ("overfitting", "pbo"), ("drawdown_95", "drawdown_95"),
    ]:  # fmt: skip
        assert found[shown] == told[kept], shown
    grown = float(np.prod(1 + np.array(outside["returns"])))
    assert found["out_of_sample_return"] == pytest.approx(grown - 1)
    assert found["curve"][-1] == pytest.approx(grown)
    assert 10 <= len(found["curve"]) <= 34


def test_a_page_of_figures_is_that_of_the_list(client: TestClient) -> None:
    for query in ["", "?limit=2", "?sort=strategy_name&limit=4"]:
        rows = client.get(f"/api/training/configurations{query}").json()
        figures = client.get(f"/api/training/configurations/stats/figures{query}").json()
        ids = [item["configuration_id"] for item in figures["items"]]
        assert ids == [row["id"] for row in rows["items"]]
        assert figures["next_cursor"] == rows["next_cursor"]


def test_nothing_is_told_of_what_was_not_studied(client: TestClient) -> None:
    for item in client.get("/api/training/configurations/stats/figures").json()["items"]:
        del item["configuration_id"]
        assert (item.pop("studied"), item.pop("curve")) == (False, [])
        assert set(item.values()) == {None}


def retire(
    client: TestClient, id_: str, reason: str = "replaced by a better one", **head: str
) -> Any:
    path = f"/api/training/configurations/{id_}/retire"
    return client.post(path, json={"reason": reason}, headers=head)


def test_it_is_retired_for_good_with_the_reason(client: TestClient) -> None:
    done = retire(client, IDLE, **{"Idempotency-Key": "one"})
    assert (done.status_code, done.json()["lifecycle_stage"]) == (200, "RETIRED")
    assert retire(client, IDLE, **{"Idempotency-Key": "one"}).json() == done.json()
    (kept,) = [e for e in done.json()["evidence"] if e["rule"] == "retired_by_hand"]
    assert "replaced by a better one" in kept["note"]
    assert (kept["passed"], kept["required"]) == (False, False)
    changes = client.get("/api/changes/since?sequence=0&limit=1000").json()["changes"]
    (event,) = [e for e in changes if e["type"] == "configuration.stage" and e["entity_id"] == IDLE]
    assert (event["payload"]["from"], event["payload"]["to"]) == ("MATURE", "RETIRED")
    verdict = client.get(f"/api/training/configurations/{IDLE}/verdict").json()
    assert "replaced by a better one" in verdict["sentence"]
    again = retire(client, IDLE)
    assert (again.status_code, again.json()["code"]) == (409, "already_retired")


@pytest.mark.parametrize(
    ("id_", "reason", "status", "code"),
    [
        (ACTIVE, "x", 409, "still_active"), (RETIRED, "x", 409, "already_retired"),
        (IDLE, "", 422, "validation"), (name(9, 9), "x", 404, "configuration_not_found"),
    ],
)  # fmt: skip
def test_it_is_refused(client: TestClient, id_: str, reason: str, status: int, code: str) -> None:
    refused = retire(client, id_, reason)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_paper_may_follow_the_prices_of_the_exchange(
    client: TestClient, engine: RecordingEngine
) -> None:
    path = f"/api/training/configurations/{IDLE}/activate"
    made = client.post(path, json={"wallet_id": WALLET, "mode": "paper", "feed": "live"}).json()
    shown = client.get(f"/api/activations/{made['activation_id']}").json()
    assert (shown["feed"], shown["mode"]) == (Feed.LIVE, "paper")
    assert engine.told == [("activated", IDLE)]
    assert client.get(f"/api/activations/{RUNNING}").json()["feed"] is not None
