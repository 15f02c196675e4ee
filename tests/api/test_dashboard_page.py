"""The dashboard as the server gives it: which addresses are its own, how long files are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tradepulse.api import page


@pytest.fixture
def built(tmp_path: Path) -> TestClient:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<p>the dashboard</p>")
    (tmp_path / "theme.js").write_text("// theme")
    (tmp_path / "secret.txt").write_text("not for the web")
    (tmp_path / "assets" / "index-B1a2.js").write_text("// code")
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page.install(app, tmp_path)
    return TestClient(app)


@pytest.mark.parametrize("path", ["/", "/markets", "/configurations/0b0e7c1e", "/secret.txt"])
def test_every_address_of_the_dashboard_is_its_page(built: TestClient, path: str) -> None:
    answer = built.get(path)
    assert answer.status_code == 200
    assert answer.text == "<p>the dashboard</p>"


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/assets/gone.js", "/static/gone.css", "/metrics"]
)
def test_what_belongs_to_others_stays_unknown(built: TestClient, path: str) -> None:
    assert built.get(path).status_code == 404


def test_what_is_no_question_is_not_the_page(built: TestClient) -> None:
    assert built.post("/api/auth/refresh").status_code == 404
    assert built.post("/markets").status_code == 404


def test_files_with_a_hash_are_kept_for_ever_and_others_are_asked_about(built: TestClient) -> None:
    assert "immutable" in built.get("/assets/index-B1a2.js").headers["cache-control"]
    assert "immutable" not in built.get("/").headers.get("cache-control", "")
    assert built.get("/theme.js").text == "// theme"


def test_a_server_without_a_built_dashboard_says_so(tmp_path: Path) -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page.install(app, tmp_path / "nothing")
    answer = TestClient(app).get("/markets")
    assert answer.status_code == 200
    assert "not built" in answer.text
