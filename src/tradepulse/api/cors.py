"""Pages of other sites that may call the API: none, unless the settings name them."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

_SENT = (
    "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match",
    "Last-Event-ID", "X-API-Key", "X-Request-ID",
)  # fmt: skip
_READ = ("ETag", "Location", "Retry-After", "X-Request-ID")


def install(api: FastAPI, origins: Sequence[str]) -> None:
    """Let pages of these origins call, with a token or a key; never with this site's cookie."""
    api.add_middleware(
        CORSMiddleware, allow_origins=origins, allow_headers=_SENT, expose_headers=_READ,
        allow_methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"), allow_credentials=False,
        max_age=600,
    )  # fmt: skip
