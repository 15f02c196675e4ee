"""A real home with a real SQLite database, empty or filled, behind a test client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sample_rows
from recording_engine import RecordingEngine
from starlette.testclient import TestClient

from tradepulse.api.app import create_app
from tradepulse.bootstrap import App, open_home


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
    with TestClient(api, base_url="http://127.0.0.1:8080") as client:
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
    with TestClient(api, base_url="http://127.0.0.1:8080") as client:
        yield client
