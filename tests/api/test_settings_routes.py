"""Settings versions and limits over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import sample_rows
from starlette.testclient import TestClient

from conformance.way_in import headers_of
from tradepulse.bootstrap import App
from tradepulse.domain.user import Role

REASON = "volatile weeks ahead"


def put(client: TestClient, path: str, tag: str | None = "*", **body: Any) -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    return client.put(f"/api/{path}", json={"reason": REASON, **body}, headers=headers)


def limits(client: TestClient, **asked: str) -> dict[str, Any]:
    found = client.get("/api/risk/limits", params=asked).json()["items"]
    return {row["name"]: row for row in found}


def test_limits_show_value_use_and_source(client: TestClient) -> None:
    answer = client.get("/api/risk/limits")
    # Packed on the way it is a weak one.
    tag = answer.headers["etag"].removeprefix("W/")
    assert (answer.status_code, tag) == (200, '"settings-0"')
    rows = limits(client, wallet_id=sample_rows.WALLET)
    trades = rows["max_open_trades"]
    assert {name: trades[name] for name in ("value", "used", "warn_at", "refuse_at")} == {
        "value": 10, "used": 2, "warn_at": 8, "refuse_at": 10,
    }  # fmt: skip
    assert (trades["unit"], trades["source"], trades["applies"]) == ("count", "default", False)
    assert rows["max_exposure"]["used"] == pytest.approx(
        (0.0943 * 105671.1 + 3.81 * 2598.41) / 30_000
    )
    assert rows["stage_cap_pct.MATURE"]["value"] == 10
    assert rows["disaster_stop_pct"]["used"] is None
    refused = client.get("/api/risk/limits?wallet_id=nobody")
    assert (refused.status_code, refused.json()["code"]) == (404, "wallet_not_found")


def test_a_changed_limit_is_a_version_and_is_in_force(client: TestClient) -> None:
    tag = client.get("/api/risk/limits").headers["etag"]
    made = put(client, "risk/limits", tag, changes={"max_open_trades": 3, "min_equity": 100})
    assert (made.status_code, made.headers["etag"]) == (200, '"settings-1"')
    assert (made.json()["version"], made.json()["changed_by"], made.json()["reason"]) == (
        1, "admin", REASON,
    )  # fmt: skip
    row = limits(client)["max_open_trades"]
    assert (row["value"], row["source"]) == (3, "version")
    assert limits(client)["min_equity"]["warn_at"] == 125
    late = put(client, "risk/limits", tag, changes={"max_open_trades": 9})
    assert (late.status_code, late.json()["code"]) == (412, "settings_changed")
    assert limits(client)["max_open_trades"]["value"] == 3
    again = put(client, "risk/limits", made.headers["etag"], unset=["max_open_trades"])
    assert again.json()["version"] == 2
    assert limits(client)["max_open_trades"]["source"] == "default"


def test_settings_say_where_they_are_from_and_keep_secrets(client: TestClient) -> None:
    put(client, "settings", changes={"paper.cash": "5000"})
    answer = client.get("/api/settings")
    rows = {row["name"]: row for row in answer.json()["items"]}
    assert answer.json()["version"] == 1
    assert rows["paper.cash"] == {
        "name": "paper.cash", "value": "5000", "default": "10000", "source": "version",
        "versioned": True,
    }  # fmt: skip
    assert (rows["api.port"]["versioned"], rows["api.port"]["source"]) == (False, "default")
    assert client.post("/api/wallets", json={"name": "new"}).json()["balance"] == "5000"


def test_versions_diff_and_rollback(client: TestClient) -> None:
    for most in (4, 5):
        put(client, "risk/limits", changes={"max_open_trades": most})
    versions = client.get("/api/settings/versions").json()
    assert [row["version"] for row in versions["items"]] == [2, 1]
    assert versions["first_broken"] is None
    assert versions["items"][0]["previous_hash"] == versions["items"][1]["hash"]
    found = client.get("/api/settings/diff?from=0&to=2").json()["items"]
    assert found == [{"name": "risk.max_open_trades", "before": 10, "after": 5}]
    back = client.post(
        "/api/settings/rollback", json={"version": 1, "reason": "it was better"},
        headers={"If-Match": '"settings-2"'},
    )  # fmt: skip
    assert (back.status_code, back.json()["version"]) == (200, 3)
    assert client.get("/api/settings/versions/3").json()["settings"] == {
        "risk": {"max_open_trades": 4}
    }
    assert limits(client)["max_open_trades"]["value"] == 4
    missing = client.get("/api/settings/versions/9")
    assert (missing.status_code, missing.json()["code"]) == (404, "version_not_found")


@pytest.mark.parametrize(
    ("path", "tag", "body", "status", "code"),
    [
        ("risk/limits", None, {"changes": {"max_open_trades": 3}}, 428, "if_match_missing"),
        ("risk/limits", "x", {"changes": {"max_open_trades": 3}}, 422, "bad_if_match"),
        ("risk/limits", "*", {"changes": {"max_open_trades": 0}}, 422, "bad_setting"),
        ("risk/limits", "*", {"changes": {"max_open_trade": 1}}, 422, "unknown_setting"),
        ("risk/limits", "*", {"changes": {}}, 422, "nothing_changed"),
        ("risk/limits", "*", {"changes": {"max_leverage": 1}, "reason": " "}, 422, "validation"),
        ("settings", "*", {"changes": {"database.url": "x"}}, 409, "not_versioned"),
        ("settings", "*", {"change": {}}, 422, "validation"),
    ],
)
def test_what_is_refused(
    client: TestClient, path: str, tag: str | None, body: Any, status: int, code: str
) -> None:
    answer = put(client, path, tag, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert client.get("/api/settings").json()["version"] == 0


def test_sent_twice_it_is_changed_once(client: TestClient) -> None:
    headers = {"If-Match": '"settings-0"', "Idempotency-Key": "k"}
    body = {"changes": {"max_open_trades": 3}, "reason": REASON}
    first, second = (
        client.put("/api/risk/limits", json=body, headers=headers) for _ in range(2)
    )  # fmt: skip
    assert (first.status_code, second.json()) == (200, first.json())
    assert len(client.get("/api/settings/versions").json()["items"]) == 1


def test_limits_are_an_operators_and_settings_an_admins(client: TestClient, app: App) -> None:
    bodies = {
        "risk/limits": {"changes": {"max_open_trades": 3}},
        "settings": {"changes": {"paper.cash": "5"}},
    }
    for role, allowed in ((Role.VIEWER, set()), (Role.OPERATOR, {"risk/limits"})):
        headers = {**headers_of(app, str(role), role), "If-Match": "*"}
        done = {
            path for path, body in bodies.items()
            if client.put(
                f"/api/{path}", json={"reason": REASON, **body}, headers=headers
            ).status_code == 200
        }  # fmt: skip
        assert done == allowed
        assert client.get("/api/settings", headers=headers).status_code == 200
