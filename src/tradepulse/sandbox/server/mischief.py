"""Arming a fault, and those of its effects that do not wait for the next request or message."""

from __future__ import annotations

import asyncio
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from tradepulse.domain.errors import UsageError
from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.server.connection import Connection
from tradepulse.sandbox.server.exchange import Exchange
from tradepulse.sandbox.server.faults import Armed, Fault, Kind

_GOING_AWAY = 1001
_COUNTS = ("max_orders", "max_conditional_orders", "average_price_minutes")


def arm(exchange: Exchange, fault: Fault) -> Armed:
    """The fault, in force from now on. Errors: `bad_fault`, `VenueError` for no such symbol."""
    symbols = _symbols(exchange, fault)
    armed = exchange.faults.arm(fault, exchange.wall_ms())
    try:
        _begin(exchange, armed, symbols)
    except (UsageError, VenueError):
        clear(exchange, armed.id)
        raise
    if fault.for_ms is not None:
        asyncio.get_running_loop().call_later(fault.for_ms / 1000, clear, exchange, armed.id)
    return armed


def _begin(exchange: Exchange, armed: Armed, symbols: list[tuple[Market, str]]) -> None:
    fault = armed.fault
    match fault.kind:
        case Kind.DISCONNECT if fault.probability is None:
            _disconnect(exchange, armed)
        case Kind.SILENT:
            _silence(exchange, armed)
        case Kind.LISTEN_KEY_EXPIRED:
            _end_user_streams(exchange, armed)
        case Kind.MAINTENANCE:
            for connection in list(exchange.hub.connections()):
                exchange.hub.cut_connection(connection, _GOING_AWAY)
        case Kind.HALT:
            for market, symbol in symbols:
                exchange.market.set_status(market, symbol, "BREAK")
        case Kind.FILTER_CHANGE:
            changes = {name: _number(name, text) for name, text in fault.filters.items()}
            for market, symbol in symbols:
                _change_filters(exchange, armed, market, symbol, changes)


def clear(exchange: Exchange, number: int | None = None) -> int:
    """How many faults were disarmed: one by its number, or all. What they hold is let go."""
    gone = exchange.faults.clear(number)
    for armed in gone:
        if armed.fault.kind is Kind.HALT:
            for market, symbol in _symbols(exchange, armed.fault):
                exchange.market.set_status(market, symbol, "TRADING")
        for undo in reversed(armed.undo):
            undo()
    return len(gone)


def _symbols(exchange: Exchange, fault: Fault) -> list[tuple[Market, str]]:
    """The symbols a fault is about: `symbol` on every market that `on` does not rule out."""
    if fault.kind not in (Kind.HALT, Kind.FILTER_CHANGE):
        return []
    found = [
        (market, spec.symbol)
        for market in Market
        for spec in exchange.market.specs(market)
        if fault.symbol in (None, spec.symbol)
        and any(fnmatchcase(n, fault.on) for n in (spec.symbol, f"{market.value}:{spec.symbol}"))
    ]
    if not found:
        raise UsageError(
            "bad_fault", "the fault is about no symbol of this sandbox",
            expected="symbol: BTCUSDT, on: spot:* or perpetual:*", found=repr(fault.symbol),
        )  # fmt: skip
    return found


def _number(name: str, text: str) -> Decimal | int:
    try:
        return int(text) if name in _COUNTS else Decimal(text)
    except (ValueError, InvalidOperation):
        raise UsageError(
            "bad_fault", f"the filter {name} is no number", expected="a number", found=repr(text)
        ) from None


def _change_filters(
    exchange: Exchange, armed: Armed, market: Market, symbol: str,
    changes: dict[str, Decimal | int],
) -> None:  # fmt: skip
    before = exchange.market.spec(market, symbol).filters
    unknown = [name for name in changes if not hasattr(before, name)]
    if unknown or not changes:
        raise UsageError(
            "bad_fault", "there is no such filter",
            expected="filters: {min_notional, tick, lot, min_quantity, ...: number}",
            found=", ".join(unknown) or "none",
        )  # fmt: skip
    kept: dict[str, Any] = {name: getattr(before, name) for name in changes}
    exchange.market.change_filters(market, symbol, **changes)
    armed.undo.append(lambda: exchange.market.change_filters(market, symbol, **kept))


def _disconnect(exchange: Exchange, armed: Armed) -> None:
    met = exchange.hub.meeting(armed.fault)
    if met and armed.strike():
        for connection in met:
            exchange.hub.cut_connection(connection, armed.fault.code)


def _silence(exchange: Exchange, armed: Armed) -> None:
    """Those sockets that are open now say nothing more; a client that reconnects is heard."""

    for connection in exchange.hub.meeting(armed.fault):
        probability = armed.fault.probability
        if probability is None or armed.random.random() < probability:
            armed.struck += 1
            connection.muted, connection.pongs = True, armed.fault.pong
            armed.undo.append(partial(_speak, connection))


def _speak(connection: Connection) -> None:
    connection.muted, connection.pongs = False, True


def _end_user_streams(exchange: Exchange, armed: Armed) -> None:
    fault = armed.fault
    for listen_key in list(exchange.listen_keys.values()):
        if fault.key in (None, listen_key.key) and _is_about(fault, Market.PERPETUAL):
            armed.struck += 1
            exchange.expire(listen_key)
    for topic in exchange.hub.topics():
        market, _, stream = topic.partition(":")
        key = stream.removeprefix("user:")
        if market != Market.SPOT.value or key == stream or not _is_about(fault, Market.SPOT):
            continue
        if fault.key in (None, key):
            armed.struck += 1
            exchange.end_spot_stream(topic)
    armed.left = 0 if armed.left is not None else None


def _is_about(fault: Fault, market: Market) -> bool:
    return any(fnmatchcase(name, fault.on) for name in ("user", f"{market.value}:user"))
