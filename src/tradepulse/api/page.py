"""The one plain page, and the page that reads the OpenAPI document: files served as they are."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"


def install(app: FastAPI) -> None:
    """Serve the page at `/`, the reference at `/docs`, and what they load under `/static`."""

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html")

    # Not FastAPI's own: that one loads its script from a content network, which the policy of
    # these pages forbids and a machine without internet cannot reach.
    @app.get("/docs", include_in_schema=False)
    def reference() -> FileResponse:
        return FileResponse(STATIC / "reference.html")

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
