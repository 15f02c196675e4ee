"""The markets of a venue, loaded once for all connections to one address.

A venue lists hundreds of instruments and weighs the question for them; forty connections that each
asked, and each kept, would be forty times the same.
"""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary, WeakSet


@dataclass
class _Shelf:
    """`holders`: open clients that have the markets as they were at `at`, monotonic seconds."""

    holders: WeakSet[Any] = field(default_factory=WeakSet)
    at: float = -math.inf
    loading: asyncio.Task[Any] | None = None


_shelves: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[object, _Shelf]] = WeakKeyDictionary()


async def learn_markets(client: Any, most_age_s: float = math.inf) -> None:
    """Has `client` know the venue's markets, as they were at most `most_age_s` ago: those of
    another open client of its address, or asked for. Errors are the client's."""
    shelf = _shelf_of(client)
    if not _has_fresh(shelf, most_age_s):
        if shelf.loading is None or shelf.loading.done():
            shelf.loading = asyncio.ensure_future(_load(client, shelf))
            # Whoever waited may have given up meanwhile: then nobody hears of its error.
            shelf.loading.add_done_callback(lambda task: task.cancelled() or task.exception())
        await asyncio.shield(shelf.loading)
    source = _holder(shelf)
    if source is not None and client not in shelf.holders:
        client.set_markets_from_exchange(source)
        shelf.holders.add(client)


async def _load(client: Any, shelf: _Shelf) -> None:
    await client.load_markets(True)
    # Who holds older ones asks for himself when he needs fresh ones.
    shelf.holders, shelf.at = WeakSet([client]), time.monotonic()


def _has_fresh(shelf: _Shelf, most_age_s: float) -> bool:
    return _holder(shelf) is not None and time.monotonic() - shelf.at < most_age_s


def _holder(shelf: _Shelf) -> Any | None:
    """An open client that has the markets: with the last one closed they are forgotten, lest they
    be those of another venue that was at the address before."""
    return next((held for held in shelf.holders if not held.closed_by_user), None)


def _shelf_of(client: Any) -> _Shelf:
    shelves = _shelves.setdefault(asyncio.get_running_loop(), {})
    return shelves.setdefault(client.address, _Shelf())
