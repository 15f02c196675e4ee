"""Keys are sealed under a file outside the database, for one connection, and nothing else opens
them."""

from __future__ import annotations

import base64
import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance import storage_records as make
from tradepulse.domain.connection import Credentials
from tradepulse.domain.errors import FailedError
from tradepulse.storage import secrets
from tradepulse.storage.database import Database
from tradepulse.storage.home import Home
from tradepulse.storage.repositories.connections import Sealed
from tradepulse.storage.secrets import KEY_FILE_VARIABLE, Safe

KEYS = Credentials("the-api-key", "the-secret", "the-password")


@pytest.fixture
def safe(tmp_path: Path) -> Safe:
    return Safe.of(Home(tmp_path / "home"), {})


def refused(code: str, act: Callable[[], object]) -> FailedError:
    with pytest.raises(FailedError) as caught:
        act()
    assert caught.value.code == code
    for word in ("the-api-key", "the-secret", "the-password"):
        assert word not in str(caught.value)
    return caught.value


def test_what_is_sealed_comes_back(safe: Safe) -> None:
    for keys in (KEYS, Credentials("ключ", "s" * 500)):
        sealed = safe.seal(keys, "x1")
        assert safe.open(sealed, "x1") == keys
        assert keys.secret.encode() not in sealed.secret
    assert safe.seal(KEYS, "x1").secret != safe.seal(KEYS, "x1").secret
    assert "secret" not in repr(KEYS)


def test_the_key_is_made_once_and_is_the_owners_alone(safe: Safe) -> None:
    assert not safe.file.exists()
    first = safe.seal(KEYS, "x1")
    made = safe.file.read_bytes()
    assert stat.S_IMODE(safe.file.stat().st_mode) == 0o600
    safe.seal(KEYS, "x2")
    assert safe.file.read_bytes() == made
    assert [path.name for path in safe.file.parent.iterdir()] == ["connection.key"]
    assert safe.open(first, "x1") == KEYS


def test_a_key_file_may_be_named_and_made_elsewhere(tmp_path: Path) -> None:
    named = tmp_path / "mounted" / "key"
    named.parent.mkdir()
    named.write_text(base64.b64encode(os.urandom(32)).decode())
    named.chmod(0o444)  # as container runtimes mount a secret
    safe = Safe.of(Home(tmp_path / "home"), {KEY_FILE_VARIABLE: str(named)})
    assert safe.open(safe.seal(KEYS, "x1"), "x1") == KEYS
    assert not (tmp_path / "home").exists()


