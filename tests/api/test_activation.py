"""Setting configurations to work over HTTP: accepted once, refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest
import sample_rows
from recording_engine import RecordingEngine
from sample_rows import CONFIGURATIONS, WALLET
from starlette.testclient import TestClient

IDLE = CONFIGURATIONS[3]
UNKNOWN = sample_rows.name(9, 9)


def activate(
    client: TestClient, configuration_id: str = IDLE, key: str | None = None, **body: Any
) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(
        f"/api/training/configurations/{configuration_id}/activate",
        json={"wallet_id": WALLET, "mode": "paper", **body}, headers=headers,
    )  # fmt: skip


def deactivate(client: TestClient, configuration_id: str, key: str | None = None) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    path = f"/api/training/configurations/{configuration_id}/deactivate"
    return client.post(path, json={"flatten": False}, headers=headers)


def events(client: TestClient, kind: str) -> list[dict[str, Any]]:
    changes = client.get("/api/changes/since?sequence=24").json()["changes"]
    return [event for event in changes if event["type"] == kind]


def test_activation_is_accepted_written_and_told(
    client: TestClient, engine: RecordingEngine
) -> None:
    response = activate(client)
    assert response.status_code == 202
    accepted = response.json()
    assert accepted["state"] == "STARTING"
    shown = client.get(f"/api/activations/{accepted['activation_id']}").json()
    assert (shown["configuration_id"], shown["wallet_id"]) == (IDLE, WALLET)
    assert shown["allotment"] == "10000"
    assert client.get(f"/api/training/configurations/{IDLE}").json()["is_active"] is True
    (event,) = events(client, "activation.state")
    assert event["entity_id"] == accepted["activation_id"]
    assert event["payload"]["state"] == "STARTING"
    assert engine.told == [("activated", IDLE)]


def test_default_allotment_is_what_is_left(client: TestClient) -> None:
    activate(client, allotment="9999.5")
    left = activate(client, CONFIGURATIONS[4]).json()["activation_id"]
    assert client.get(f"/api/activations/{left}").json()["allotment"] == "0.5"
    assert activate(client, CONFIGURATIONS[5]).json()["code"] == "allotment_exceeds_wallet"


@pytest.mark.parametrize(
    ("configuration", "body", "status", "code"),
    [
        (sample_rows.name(9, 9), {}, 404, "configuration_not_found"),
        (IDLE, {"wallet_id": sample_rows.name(9, 9)}, 404, "wallet_not_found"),
        (IDLE, {"mode": "live"}, 409, "wrong_wallet"),
        (IDLE, {"mode": "dream"}, 422, "validation"),
        (IDLE, {"allotment": "10000.01"}, 409, "allotment_exceeds_wallet"),
        (IDLE, {"allotment": "0"}, 422, "validation"),
        (IDLE, {"leverage": 100}, 422, "validation"),
        (CONFIGURATIONS[0], {}, 409, "already_active"),
    ],
)
def test_activation_is_refused(
    client: TestClient,
    engine: RecordingEngine,
    configuration: str,
    body: dict[str, Any],
    status: int,
    code: str,
) -> None:
    response = activate(client, configuration, **body)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert len(client.get("/api/activations").json()["items"]) == 3
    assert engine.told == []


def test_deactivation_drains_and_is_told(client: TestClient, engine: RecordingEngine) -> None:
    response = deactivate(client, CONFIGURATIONS[0])
    assert response.status_code == 202
    assert response.json()["activations"] == [
        {"activation_id": sample_rows.RUNNING, "state": "DRAINING"}
    ]
    (event,) = events(client, "activation.state")
    assert event["payload"]["flatten"] is False
    assert engine.told == [("deactivated", CONFIGURATIONS[0])]
    # It still holds a position, so it is still active.
    shown = client.get(f"/api/training/configurations/{CONFIGURATIONS[0]}").json()
    assert shown["is_active"] is True


def test_deactivation_without_a_body_drains(client: TestClient) -> None:
    path = f"/api/training/configurations/{CONFIGURATIONS[0]}/deactivate"
    assert client.post(path).status_code == 202


@pytest.mark.parametrize(
    ("configuration", "status", "code"),
    [
        (IDLE, 409, "not_active"),
        (CONFIGURATIONS[2], 409, "not_active"),
        (sample_rows.name(9, 9), 404, "configuration_not_found"),
    ],
)
def test_deactivation_is_refused(
    client: TestClient, configuration: str, status: int, code: str
) -> None:
    response = deactivate(client, configuration)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_same_key_gives_the_same_answer_and_acts_once(
    client: TestClient, engine: RecordingEngine
) -> None:
    first = activate(client, key="once")
    again = activate(client, key="once")
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert len(client.get("/api/activations").json()["items"]) == 4
    assert engine.told == [("activated", IDLE)]
    assert len(events(client, "command.accepted")) == 1


def test_same_key_for_another_command_is_refused(client: TestClient) -> None:
    activate(client, key="k")
    for response in (
        activate(client, CONFIGURATIONS[4], key="k"),
        activate(client, key="k", allotment="1"),
        deactivate(client, IDLE, key="k"),
    ):
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")


def test_a_repeated_deactivation_leaves_a_later_activation_alone(client: TestClient) -> None:
    activate(client, key="start")
    left = deactivate(client, IDLE, key="stop")
    assert deactivate(client, IDLE, key="stop").json() == left.json()
    assert len(events(client, "activation.state")) == 2


def test_a_refused_command_does_not_use_up_its_key(client: TestClient) -> None:
    assert activate(client, key="k", allotment="10000.01").status_code == 409
    assert activate(client, key="k", allotment="9000").status_code == 202


@pytest.mark.parametrize(("verb", "flatten"), [("drain", False), ("flatten", True)])
def test_one_activation_can_be_told_to_leave(
    client: TestClient, engine: RecordingEngine, verb: str, flatten: bool
) -> None:
    path = f"/api/activations/{sample_rows.RUNNING}/{verb}"
    for _ in range(2):
        response = client.post(path, headers={"Idempotency-Key": "k"})
        assert response.status_code == 202
        assert response.json() == {"activation_id": sample_rows.RUNNING, "state": "DRAINING"}
    (event,) = events(client, "activation.state")
    assert event["payload"]["flatten"] is flatten
    assert engine.told == [("deactivated", CONFIGURATIONS[0])]


@pytest.mark.parametrize(
    ("activation", "status", "code"),
    [(sample_rows.FAULTED, 409, "not_active"), (UNKNOWN, 404, "activation_not_found")],
)
def test_leaving_is_refused(client: TestClient, activation: str, status: int, code: str) -> None:
    response = client.post(f"/api/activations/{activation}/flatten")
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_a_replay_starts_where_it_is_told(client: TestClient) -> None:
    made = activate(client, session_start=sample_rows.START).json()["activation_id"]
    shown = client.get(f"/api/activations/{made}").json()
    assert (shown["session_start"], shown["feed"]) == (sample_rows.START, "replay")
