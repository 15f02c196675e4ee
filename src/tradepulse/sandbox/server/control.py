"""The control routes: faults, the clock, accounts, and the sandbox's own truth.

Not part of Binance's protocol, and neither signed nor metered: whoever can reach the port may use
them, which is why the server listens on loopback unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from aiohttp import web

from tradepulse.domain.errors import TradePulseError, UsageError
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.server.exchange import Exchange
from tradepulse.sandbox.server.faults import Armed, Fault
from tradepulse.sandbox.server.mischief import arm, clear

Document = dict[str, Any]
_BAD_REQUEST = 422


def add_control_routes(router: web.UrlDispatcher, exchange: Exchange) -> None:
    """The routes below `/control`."""

    def serve(method: str, path: str, act: Callable[[Exchange, Document], Any]) -> None:
        async def handle(request: web.Request) -> web.Response:
            return await _answer(exchange, request, act)

        router.add_route(method, f"/control/{path}", handle)

    serve("POST", "fault", arm_fault)
    serve("GET", "fault", list_faults)
    serve("DELETE", "fault", clear_faults)
    serve("POST", "clock", set_clock)
    serve("GET", "clock", clock)
    serve("POST", "account", open_account)
    serve("GET", "state", state)


async def _answer(
    exchange: Exchange, request: web.Request, act: Callable[[Exchange, Document], Any]
) -> web.Response:
    try:
        document = orjson.loads(await request.read() or b"{}")
        if not isinstance(document, dict):
            raise UsageError("bad_request", "the request is no object", expected="a JSON object")
        status, answer = 200, act(exchange, {**dict(request.query), **document})
    except orjson.JSONDecodeError as error:
        status = _BAD_REQUEST
        answer = {"error": UsageError("bad_request", str(error), expected="JSON").as_dict()}
    except TradePulseError as error:
        status, answer = error.http_status, {"error": error.as_dict()}
    except VenueError as error:
        status, answer = _BAD_REQUEST, {"error": {"code": str(error.code), "message": str(error)}}
    body = orjson.dumps(answer, default=str, option=orjson.OPT_NON_STR_KEYS)
    return web.Response(body=body, status=status, content_type="application/json")


# --- faults ---------------------------------------------------------------------------------------
def arm_fault(exchange: Exchange, document: Document) -> Document:
    """The armed fault, with the number that clears it."""
    return _armed_row(arm(exchange, Fault.read(document)))


def list_faults(exchange: Exchange, _: Document) -> Document:
    return {"items": [_armed_row(a) for a in exchange.faults.armed(exchange.wall_ms())]}


def clear_faults(exchange: Exchange, document: Document) -> Document:
    """All faults, or the one numbered `id`, no longer in force."""
    number = document.get("id")
    return {"cleared": clear(exchange, None if number is None else int(number))}


def _armed_row(armed: Armed) -> Document:
    return {"id": armed.id, "struck": armed.struck, "left": armed.left, **asdict(armed.fault)}


# --- clock ----------------------------------------------------------------------------------------
def set_clock(exchange: Exchange, document: Document) -> Document:
    """The clock after `speed`, `pause` or `step_ms` (or several of them, in this order)."""
    unknown = sorted(set(document) - {"speed", "pause", "step_ms"})
    if unknown or not document:
        raise UsageError(
            "bad_clock", "the clock cannot be told that",
            expected="speed, pause or step_ms", found=", ".join(unknown) or "nothing",
        )  # fmt: skip
    exchange.turn()
    if "speed" in document:
        exchange.pacer.run_at(_float(document["speed"]), exchange.market.now)
    if "pause" in document:
        exchange.pacer.pause(bool(document["pause"]), exchange.market.now)
    if "step_ms" in document:
        exchange.step(int(_float(document["step_ms"])))
    return clock(exchange, {})


def clock(exchange: Exchange, _: Document) -> Document:
    market = exchange.market
    return {
        "now": market.now, "start": market.start, "end": market.end,
        "speed": exchange.pacer.speed, "finished": market.finished,
        "lost_ms": exchange.pacer.lost_ms,
    }  # fmt: skip


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UsageError(
            "bad_clock", "the clock takes numbers", expected="a number", found=repr(value)
        ) from None


# --- accounts and truth ---------------------------------------------------------------------------
def open_account(exchange: Exchange, document: Document) -> Document:
    """A new account, or more money in one that is there: `key`, `secret`, `balances` (spot),
    `futures_balance` (USDT), `can_withdraw`, `pays_fees_in_bnb`."""
    key, secret = document.get("key"), document.get("secret")
    if not key or not secret:
        raise UsageError(
            "bad_account", "an account needs a key and a secret",
            expected="key, secret, balances, futures_balance, can_withdraw", found=str(document),
        )  # fmt: skip
    balances = {str(a): _money(v) for a, v in (document.get("balances") or {}).items()}
    exchange.open_account(
        str(key), str(secret), balances, _money(document.get("futures_balance", 0)),
        can_withdraw=bool(document.get("can_withdraw")),
        pays_fees_in_bnb=bool(document.get("pays_fees_in_bnb")),
    )  # fmt: skip
    return {"key": str(key)}


def _money(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise UsageError(
            "bad_account", "a balance is a number", expected="a number", found=repr(value)
        ) from None


def state(exchange: Exchange, _: Document) -> Document:
    """Everything the sandbox knows to be so: orders, trades, balances, positions by account, the
    requests it saw, the faults and who is connected."""
    return {
        **exchange.market.truth(),
        "clock": clock(exchange, {}),
        "requests": dict(exchange.requests),
        "answers": dict(exchange.answers),
        "rate_refusals": exchange.meter.refused,
        "faults": {**list_faults(exchange, {}), "struck": exchange.faults.struck},
        "connections": [
            {"place": c.place, "topics": sorted(c.topics), "muted": c.muted}
            for c in sorted(exchange.hub.connections(), key=lambda c: c.number)
        ],
        "messages_sent": exchange.hub.sent,
    }
