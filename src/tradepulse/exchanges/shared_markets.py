"""What a venue lists, asked for once by all connections to the same address.

Ten wallets that start together would each fetch and take apart the same list: at a real venue some
megabytes, a second of work and thirty megabytes of memory, ten times.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

# Asked for again, a list this old is the same one: connections that start together, or whose hour
# of the same terms is over together.
SHARED_S = 60.0
# What ccxt makes of a list: the fields that `set_markets_from_exchange` reads.
_PARTS = (
    "id", "markets", "markets_by_id", "symbols", "ids", "currencies", "currencies_by_id",
    "baseCurrencies", "quoteCurrencies", "codes",
)  # fmt: skip


class _Shelf:
    """The list of one address, and which client fetched it."""

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.source: int | None = None
        self.listed: SimpleNamespace | None = None
        self.at = 0.0


# By loop: the connections of one belong to one engine, and end with it.
_shelves: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[object, _Shelf]] = WeakKeyDictionary()


async def share_markets(
    client: Any, address: object, fetch: Callable[[], Awaitable[Any]], mono_s: float
) -> Any:
    """The markets, which `client` then has: those that another client of `address` fetched within
    the last minute, else what `fetch` fetches for it. `mono_s`: now, by a clock that never goes
    back. Errors: those of `fetch`."""
    shelf = _shelves.setdefault(asyncio.get_running_loop(), {}).setdefault(address, _Shelf())
    async with shelf.turn:
        # A client that asks twice wants to know what has changed since its own last time.
        if shelf.listed is not None and shelf.source != id(client) and mono_s - shelf.at < SHARED_S:
            client.set_markets_from_exchange(shelf.listed)
            return client.markets
        found = await fetch()
        shelf.source, shelf.at = id(client), mono_s
        shelf.listed = SimpleNamespace(
            **{name: getattr(client, name) for name in _PARTS}, options={}
        )
        return found
