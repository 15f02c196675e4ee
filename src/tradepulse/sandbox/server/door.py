"""Who is at the door: key, signature and clock of a request."""

from __future__ import annotations

from collections.abc import Mapping

from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.server.exchange import Exchange
from tradepulse.sandbox.server.routing import Access, Route, illegal, missing
from tradepulse.sandbox.server.signing import is_signed, is_signed_message

_DEFAULT_WINDOW_MS = 5000
_LONGEST_WINDOW_MS = 60_000
_AHEAD_MS = 1000


def admit(
    exchange: Exchange, route: Route, key: str, query: str, body: str, params: Mapping[str, str]
) -> str:
    """The API key of a REST request that may pass, "" for a public one.

    Errors: -2014, -2015, -1102, -1022, -1021, -1131.
    """
    if route.access is Access.PUBLIC:
        return ""
    secret = exchange.secret_of(key)
    if route.access is Access.SIGNED:
        if not params.get("signature"):
            raise missing("signature")
        if not is_signed(query, body, secret):
            raise VenueError(-1022, "Signature for this request is not valid.")
        check_clock(exchange, params)
    return key


def admit_message(exchange: Exchange, params: Mapping[str, str]) -> str:
    """The API key of a signed WebSocket request. Errors as `admit`."""
    key = params.get("apiKey", "")
    secret = exchange.secret_of(key)
    if not params.get("signature"):
        raise missing("signature")
    if not is_signed_message(params, secret):
        raise VenueError(-1022, "Signature for this request is not valid.")
    check_clock(exchange, params)
    return key


def check_clock(exchange: Exchange, params: Mapping[str, str]) -> None:
    """Refuses a request that is too old, or from the future: -1021.

    A client may live in wall time or in market time, which the replay stretches: what is fresh by
    one of the two is fresh.
    """
    sent = _whole(params, "timestamp")
    window = _whole(params, "recvWindow") if params.get("recvWindow") else _DEFAULT_WINDOW_MS
    if window > _LONGEST_WINDOW_MS:
        raise VenueError(-1131, f"'recvWindow' must be less than {_LONGEST_WINDOW_MS}.")
    wall = exchange.wall_ms()
    skew = exchange.faults.skew_ms(wall)
    stretch = exchange.pacer.tolerance
    clocks = ((wall + skew, 1.0), (exchange.market.now + skew, stretch))
    if any(-_AHEAD_MS * k <= now - sent <= window * k for now, k in clocks):
        return
    # Said of the clock the request is nearer to: it is the one the client lives in.
    now, _ = min(clocks, key=lambda clock: abs(clock[0] - sent))
    if sent > now:
        raise VenueError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
    raise VenueError(-1021, "Timestamp for this request is outside of the recvWindow.")


def _whole(params: Mapping[str, str], name: str) -> int:
    text = params.get(name)
    if not text:
        raise missing(name)
    if not text.isdigit():
        raise illegal(name, "^[0-9]{1,20}$")
    return int(text)