def test_processes_that_start_together_make_one_key(safe: Safe) -> None:
    sealed: list[Sealed] = []
    together = threading.Barrier(8)

    def seal() -> None:
        together.wait(10)
        sealed.append(safe.seal(KEYS, "x1"))

    threads = [threading.Thread(target=seal) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert [safe.open(kept, "x1") for kept in sealed] == [KEYS] * 8
    assert [path.name for path in safe.file.parent.iterdir()] == ["connection.key"]


def _flipped(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


CHANGED = {
    "another connection": lambda s: (s, "x2"),
    "a bit of the secret": lambda s: (s._replace(secret=_flipped(s.secret)), "x1"),
    "a bit of the nonce": lambda s: (s._replace(nonce=_flipped(s.nonce)), "x1"),
    "the end cut off": lambda s: (s._replace(secret=s.secret[:-1]), "x1"),
    "another key's name": lambda s: (s._replace(key_version="0" * 12), "x1"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGED)
def test_what_was_changed_does_not_open(safe: Safe, what: str) -> None:
    sealed, connection_id = CHANGED[what](safe.seal(KEYS, "x1"))
    refused("secret_unreadable", lambda: safe.open(sealed, connection_id))


def test_without_its_key_nothing_opens_and_no_key_is_made(safe: Safe, tmp_path: Path) -> None:
    sealed = safe.seal(KEYS, "x1")
    other = Safe(tmp_path / "other.key")
    error = refused("secret_unreadable", lambda: other.open(sealed, "x1"))
    assert error.found == "no key"
    assert not other.file.exists()
    other.seal(KEYS, "x9")
    error = refused("secret_unreadable", lambda: other.open(sealed, "x1"))
    assert error.expected is not None
    assert sealed.key_version in error.expected


def _text(text: str) -> Callable[[Path], object]:
    return lambda file: (file.write_text(text), file.chmod(0o600))


BAD_FILES = {
    "empty": _text(""),
    "no base64": _text("not a key!\n"),
    "too short": _text(base64.b64encode(b"short").decode()),
    "others may read it": lambda file: file.chmod(0o644),
    "a folder": lambda file: (file.unlink(), file.mkdir(mode=0o700)),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_bad_key_file_is_named(safe: Safe, what: str) -> None:
    sealed = safe.seal(KEYS, "x1")
    BAD_FILES[what](safe.file)
    for act in (lambda: safe.open(sealed, "x1"), lambda: safe.seal(KEYS, "x1")):
        assert str(safe.file) in str(refused("key_file", act))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused("key_file", lambda: Safe(tmp_path / "file" / "connection.key").seal(KEYS, "x1"))


# --- rotation -------------------------------------------------------------------------------------
def connect(database: Database, safe: Safe, *ids: str) -> dict[str, Credentials]:
    keys = {id_: Credentials(f"key of {id_}", f"secret of {id_}") for id_ in ids}
    with database.transaction() as tx:
        for id_, credentials in keys.items():
            tx.connections.insert(make.connection(id_))
            tx.connections.seal(id_, safe.seal(credentials, id_))
    return keys


def opened(database: Database, safe: Safe) -> dict[str, Credentials]:
    with database.transaction() as tx:
        return {id_: safe.open(kept, id_) for id_, kept in tx.connections.all_sealed().items()}


def test_rotating_seals_all_anew_and_the_old_key_opens_nothing(
    database: Database, safe: Safe, tmp_path: Path
) -> None:
    keys = connect(database, safe, "x1", "x2", "x3")
    with database.transaction() as tx:
        tx.connections.remove("x3", make.T0)
    old = tmp_path / "old.key"
    old.write_bytes(safe.file.read_bytes())
    old.chmod(0o600)
    assert safe.rotate(database) == 2
    assert opened(database, safe) == {id_: keys[id_] for id_ in ("x1", "x2")}
    assert stat.S_IMODE(safe.file.stat().st_mode) == 0o600
    assert len(safe.file.read_text().split()) == 1
    refused("secret_unreadable", lambda: opened(database, Safe(old)))


def test_a_rotation_that_dies_loses_nothing(
    database: Database, safe: Safe, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = connect(database, safe, "x1", "x2")
    real = secrets.key_file.replace
    for dies_at in (1, 2):
        calls = 0

        def replace(file: Path, held: list[secrets.Key], dies_at: int = dies_at) -> None:
            nonlocal calls
            calls += 1
            if calls == dies_at:
                raise KeyboardInterrupt
            real(file, held)

        monkeypatch.setattr(secrets.key_file, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            safe.rotate(database)
        assert opened(database, safe) == keys
    monkeypatch.setattr(secrets.key_file, "replace", real)
    assert safe.rotate(database) == 2
    assert opened(database, safe) == keys


def test_with_one_that_does_not_open_nothing_is_rotated(
    database: Database, safe: Safe, tmp_path: Path
) -> None:
    connect(database, safe, "x1")
    connect(database, Safe(tmp_path / "other.key"), "x2")
    before = safe.file.read_bytes()
    refused("secret_unreadable", lambda: safe.rotate(database))
    assert safe.file.read_bytes() == before


def test_there_is_nothing_to_rotate_before_the_first_key(database: Database, safe: Safe) -> None:
    assert refused("key_file", lambda: safe.rotate(database)).found == "no file"
    assert not safe.file.exists()


def test_the_database_file_holds_no_key(sqlite_url: str, safe: Safe) -> None:
    with Database.open(sqlite_url) as database:
        connect(database, safe, "x1")
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as connection:
        dump = "\n".join(connection.iterdump()).encode()
    for content in (dump, path.read_bytes()):
        assert b"secret of x1" not in content
        assert safe.file.read_bytes().strip() not in content
