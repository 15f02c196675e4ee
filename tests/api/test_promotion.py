"""A stage asked for over HTTP: given for evidence, refused with every reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from recording_engine import RecordingEngine
from starlette.testclient import TestClient

from conformance.trained_home import NOW, TrainedHome
from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.domain.lifecycle import Stage


@pytest.fixture
def home(tmp_path: Path) -> Iterator[TrainedHome]:
    made = TrainedHome(tmp_path / "home")
    yield made
    made.app.database.close()


@pytest.fixture
def client(home: TrainedHome) -> Iterator[TestClient]:
    api = create_app(home.app, RecordingEngine(), now_ms=lambda: NOW)
    with TestClient(
        api, base_url="http://127.0.0.1:8080", headers=headers_of(home.app.database)
    ) as client:
        yield client


def path(configuration_id: str) -> str:
    return f"/api/training/configurations/{configuration_id}/promote"


def test_an_earned_stage_is_given_once(client: TestClient, home: TrainedHome) -> None:
    found = home.train(Stage.DISCOVERY)
    looked = client.post(path(found.id), json={"to": "VALIDATION", "dry_run": True})
    assert (looked.status_code, looked.json()["promoted"]) == (200, False)
    given = client.post(path(found.id), json={"to": "VALIDATION"}).json()
    assert (given["stage_from"], given["stage_to"]) == ("DISCOVERY", "VALIDATION")
    assert (given["earned"], given["promoted"]) == (True, True)
    assert given["evidence"][0]["note"] == "about superiority"
    shown = client.get(f"/api/training/configurations/{found.id}").json()
    assert shown["lifecycle_stage"] == "VALIDATION"
    again = client.post(path(found.id), json={"to": "VALIDATION"})
    assert (again.status_code, again.json()["code"]) == (409, "promotion_refused")


def test_a_refusal_names_every_rule(client: TestClient, home: TrainedHome) -> None:
    found = home.train(Stage.DISCOVERY, broken="walk_forward")
    refused = client.post(path(found.id), json={"to": "VALIDATION"})
    assert (refused.status_code, refused.json()["code"]) == (409, "promotion_refused")
    assert refused.json()["found"] == "walk_forward: 0.7 (about walk_forward)"
    looked = client.post(path(found.id), json={"to": "VALIDATION", "dry_run": True}).json()
    assert (looked["earned"], looked["promoted"]) == (False, False)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [({}, 422, "validation"), ({"to": "RETIRED"}, 422, "validation"),
     ({"to": "MATURE", "force": True}, 422, "validation")],
)  # fmt: skip
def test_wrong_requests(
    client: TestClient, home: TrainedHome, body: dict[str, object], status: int, code: str
) -> None:
    answer = client.post(path(home.id), json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_stage_that_is_none_is_answered_with_those_that_are(
    client: TestClient, home: TrainedHome
) -> None:
    answer = client.post(path(home.id), json={"to": "FOO"}).json()
    assert answer["expected"] == "Input should be 'VALIDATION' or 'MATURE'"
    assert (answer["detail"], answer["found"]) == ("to is wrong", "'FOO'")


def test_unknown_configuration(client: TestClient) -> None:
    answer = client.post(path("nothing-like-it"), json={"to": "VALIDATION"})
    assert (answer.status_code, answer.json()["code"]) == (404, "configuration_not_found")
