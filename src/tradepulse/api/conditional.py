"""ETags: a reader who has an answer already is told so in a few bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ConditionalRoute(APIRoute):
    """A route whose answers carry an ETag of their content and heed If-None-Match."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def conditional(request: Request) -> Response:
            response = await handle(request)
            whole = hasattr(response, "body") and response.status_code == 200
            if request.method not in ("GET", "HEAD") or not whole:
                return response
            tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
            headers = {"etag": tag, "cache-control": "no-cache"}
            if _matches(request.headers.get("if-none-match"), tag):
                return Response(status_code=304, headers=headers)
            response.headers.update(headers)
            return response

        return conditional


def _matches(asked: str | None, tag: str) -> bool:
    if asked is None:
        return False
    tags = {part.strip().removeprefix("W/") for part in asked.split(",")}
    return tag in tags or "*" in tags
