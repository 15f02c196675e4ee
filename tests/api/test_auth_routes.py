"""Signing in over HTTP: tokens that hold, run out, rotate and are taken back; nothing is told."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from typing import Any

import jwt
import pytest
import sample_rows
from starlette.testclient import TestClient

from tradepulse.api.app import create_app
from tradepulse.bootstrap import App
from tradepulse.domain.settings import ApiSettings, AuthSettings, Settings
from tradepulse.domain.user import Role
from tradepulse.storage.accounts import create_user, first_admin

BASE = "http://127.0.0.1:8080"
PASSWORD = "quite a good one"
MINUTE, DAY = 60_000, 86_400_000


@dataclass
class Clock:
    """A clock the test sets."""

    now_ms: int = sample_rows.NOW

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(app: App, clock: Clock) -> Iterator[TestClient]:
    """A home with its first admin, `admin`, and an operator, `ada`."""
    first_admin(app.database, PASSWORD, clock())
    create_user(app.database, "Ada", PASSWORD, Role.OPERATOR, clock())
    with TestClient(create_app(app, now_ms=clock), base_url=BASE) as client:
        yield client


def login(client: TestClient, username: str = "admin", password: str = PASSWORD) -> Any:
    return client.post("/api/auth/login", json={"username": username, "password": password})


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def signed_in(client: TestClient, username: str = "admin") -> dict[str, str]:
    return bearer(login(client, username).json()["access_token"])


def status(client: TestClient, token: str) -> tuple[int, str | None]:
    answer = client.get("/api/auth/me", headers=bearer(token))
    return answer.status_code, answer.json().get("code")


def test_a_sign_in_says_what_the_contract_says(desk: TestClient) -> None:
    answer = login(desk)
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("bearer", 900)
    me = desk.get("/api/auth/me", headers=bearer(answer.json()["access_token"])).json()
    assert me == {
        "id": "local", "username": "admin", "role": "admin",
        "scopes": ["read", "train", "trade", "admin"], "created_at": sample_rows.NOW,
    }  # fmt: skip
    cookie = SimpleCookie(answer.headers["set-cookie"])["tp_refresh"]
    assert cookie.value == answer.json()["refresh_token"]
    kept = (cookie["httponly"], cookie["samesite"].lower(), cookie["path"], cookie["secure"])
    assert kept == (True, "strict", "/api", "")
    assert answer.headers["cache-control"] == "no-store"


def test_under_tls_the_cookie_is_secure_and_the_browser_told_to_stay(
    app: App, desk: TestClient, clock: Clock
) -> None:
    with TestClient(create_app(app, now_ms=clock), base_url="https://127.0.0.1:8080") as client:
        answer = login(client)
        assert SimpleCookie(answer.headers["set-cookie"])["tp_refresh"]["secure"] is True
        assert "max-age" in answer.headers["strict-transport-security"]
    assert "strict-transport-security" not in login(desk).headers


@pytest.mark.parametrize("username", ["admin", "nobody-like-that", "ada"])
def test_a_refusal_says_nothing_of_what_was_wrong(desk: TestClient, username: str) -> None:
    answer = login(desk, username, "wrong password")
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_credentials")
    told = {k: v for k, v in answer.json().items() if k != "request_id"}
    other = {k: v for k, v in login(desk, "xyz", "other").json().items() if k != "request_id"}
    assert told == other


def test_a_name_is_read_in_any_case(desk: TestClient) -> None:
    assert login(desk, " ADA ").status_code == 200


def test_a_token_runs_out_and_is_refreshed(desk: TestClient, clock: Clock) -> None:
    first = login(desk).json()
    clock.now_ms += 15 * MINUTE - 1000
    assert status(desk, first["access_token"]) == (200, None)
    clock.now_ms += 1000
    assert status(desk, first["access_token"]) == (401, "token_expired")
    desk.cookies.clear()
    body = {"refresh_token": first["refresh_token"]}
    # A token of before that has run out does not stand in the way of a new one.
    answer = desk.post("/api/auth/refresh", json=body, headers=bearer(first["access_token"]))
    assert answer.status_code == 200
    assert status(desk, answer.json()["access_token"]) == (200, None)


def test_a_browser_refreshes_by_its_cookie(desk: TestClient, clock: Clock) -> None:
    first = login(desk).json()
    answer = desk.post("/api/auth/refresh")
    assert answer.status_code == 200
    assert answer.json()["refresh_token"] != first["refresh_token"]
    assert desk.post("/api/auth/refresh").status_code == 200
    desk.cookies.clear()
    assert desk.post("/api/auth/refresh").json()["code"] == "refresh_missing"
    # Two windows at once: the second is told to look again, and nobody is signed out.
    old = {"cookie": f"tp_refresh={first['refresh_token']}"}
    late = desk.post("/api/auth/refresh", headers=old)
    assert (late.status_code, late.json()["code"]) == (409, "refresh_superseded")
    clock.now_ms += MINUTE
    stolen = desk.post("/api/auth/refresh", headers=old)
    assert stolen.json()["code"] == "refresh_reused"


def test_a_token_that_comes_twice_ends_the_session(desk: TestClient) -> None:
    first = login(desk).json()
    desk.cookies.clear()
    old = {"refresh_token": first["refresh_token"]}
    second = desk.post("/api/auth/refresh", json=old).json()
    desk.cookies.clear()
    again = desk.post("/api/auth/refresh", json=old)
    assert (again.status_code, again.json()["code"]) == (401, "refresh_reused")
    # Whoever has the newer one, thief or owner, is out as well; access ends at once.
    newer = desk.post("/api/auth/refresh", json={"refresh_token": second["refresh_token"]})
    assert (newer.status_code, newer.json()["code"]) == (401, "refresh_expired")
    assert status(desk, second["access_token"]) == (401, "session_over")
    assert login(desk).status_code == 200


def test_signing_out_ends_the_session_at_once(desk: TestClient) -> None:
    first, other = login(desk).json(), login(desk).json()
    out = desk.post("/api/auth/logout", headers=bearer(first["access_token"]))
    assert (out.status_code, out.content) == (204, b"")
    assert status(desk, first["access_token"]) == (401, "session_over")
    assert status(desk, other["access_token"]) == (200, None)
    # The access token has run out meanwhile: the refresh token ends its session too.
    desk.cookies.clear()
    gone = desk.post("/api/auth/logout", json={"refresh_token": other["refresh_token"]})
    assert gone.status_code == 204
    assert status(desk, other["access_token"]) == (401, "session_over")


def test_a_session_ends_when_nobody_comes_back(desk: TestClient, clock: Clock) -> None:
    token = login(desk).json()["refresh_token"]
    for _ in range(3):
        clock.now_ms += 13 * DAY
        desk.cookies.clear()
        token = desk.post("/api/auth/refresh", json={"refresh_token": token}).json()[
            "refresh_token"
        ]
    clock.now_ms += 14 * DAY
    desk.cookies.clear()
    late = desk.post("/api/auth/refresh", json={"refresh_token": token})
    assert (late.status_code, late.json()["code"]) == (401, "refresh_expired")


def forged(app: App, change: dict[str, Any], **more: Any) -> str:
    key = app.token_keys.read()[0]
    claims = {
        "iss": "tradepulse", "sub": "local", "name": "admin", "role": "admin", "sid": "s",
        "iat": sample_rows.NOW // 1000, "exp": sample_rows.NOW // 1000 + 900,
    }  # fmt: skip
    asked = {"key": key.secret, "algorithm": "HS256", "headers": {"kid": key.version}} | more
    return jwt.encode({**claims, **change}, **asked)


FORGED = [
    ({}, {"key": b"x" * 32}, "bad_token"),
    ({}, {"headers": {"kid": "none"}}, "bad_token"),
    ({}, {"algorithm": "none", "key": None}, "bad_token"),
    ({}, {"algorithm": "HS512", "key": b"x" * 64}, "bad_token"),
    ({"iss": "elsewhere"}, {}, "bad_token"),
    ({"role": "emperor"}, {}, "bad_token"),
    ({"exp": "soon"}, {}, "bad_token"),
    ({"exp": 1}, {}, "token_expired"),
    # Signed by us, for a session that is not there: the database has the last word.
    ({}, {}, "session_over"),
    ({"sub": "nobody"}, {}, "session_over"),
]


@pytest.mark.parametrize(("change", "more", "code"), FORGED)
def test_forged_tokens_are_refused(
    app: App, desk: TestClient, change: dict[str, Any], more: dict[str, Any], code: str
) -> None:
    assert status(desk, forged(app, change, **more)) == (401, code)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "tp_", "tp_1_2", "é", "Bearer"])
def test_what_is_no_token_is_refused(desk: TestClient, text: str) -> None:
    for headers in ({"authorization": f"Bearer {text}"}, {"authorization": text}):
        encoded = {name: value.encode() for name, value in headers.items()}
        answer = desk.get("/api/trades", headers=encoded)
        assert answer.status_code == 401, text
        assert answer.headers["www-authenticate"] == "Bearer"


def test_guessing_is_made_slow(desk: TestClient, clock: Clock) -> None:
    for _ in range(5):
        assert login(desk, password="guess").status_code == 401
    # The sixth is not looked at, not even with the right password; another name still is.
    throttled = login(desk)
    assert (throttled.status_code, throttled.json()["code"]) == (429, "too_many_attempts")
    waits = [int(throttled.headers["retry-after"])]
    assert login(desk, "ada").status_code == 200
    for _ in range(7):
        clock.now_ms += waits[-1] * 1000
        assert login(desk, password="guess").status_code == 401
        waits.append(int(login(desk).headers["retry-after"]))
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    clock.now_ms += 60_000
    assert login(desk).status_code == 200
    assert login(desk, password="guess").status_code == 401


def test_an_address_that_tries_many_names_is_slowed_down(desk: TestClient, clock: Clock) -> None:
    codes = [login(desk, f"name{n}", "x").status_code for n in range(30)]
    assert codes == [401] * 25 + [429] * 5
    clock.now_ms += 3_600_001
    assert login(desk).status_code == 200


def test_a_password_is_changed_by_who_knows_it(desk: TestClient) -> None:
    mine, elsewhere = login(desk, "ada").json(), login(desk, "ada").json()
    headers, new = bearer(mine["access_token"]), "another good one"

    def change(current: str, password: str) -> tuple[int, str | None]:
        answer = desk.post(
            "/api/auth/password", headers=headers,
            json={"current_password": current, "new_password": password},
        )  # fmt: skip
        return answer.status_code, answer.json()["code"] if answer.content else None

    assert change("wrong", new) == (401, "wrong_password")
    for weak in ("short", "aaaaaaaaaaaa", "x" * 300):
        assert change(PASSWORD, weak) == (422, "weak_password")
    assert change(PASSWORD, new) == (204, None)
    assert status(desk, mine["access_token"]) == (200, None)
    assert status(desk, elsewhere["access_token"]) == (401, "session_over")
    assert login(desk, "ada").status_code == 401
    assert login(desk, "ada", new).status_code == 200


def test_registration_is_closed_unless_opened(app: App, desk: TestClient, clock: Clock) -> None:
    body = {"username": "eve", "password": PASSWORD}
    closed = desk.post("/api/auth/register", json=body)
    assert (closed.status_code, closed.json()["code"]) == (403, "registration_closed")
    opened = replace(app, settings=Settings(auth=AuthSettings(open_registration=True)))
    with TestClient(create_app(opened, now_ms=clock), base_url=BASE) as client:
        made = client.post("/api/auth/register", json=body)
        assert (made.status_code, made.json()["role"]) == (201, "viewer")
        assert client.post("/api/auth/register", json=body).json()["code"] == "user_exists"
        assert login(client, "eve").status_code == 200


def test_users_are_administered(desk: TestClient) -> None:
    headers = signed_in(desk)
    body = {"username": "Bob", "password": PASSWORD, "role": "viewer"}
    made = desk.post("/api/users", json=body, headers=headers)
    assert (made.status_code, made.json()["username"]) == (201, "bob")
    path = f"/api/{made.headers['location']}"
    assert desk.get(path, headers=headers).json() == made.json()
    names = [u["username"] for u in desk.get("/api/users", headers=headers).json()["items"]]
    assert sorted(names) == ["ada", "admin", "bob"]
    bob = login(desk, "bob").json()["access_token"]
    assert desk.patch(path, json={"role": "operator"}, headers=headers).status_code == 200
    # It counts from the next request on, not from the next sign-in.
    assert desk.get("/api/auth/me", headers=bearer(bob)).json()["role"] == "operator"
    assert desk.patch(path, json={"disabled": True}, headers=headers).json()["disabled_at"]
    assert status(desk, bob) == (401, "session_over")
    assert login(desk, "bob").status_code == 401
    assert desk.patch(path, json={"disabled": False}, headers=headers).status_code == 200
    assert login(desk, "bob").status_code == 200
    assert desk.delete(path, headers=headers).status_code == 204
    assert login(desk, "bob").status_code == 401
    assert desk.post("/api/users", json=body, headers=headers).status_code == 201


REFUSED_CHANGES = [
    ("POST", "users", {"username": "ada"}, 409, "user_exists"),
    ("POST", "users", {"username": "a b"}, 422, "bad_username"),
    ("POST", "users", {"username": "new", "password": "short"}, 422, "weak_password"),
    ("POST", "users", {"username": "new", "role": "owner"}, 422, "validation"),
    ("PATCH", "users/local", {"role": "viewer"}, 409, "last_admin"),
    ("PATCH", "users/local", {"disabled": True}, 409, "last_admin"),
    ("DELETE", "users/local", None, 409, "owner_stays"),
    ("PATCH", "users/nobody", {"role": "viewer"}, 404, "user_not_found"),
    ("DELETE", "users/nobody", None, 404, "user_not_found"),
]


@pytest.mark.parametrize(("method", "path", "body", "code", "word"), REFUSED_CHANGES)
def test_what_is_refused_of_users(
    desk: TestClient, method: str, path: str, body: Any, code: int, word: str
) -> None:
    answer = desk.request(method, f"/api/{path}", json=body, headers=signed_in(desk))
    assert (answer.status_code, answer.json()["code"]) == (code, word)
    assert login(desk).status_code == 200


def test_keys_open_what_they_are_for_until_they_are_taken_back(
    desk: TestClient, clock: Clock
) -> None:
    headers = signed_in(desk, "ada")

    def give(**body: Any) -> Any:
        return desk.post("/api/keys", json={"name": "robot", **body}, headers=headers)

    key = give(scopes=["trade"], expires_in_days=1).json()
    assert key["scopes"] == ["read", "trade"]
    assert status(desk, key["secret"]) == (200, None)
    assert desk.get("/api/auth/me", headers={"x-api-key": key["secret"]}).status_code == 200
    listed = desk.get("/api/keys", headers=headers).json()["items"]
    assert [k["id"] for k in listed] == [key["id"]]
    assert listed[0]["last_used_at"] == clock()
    assert "secret" not in listed[0]
    assert "hash" not in listed[0]
    # A key makes no keys and changes no password: what is lost must not grow.
    assert (
        desk.post("/api/keys", json={"name": "x"}, headers=bearer(key["secret"])).json()["code"]
        == "sign_in_needed"
    )
    assert give(scopes=["admin"]).json()["code"] == "scope_refused"
    assert give(name=" ").json()["code"] == "bad_key"
    foreign = desk.delete(f"/api/keys/{key['id']}", headers=_third(desk))
    assert (foreign.status_code, foreign.json()["code"]) == (404, "key_not_found")
    clock.now_ms += DAY
    assert status(desk, key["secret"]) == (401, "bad_key")
    other = give().json()
    headers = signed_in(desk, "ada")
    other = give().json()
    assert desk.delete(f"/api/keys/{other['id']}", headers=headers).status_code == 204
    assert status(desk, other["secret"]) == (401, "bad_key")
    # An admin may take back anybody's.
    third = give().json()
    assert desk.delete(f"/api/keys/{third['id']}", headers=signed_in(desk)).status_code == 204
    assert status(desk, third["secret"]) == (401, "bad_key")


def _third(client: TestClient) -> dict[str, str]:
    body = {"username": "third", "password": PASSWORD, "role": "operator"}
    client.post("/api/users", json=body, headers=signed_in(client))
    return signed_in(client, "third")


def test_a_demoted_users_key_does_no_more_than_the_user(desk: TestClient) -> None:
    key = desk.post(
        "/api/keys", json={"name": "robot", "scopes": ["trade"]}, headers=signed_in(desk, "ada")
    ).json()
    wallets = {"json": {"name": "more"}, "headers": bearer(key["secret"])}
    assert desk.post("/api/wallets", **wallets).status_code == 201
    desk.patch(f"/api/users/{key['user_id']}", json={"role": "viewer"}, headers=signed_in(desk))
    assert desk.post("/api/wallets", **wallets).json()["code"] == "role_needed"


def test_no_secret_in_logs_answers_or_the_database(
    app: App, desk: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = login(desk).json()
    headers = bearer(tokens["access_token"])
    key = desk.post("/api/keys", json={"name": "k"}, headers=headers).json()["secret"]
    wrong = "a wrong password, but somebody's"
    answers = [
        login(desk, "admin", wrong), login(desk, wrong, "x"),
        desk.post("/api/auth/login", json={"username": "x", "pasword": wrong}),
        desk.post("/api/auth/refresh", json={"refresh_token": wrong}),
        desk.post("/api/users", json={"username": "u", "password": [wrong]}, headers=headers),
        desk.get("/api/users", headers=headers), desk.get("/api/keys", headers=headers),
        desk.get("/api/audit", headers=headers), desk.get("/api/auth/me", headers=bearer(wrong)),
        desk.get("/api/changes/since?sequence=0", headers=headers),
        desk.get("/openapi.json"),
    ]  # fmt: skip
    secrets = [PASSWORD, wrong, key, tokens["access_token"], tokens["refresh_token"]]
    told = "".join(answer.text for answer in answers) + caplog.text
    assert [s for s in secrets if s in told] == []
    kept = app.home.database_file.read_bytes()
    wal = app.home.database_file.with_name("tradepulse.sqlite-wal")
    kept += wal.read_bytes() if wal.exists() else b""
    assert [s for s in secrets if s.encode() in kept] == []
    assert app.token_keys.file.stat().st_mode & 0o077 == 0


def test_every_command_is_audited(app: App, desk: TestClient) -> None:
    login(desk, "admin", "wrong")
    tokens = login(desk, "ada").json()
    ada = bearer(tokens["access_token"])
    desk.get("/api/trades", headers=ada)
    made = desk.post("/api/wallets", json={"name": "w"}, headers={**ada, "x-request-id": "rq-1"})
    desk.post("/api/activations/nothing/pause", headers=ada)
    desk.post("/api/users", json={"username": "eve"}, headers=ada)
    desk.post("/api/wallets", json={"name": "w"})
    headers = signed_in(desk)
    entries = desk.get("/api/audit?sort=number", headers=headers).json()["items"]
    session = entries[1]["credential"]
    assert session.startswith("session ")
    told = [
        (e["username"], e["credential"], e["method"], e["route"], e["object"], e["outcome"],
         e["code"])
        for e in entries
    ]  # fmt: skip
    assert told[:5] == [
        ("admin", "password", "POST", "auth/login", "", 401, "bad_credentials"),
        ("ada", session, "POST", "auth/login", "", 200, ""),
        ("ada", session, "POST", "wallets", made.json()["id"], 201, ""),
        ("ada", session, "POST", "activations/{activation_id}/pause", "nothing", 404,
         "activation_not_found"),
        ("ada", session, "POST", "users", "", 403, "role_needed"),
    ]  # fmt: skip
    assert len(told) == 6
    assert (entries[2]["request_id"], entries[2]["address"]) == ("rq-1", "testclient")
    only = desk.get("/api/audit?route=wallets", headers=headers).json()["items"]
    assert [e["number"] for e in only] == [3]
    with app.database.reading() as tx:
        assert tx.audit.first_broken() is None


def test_a_failure_is_audited_as_one(app: App, desk: TestClient, clock: Clock) -> None:
    headers = signed_in(desk)
    api = create_app(app, now_ms=clock)

    @api.post("/api/broken")
    def broken() -> None:
        raise ZeroDivisionError

    with TestClient(api, base_url=BASE) as client:
        assert client.post("/api/broken", headers=headers).status_code == 500
    newest = desk.get("/api/audit?limit=1", headers=headers).json()["items"][0]
    assert (newest["route"], newest["outcome"], newest["code"]) == ("broken", 500, "internal")


def test_while_the_database_is_away_the_kill_switch_still_works(
    app: App, desk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever signed in before is taken at the token's word; a key must be looked up."""
    headers = signed_in(desk)
    key = desk.post("/api/keys", json={"name": "k", "scopes": ["trade"]}, headers=headers).json()
    app.database.close()
    file = app.home.database_file
    file.rename(file.with_suffix(".away"))
    for beside in file.parent.glob("tradepulse.sqlite-*"):
        beside.unlink()
    file.mkdir()
    asked = {"confirm": "nothing yet", "reason": "a test"}
    refused = desk.post("/api/kill-switch", json=asked, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "validation")
    assert desk.get("/api/kill-switch", headers=headers).json()["standing"] is False
    assert desk.get("/api/trades", headers=headers).status_code == 503
    assert desk.get("/api/trades", headers=bearer(key["secret"])).status_code == 503


def test_tokens_of_another_key_file_are_void(app: App, desk: TestClient, clock: Clock) -> None:
    headers = signed_in(desk)
    app.token_keys.file.unlink()
    with TestClient(create_app(app, now_ms=clock), base_url=BASE) as client:
        assert client.get("/api/auth/me", headers=headers).json()["code"] == "bad_token"
        assert login(client).status_code == 200


def test_openapi_says_who_may(desk: TestClient) -> None:
    document = desk.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"

    def told(method: str, path: str) -> tuple[Any, ...]:
        operation = document["paths"][f"/api/v1/{path}"][method]
        return operation["security"], operation.get("x-role"), operation.get("x-scope")

    assert told("post", "auth/login") == ([], None, None)
    assert told("get", "trades") == ([{"bearer": []}], "viewer", "read")
    assert told("post", "training/jobs") == ([{"bearer": []}], "operator", "train")
    assert told("get", "audit") == ([{"bearer": []}], "admin", "admin")
    assert PASSWORD not in json.dumps(document)


def test_a_certificate_needs_its_key() -> None:
    with pytest.raises(ValueError, match="belong together"):
        ApiSettings.model_validate({"tls_cert": "x.pem"})
