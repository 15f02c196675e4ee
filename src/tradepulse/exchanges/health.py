"""How a connection is doing, as one value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ConnectionHealth:
    """`latency_ms`: the median of the last requests, None before the first. `last_message_ms` and
    `banned_until`: wall clock, UTC ms. `clock_skew_ms`: our clock less the venue's."""

    connected: bool
    latency_ms: float | None
    last_message_ms: int | None
    reconnects: int
    weight_used: int
    weight_limit: int
    orders_10s: int
    clock_skew_ms: int
    banned_until: int | None
    last_fault: str | None = None
