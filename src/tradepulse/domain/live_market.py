"""What an engine shows of the moment: last prices, order books, and how it is doing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tradepulse.domain.lifecycle import Feed


@dataclass(frozen=True)
class Quote:
    """The last traded price of a pair. `time` is the venue's, `written_at` ours: on an accelerated
    sandbox they run apart, and age is told by `written_at`."""

    feed: Feed
    exchange: str
    pair: str
    last: Decimal
    time: int
    written_at: int


@dataclass(frozen=True)
class OrderBook:
    """The best levels of a book: `levels` has `bids` and `asks`, each [price, quantity] as decimal
    text, best first."""

    feed: Feed
    exchange: str
    pair: str
    levels: Mapping[str, Any]
    time: int
    written_at: int


@dataclass(frozen=True)
class BookWish:
    """Somebody looks at a pair's book until `until_ms`, wall clock."""

    feed: Feed
    exchange: str
    pair: str
    until_ms: int


@dataclass(frozen=True)
class EngineReport:
    """How one engine process is doing. `figures` is what it measured of itself."""

    owner: str
    started_at: int
    written_at: int
    figures: Mapping[str, Any]
