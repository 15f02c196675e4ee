"""Where Binance's requests and streams go, and how all of them are sent to a sandbox instead."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from tradepulse.domain.errors import UsageError

# What a sandbox does not serve goes to a port where nobody listens, so that no request can leave
# for the real venue by a way that was forgotten.
_NOWHERE = "http://127.0.0.1:9/not-served"
_NOWHERE_WS = "ws://127.0.0.1:9/not-served"

_REST = {
    "public": "/api/v3", "private": "/api/v3", "v1": "/api/v1", "sapi": "/sapi/v1",
    "sapiV2": "/sapi/v2", "sapiV3": "/sapi/v3", "sapiV4": "/sapi/v4",
    "fapiPublic": "/fapi/v1", "fapiPublicV2": "/fapi/v2", "fapiPublicV3": "/fapi/v3",
    "fapiPrivate": "/fapi/v1", "fapiPrivateV2": "/fapi/v2", "fapiPrivateV3": "/fapi/v3",
    "fapiData": "/futures/data",
}  # fmt: skip
# ccxt tells spot from contracts by "/stream" in the socket's address alone: with it missing every
# spot stream waits for ever, with it present contracts are filed as spot.
_STREAMS = {"spot": "/stream/ws", "linear": "/f/ws"}
_WS_API = {"spot": "/ws-api/v3", "linear": "/ws-fapi/v1"}


def redirect(urls: dict[str, Any], base_url: str) -> None:
    """Points every address in ccxt's `urls` to the server at `base_url`. Error
    `bad_base_url`."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise UsageError(
            "bad_base_url", "the exchange's address is no URL",
            expected="http://host:port", found=repr(base_url),
        )  # fmt: skip
    rest = base_url.rstrip("/")
    sockets = ("wss" if parts.scheme == "https" else "ws") + rest[len(parts.scheme) :]
    api: dict[str, Any] = {}
    for name, was in urls["api"].items():
        if name != "ws":
            served = name in _REST and isinstance(was, str)
            api[name] = rest + _REST[name] if served else _NOWHERE
    # A demo account has no sapi; a sandbox does.
    api["sapi"] = rest + _REST["sapi"]
    api["fapiData"] = rest + _REST["fapiData"]
    api["ws"] = dict.fromkeys(urls["api"].get("ws", {}), _NOWHERE_WS)
    api["ws"] |= {name: sockets + path for name, path in _STREAMS.items()}
    api["ws"]["ws-api"] = {name: sockets + path for name, path in _WS_API.items()}
    api["ws"]["ws-api"]["inverse"] = _NOWHERE_WS
    urls["api"] = api
