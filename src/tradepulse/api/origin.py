"""From where one may talk to the API: from this machine, and from pages this server sent.

A web page elsewhere can make a browser send requests here (cross-site posts) or point its own name
at 127.0.0.1 (DNS rebinding). The first carries a foreign Origin, the second a foreign Host.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from tradepulse.api.problems import problem_response
from tradepulse.domain.errors import RefusedError

_LOCAL_NAMES = frozenset({"localhost"})


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address, can only be reached from this machine."""
    address = _address(host)
    return address.is_loopback if address is not None else host.lower() in _LOCAL_NAMES


def check_listen_address(host: str, *, allow_remote: bool, has_tls: bool = False) -> None:
    """Nothing, when the API may listen on `host`. Error `not_loopback`."""
    if not (allow_remote or has_tls or is_loopback(host)):
        raise RefusedError(
            "not_loopback",
            "without TLS passwords could be read on the way, so the API listens here only",
            expected="127.0.0.1, ::1 or localhost",
            found=repr(host),
            hint="Set api.tls_cert and api.tls_key; or, where something else in front of it does "
            "TLS, api.allow_remote = true.",
        )


class SameOrigin:
    """Refuses requests whose Host is not this server's own, or whose Origin is neither its own nor
    one of `origins`."""

    def __init__(
        self, app: ASGIApp, host: str, *, allow_remote: bool = False,
        origins: Collection[str] = (),
    ) -> None:  # fmt: skip
        self._app = app
        self._origins = frozenset(origin.lower() for origin in origins)
        self._host = host.lower()
        self._allow_remote = allow_remote

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = None
        if scope["type"] in ("http", "websocket"):
            refusal = self._refusal(Headers(scope=scope))
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, code, expected, found = refusal
        response = problem_response(
            scope, status, code, "the request does not come from this server's own pages",
            expected=expected, found=found,
        )  # fmt: skip
        await response(scope, receive, send)

    def _refusal(self, headers: Headers) -> tuple[int, str, str, str] | None:
        given = headers.get("host", "")
        name = _name_of(given)
        if name is None or not self._is_ours(name):
            return 421, "unknown_host", f"Host {self._host} or localhost", repr(given[:100])
        origin = headers.get("origin")
        # A native client sends no Origin; a browser always does with a request that changes things.
        ours = origin is None or urlsplit(origin).netloc.lower() == given.lower()
        if origin is not None and not ours and origin.lower() not in self._origins:
            return 403, "cross_origin", f"an Origin with the host {given}", repr(origin[:100])
        return None

    def _is_ours(self, name: str) -> bool:
        if is_loopback(name) or name == self._host:
            return True
        # An address cannot be rebound to another machine; a name can.
        return self._allow_remote and _address(name) is not None


def _name_of(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
