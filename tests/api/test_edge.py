"""The edge of the API: who is let in, what failures look like, what may be kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import sample_rows
from sample_rows import CONFIGURATIONS
from starlette.testclient import TestClient

from tradepulse.api.app import create_app
from tradepulse.api.asking import read_time
from tradepulse.api.origin import check_listen_address, is_loopback
from tradepulse.api.routes.health import late_s
from tradepulse.bootstrap import App, open_home
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.settings import ApiSettings, Settings

CONFIGURATION = f"/api/training/configurations/{CONFIGURATIONS[0]}"
LOCAL = "http://127.0.0.1:8080"


@pytest.mark.parametrize(
    ("host", "let_in"),
    [
        ("127.0.0.1:8080", True), ("localhost", True), ("LOCALHOST:1", True), ("[::1]:8080", True),
        ("127.9.9.9", True), ("evil.example", False), ("evil.example:8080", False),
        ("localhost.evil.example", False), ("10.0.0.5:8080", False), ("", False), ("[", False),
    ],
)  # fmt: skip
def test_only_this_machines_names_are_answered(reader: TestClient, host: str, let_in: bool) -> None:
    response = reader.get("/api/health/live", headers={"host": host})
    assert response.status_code == (200 if let_in else 421)
    if not let_in:
        assert response.json()["code"] == "unknown_host"


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (None, True), (LOCAL, True), ("http://evil.example", False), ("null", False),
        ("http://127.0.0.1:9999", False),
    ],
)  # fmt: skip
def test_other_sites_cannot_command(client: TestClient, origin: str | None, let_in: bool) -> None:
    headers = {} if origin is None else {"origin": origin}
    response = client.post(f"{CONFIGURATION}/deactivate", headers=headers)
    assert response.status_code == (202 if let_in else 403)
    assert "access-control-allow-origin" not in response.headers
    if not let_in:
        assert response.json()["code"] == "cross_origin"


def test_a_body_that_is_not_json_is_refused(reader: TestClient) -> None:
    for content, kind in [(b"{", "application/json"), (b'{"name": "x"}', "text/plain")]:
        response = reader.post("/api/wallets", content=content, headers={"content-type": kind})
        assert (response.status_code, response.json()["code"]) == (422, "validation")


def test_a_remote_api_answers_to_addresses_and_its_own_name(app: App) -> None:
    settings = Settings(api=ApiSettings(host="desk.lan", allow_remote=True))
    api = create_app(App(app.home, settings))
    client = TestClient(api, base_url="http://desk.lan")
    assert client.get("/api/health/live").status_code == 200
    for host, status in [("10.0.0.5", 200), ("localhost", 200), ("other.lan", 421)]:
        assert client.get("/api/health/live", headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True), ("::1", True), ("[::1]", True), ("localhost", True),
        ("0.0.0.0", False), ("::", False), ("192.168.1.2", False), ("example.org", False),
    ],
)  # fmt: skip
def test_listening_beyond_this_machine_needs_a_setting(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
    check_listen_address(host, allow_remote=True)
    if loopback:
        check_listen_address(host, allow_remote=False)
    else:
        with pytest.raises(RefusedError) as refusal:
            check_listen_address(host, allow_remote=False)
        assert refusal.value.code == "not_loopback"


def test_request_ids_are_taken_over_if_harmless(reader: TestClient) -> None:
    assert reader.get("/", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    made = reader.get("/", headers={"x-request-id": "a b<script>"}).headers["x-request-id"]
    assert len(made) == 32


def test_wrong_method_is_a_problem(reader: TestClient) -> None:
    response = reader.delete("/api/trades")
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == "GET"


def test_routes_do_not_redirect(reader: TestClient) -> None:
    response = reader.get("/api/trades/", follow_redirects=False)
    assert response.status_code == 404


def test_an_unforeseen_failure_tells_nothing_but_where_to_look(
    filled: App, caplog: pytest.LogCaptureFixture
) -> None:
    def broken_clock() -> int:
        raise ZeroDivisionError("secret")

    client = TestClient(create_app(filled, now_ms=broken_clock), base_url=LOCAL)
    response = client.get("/api/health/ready")
    problem = response.json()
    assert (response.status_code, problem["code"]) == (500, "internal")
    assert "secret" not in response.text
    assert problem["request_id"] in problem["hint"]
    assert "ZeroDivisionError" in caplog.text


def test_a_database_that_is_away_is_said_so(tmp_path: Path) -> None:
    app = open_home(tmp_path / "home")
    app.home.create()
    app.home.database_file.mkdir()
    client = TestClient(create_app(app), base_url=LOCAL)
    key = {"authorization": "Bearer tp_any_key"}
    response = client.get("/api/trades", headers=key)
    assert (response.status_code, response.json()["code"]) == (503, "database_unavailable")
    ready = client.get("/api/health/ready")
    assert (ready.status_code, ready.json()["database"]) == (503, "unavailable")
    assert client.get("/api/health/live").status_code == 200


def test_ready_fails_when_every_feed_is_late(filled: App) -> None:
    due = sample_rows.NOW - sample_rows.NOW % sample_rows.HOUR + sample_rows.HOUR
    for late_ms, status in [(-1, 200), (60_000, 200), (60_001, 503)]:
        now = due + late_ms
        client = TestClient(create_app(filled, now_ms=lambda now=now: now), base_url=LOCAL)
        response = client.get("/api/health/ready")
        assert response.status_code == status, response.text


def test_lateness_counts_from_when_the_next_bar_should_have_closed() -> None:
    hour = 3_600_000
    for now, expected in [(0, 0.0), (2 * hour, 0.0), (2 * hour + 1500, 1.5)]:
        assert late_s(0, "1h", now) == expected


def test_answers_are_tagged_and_told_unchanged(client: TestClient) -> None:
    routes = (CONFIGURATION, "/api/training/configurations", "/api/activations", "/api/strategies")
    for route in routes:
        packed = client.get(route, headers={"accept-encoding": "gzip"}).headers["etag"]
        first = client.get(route, headers={"accept-encoding": "identity"})
        tag = first.headers["etag"]
        assert packed in (tag, f"W/{tag}")
        for asked in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = client.get(route, headers={"if-none-match": asked})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
        assert client.get(route, headers={"if-none-match": '"other"'}).status_code == 200
    before = client.get("/api/activations").headers["etag"]
    client.post(f"{CONFIGURATION}/deactivate")
    assert client.get("/api/activations").headers["etag"] != before


def test_page_and_reference_load_nothing_from_elsewhere(reader: TestClient) -> None:
    for path in ("/", "/docs"):
        response = reader.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/html")
        assert "script-src 'self'" in response.headers["content-security-policy"]
        assert "://" not in response.text
        assert "style=" not in response.text  # the policy would ignore it
    for name in ("page.css", "tokens.css", "reference.js", "draw.js", "icon.svg"):
        assert reader.get(f"/static/{name}").status_code == 200, name


def test_openapi_describes_every_route_with_examples(reader: TestClient) -> None:
    document = reader.get("/openapi.json").json()
    operations = [
        (path, verb, operation)
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
    ]
    assert all(path.startswith("/api/v1/") for path, _, _ in operations)
    assert len({operation["operationId"] for _, _, operation in operations}) == len(operations)
    assert all(operation.get("description") for _, _, operation in operations)
    for name in ("ConfigurationShape", "EventShape", "BarShape", "Problem"):
        assert document["components"]["schemas"][name]["examples"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, None), ("0", 0), ("-5", -5), (" 1748961004000 ", 1_748_961_004_000),
        ("1970-01-01", 0), ("1970-01-01T00:00:01Z", 1000), ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T01:00:00 01:00", 0), ("1970-01-01T00:00:00.123", 123),
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(text: str | None, expected: int | None) -> None:
    assert read_time(text) == expected
