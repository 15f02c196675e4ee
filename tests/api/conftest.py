"""A real home with a real SQLite database, empty or filled, behind a test client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sample_rows
from argon2 import PasswordHasher
from recording_engine import RecordingEngine
from starlette.testclient import TestClient

from conformance.way_in import headers_of
from tradepulse.api.app import create_app
from tradepulse.bootstrap import App, open_home
from tradepulse.storage import passwords

BASE = "http://127.0.0.1:8080"


@pytest.fixture(autouse=True)
def _quick_hashes() -> Iterator[None]:
    """Argon2id as ever, at the least cost it takes: a hash is to be slow, tests are not."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", lambda: quick)
        passwords._of_nobody.cache_clear()
        yield
    passwords._of_nobody.cache_clear()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = open_home(tmp_path / "home")
    yield app
    app.database.close()


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of one filled home for all tests that only read."""
    app = open_home(tmp_path_factory.mktemp("read") / "home")
    sample_rows.fill(app.database)
    api = create_app(app, RecordingEngine(), now_ms=lambda: sample_rows.NOW)
    with TestClient(api, base_url=BASE, headers=headers_of(app.database)) as client:
        yield client
    app.database.close()


@pytest.fixture
def filled(app: App) -> App:
    sample_rows.fill(app.database)
    return app


@pytest.fixture
def engine() -> RecordingEngine:
    return RecordingEngine()


@pytest.fixture
def client(filled: App, engine: RecordingEngine) -> Iterator[TestClient]:
    api = create_app(filled, engine, now_ms=lambda: sample_rows.NOW)
    with TestClient(api, base_url=BASE, headers=headers_of(filled.database)) as client:
        yield client
