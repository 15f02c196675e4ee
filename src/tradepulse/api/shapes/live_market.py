"""Prices, books and engines of the moment, as JSON."""

from __future__ import annotations

from pydantic import ConfigDict
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Document, Millis, Money, Shape
from tradepulse.domain.lifecycle import Feed

_QUOTE: JsonDict = {
    "feed": "live", "exchange": "binance", "pair": "BTC/USDT", "last": "104210.5",
    "time": 1_748_961_000_000, "written_at": 1_748_961_000_140, "age_ms": 320,
}  # fmt: skip
_BOOK: JsonDict = {
    "feed": "live", "exchange": "binance", "pair": "BTC/USDT",
    "bids": [["104210.5", "0.8"]], "asks": [["104210.6", "1.25"]],
    "time": 1_748_961_000_000, "written_at": 1_748_961_000_140, "age_ms": 320,
}  # fmt: skip


class QuoteShape(Shape):
    """The last traded price. `time` is the venue's; `age_ms` how long ago we heard it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_QUOTE]})

    feed: Feed
    exchange: str
    pair: str
    last: Money
    time: Millis
    written_at: Millis
    age_ms: int


class BookShape(Shape):
    """The best levels of an order book, [price, quantity], best first. Empty sides and null times:
    it was asked for just now, or no engine follows the venue."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BOOK]})

    feed: Feed
    exchange: str
    pair: str
    bids: list[tuple[str, str]]
    asks: list[tuple[str, str]]
    time: Millis | None
    written_at: Millis | None
    age_ms: int | None


class EngineShape(Shape):
    """An engine process. `stale`: it has not reported for longer than it should."""

    owner: str
    started_at: Millis
    written_at: Millis
    stale: bool
    figures: Document


class SystemShape(Shape):
    """The state of the house. `streams`: clients that follow events here; `free_mib` on the disk of
    the home."""

    version: str
    time: Millis
    started_at: Millis
    uptime_s: float
    database: str
    database_mib: float | None
    free_mib: float
    memory_mib: float
    last_event: int
    events_last_minute: int
    running: int
    streams: int
    engines: list[EngineShape]


class SystemPoint(Shape):
    """One report of one engine, a point of a chart."""

    owner: str
    time: Millis
    memory_mib: float | None
    cpu_s: float | None
    activations: int | None
    queued_commands: int | None
    commit_p99_ms: float | None
    worst_feed_ms: int | None
    worst_latency_ms: float | None
    weight_share: float | None


class SystemHistory(Shape):
    """Points by time, at most as many as asked for: every n-th report."""

    items: list[SystemPoint]
