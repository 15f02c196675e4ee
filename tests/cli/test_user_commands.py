"""`tradepulse users` and `audit`: who may sign in, what was commanded, and the first start."""

from __future__ import annotations

import io
import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from test_engine_commands import LAST_TOLD, serving

from tradepulse.bootstrap import open_home
from tradepulse.cli import main

GOOD = "quite a good one"


def run(capsys: pytest.CaptureFixture[str], home: Path, *argv: str) -> tuple[int, Any, str]:
    code = main([*argv, "--home", str(home), "--json"])
    told = capsys.readouterr()
    return code, json.loads(told.out), told.err


def ask(address: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"} if data else {}
    request = urllib.request.Request(f"{address}/api/{path}", data, {**kind, **headers})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_user_is_made_given_a_key_and_shut_out(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, made, told = run(capsys, tmp_path, "users", "create", "Ada", "--role", "operator")
    assert (code, made["username"], made["role"]) == (0, "ada", "operator")
    assert len(made["password"]) == 20
    assert "sign in as admin with the password" in told
    code, key, told = run(capsys, tmp_path, "users", "token", "ada", "--scope", "trade")
    assert (code, key["scopes"], key["user_id"]) == (0, ["read", "trade"], made["id"])
    assert "first start" not in told
    code, listed, _ = run(capsys, tmp_path, "users", "list")
    assert [user["username"] for user in listed["items"]] == ["admin", "ada"]
    assert "hash" not in json.dumps(listed)
    monkeypatch.setenv("TRADEPULSE_USER_PASSWORD", GOOD)
    code, changed, _ = run(capsys, tmp_path, "users", "password", "ada")
    assert (code, changed["password"]) == (0, None)
    monkeypatch.delenv("TRADEPULSE_USER_PASSWORD")
    monkeypatch.setattr("sys.stdin", io.StringIO("another good one\n"))
    assert run(capsys, tmp_path, "users", "password", "ada", "--password-stdin")[0] == 0
    assert run(capsys, tmp_path, "users", "disable", "ada")[1]["disabled_at"]
    with open_home(tmp_path).database as database, database.reading() as tx:
        assert tx.api_keys.get(key["id"]).revoked_at is not None
    assert run(capsys, tmp_path, "users", "disable", "ada", "--undo")[1]["disabled_at"] is None
    code, audit, _ = run(capsys, tmp_path, "audit", "list", "--limit", "100")
    assert [entry["route"] for entry in audit["items"]] == [
        "users disable", "users disable", "users password", "users password", "users token",
        "users create",
    ]  # fmt: skip


def test_a_key_stands_alone_on_stdout(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["users", "token", "--home", str(tmp_path)]) == 0
    assert capsys.readouterr().out.strip().startswith("tp_")


REFUSED = [
    (["users", "create", "a b"], 2, "bad_username"),
    (["users", "create", "admin"], 3, "user_exists"),
    (["users", "token", "nobody"], 4, "user_not_found"),
    (["users", "token", "--scope", "all"], 2, "bad_value"),
    (["users", "disable", "admin"], 3, "last_admin"),
    (["users", "password", "nobody"], 4, "user_not_found"),
]


@pytest.mark.parametrize(("argv", "code", "word"), REFUSED)
def test_what_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, argv: list[str], code: int, word: str
) -> None:
    got, document, _ = run(capsys, tmp_path, *argv)
    assert (got, document["error"]["code"]) == (code, word)


def test_a_weak_password_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADEPULSE_USER_PASSWORD", "short")
    code, document, _ = run(capsys, tmp_path, "users", "create", "bob")
    assert (code, document["error"]["code"]) == (2, "weak_password")


def test_a_changed_audit_is_found(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("ada", "bob"):
        run(capsys, tmp_path, "users", "create", name, "--no-password")
    code, found, _ = run(capsys, tmp_path, "audit", "verify")
    assert (code, found["verdict"]) == (0, "intact")
    with open_home(tmp_path).database as database, database.connection(write=True) as connection:
        connection.execute(sa.text("UPDATE audit_log SET username = 'eve' WHERE number = 1"))
    code, found, _ = run(capsys, tmp_path, "audit", "verify")
    assert (code, found["verdict"], found["chains"][0]["first_broken"]) == (3, "broken", 1)
    assert main(["audit", "verify", "--home", str(tmp_path)]) == 3
    assert "broken at number 1" in capsys.readouterr().out


@pytest.mark.parametrize("given", [None, "from the settings"])
def test_the_first_start_makes_an_admin(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    given: str | None,
) -> None:  # fmt: skip
    if given is not None:
        monkeypatch.setenv("TRADEPULSE__AUTH__ADMIN_PASSWORD", given)
    process, address = serving(tmp_path, "api", "--no-worker")
    try:
        first = LAST_TOLD[-1]["first_admin"]
        assert first["username"] == "admin"
        assert (first["password"] is None) is (given is not None)
        body = {"username": "admin", "password": given or first["password"]}
        status, tokens = ask(address, "auth/login", body)
        assert status == 200
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert ask(address, "auth/me", **bearer)[1]["id"] == "local"
        assert ask(address, "trades")[0] == 401
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=30) == 0
    again, _ = serving(tmp_path, "api", "--no-worker")
    again.send_signal(signal.SIGTERM)
    assert again.stdout is not None
    again.stdout.close()
    assert again.wait(timeout=30) == 0
    assert "first_admin" not in LAST_TOLD[-1]


def test_an_empty_password_is_no_password(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADEPULSE__AUTH__ADMIN_PASSWORD", "")
    code, document, _ = run(capsys, tmp_path, "users", "list")
    assert (code, document["error"]["code"]) == (2, "weak_password")
