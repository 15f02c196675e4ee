"""The dashboard as it was built, and the page that reads the OpenAPI document."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Match, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
BUILT = Path(__file__).parents[1] / "dashboard_dist"

# A name under assets/ holds a hash of what is in the file: it never means anything else.
_FOR_EVER = "public, max-age=31536000, immutable"
# Written again by the next build under the same name: asked about each time.
_NO_HASH = ("index.html", "theme.js", "icon.svg")
_NEVER_A_PAGE = ("/api", "/docs", "/static", "/assets", "/health", "/metrics", "/openapi")


def install(app: FastAPI, built: Path = BUILT) -> None:
    """Serve the dashboard at `/`, the reference at `/docs`, and what they load.

    Every address that is no file and not the API's is the dashboard's: it reads it by itself. Where
    none was built, a plain page says how.
    """

    # Not FastAPI's own: that one loads its script from a content network, which the policy of
    # these pages forbids and a machine without internet cannot reach.
    @app.get("/docs", include_in_schema=False)
    def reference() -> FileResponse:
        return FileResponse(STATIC / "reference.html")

    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.mount("/assets", _Assets(directory=built / "assets", check_dir=False), name="assets")

    # Last of all: what another route has, this one never sees.
    app.router.routes.append(_Page(built))


class _Page(Route):
    """Every address that can be the dashboard's own. Others stay unknown, as they would be."""

    def __init__(self, built: Path) -> None:
        super().__init__("/{path:path}", self._page, methods=["GET"], include_in_schema=False)
        self._built = built

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_asked = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if not is_asked or scope["path"].startswith(_NEVER_A_PAGE):
            return Match.NONE, {}
        return super().matches(scope)

    async def _page(self, request: Request) -> Response:
        path = request.path_params["path"]
        file = self._built / (path if path in _NO_HASH else "index.html")
        return FileResponse(file if file.is_file() else STATIC / "not_built.html")


class _Assets(StaticFiles):
    """Files whose names change with what is in them."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = _FOR_EVER
        return response
