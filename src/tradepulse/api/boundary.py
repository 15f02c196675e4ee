"""The outer edge of every request: its id, its safe headers, and the end of every exception."""

from __future__ import annotations

import logging
import re
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tradepulse.api.problems import problem_response

_log = logging.getLogger(__name__)
_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{1,64}$")

# All the page needs comes from here; nothing of it may be framed, posted or loaded elsewhere.
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
# A year: whoever came once by TLS is never talked into coming without.
_HSTS = "max-age=31536000"


class RequestBoundary:
    """Gives a request its id, sets the headers, and answers what nobody else caught with 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        started = False

        async def send_marked(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", _caching(scope["path"]))
                if scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", _HSTS)
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception:
            _log.exception("request %s %s failed (%s)", scope["method"], scope["path"], request_id)
            if started:
                # Half an answer is out: only breaking the connection tells the client so.
                raise
            response = problem_response(
                scope, 500, "internal", "the server failed; its log has the rest",
                hint=f"Look for {request_id} in the log.",
            )  # fmt: skip
            await response(scope, receive, send_marked)


def _caching(path: str) -> str:
    # The page's own files may be kept, and are asked about each time; answers about money may not.
    return "no-store" if path.startswith("/api") else "no-cache"


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.match(given) else uuid4().hex
