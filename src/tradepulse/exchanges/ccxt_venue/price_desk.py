"""The trades of an address, listened to once for all accounts behind it.

Twenty-five accounts that each followed the same eight pairs would read every trade twenty-five
times, on the one thread that orders leave by.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from tradepulse.domain.connection import Connection
from tradepulse.exchanges.budget import Priority, errand
from tradepulse.exchanges.ccxt_venue.dialects import dialect_of
from tradepulse.exchanges.ccxt_venue.price_stream import PriceBoard, PriceStreams
from tradepulse.exchanges.client import open_client
from tradepulse.exchanges.market_shelf import learn_markets
from tradepulse.exchanges.venue_settings import VenueSettings
from tradepulse.execution.venue import PriceSeen

_LOG = logging.getLogger(__name__)
# Bars close on the minute, and what they lead to finds connections that are open.
_MINUTE_S, _BEFORE_S = 60.0, 3.0
_MOST_WARM = 8


class PriceLink:
    """One account's part in a desk: the prices of its pairs come to its `board`. `heard` is called
    with the venue's time of each, and must not wait."""

    def __init__(self, board: PriceBoard, heard: Callable[[int], None]) -> None:
        self.board = board
        self._heard = heard
        self._desk: PriceDesk | None = None

    async def join(self, connection: Connection, settings: VenueSettings) -> None:
        """Takes part in the desk of the connection's address. Errors are its client's."""
        self._desk = await _desk_of(connection, settings, self)

    async def start(self, pair: str) -> None:
        """Begins to hear of the pair, from its last price on. Errors are the client's."""
        if self._desk is not None:
            await self._desk.follow(pair, self)

    async def flowing(self, pair: str, within_s: float) -> bool:
        """Whether the venue sends the pair's trades, waited for."""
        return self._desk is not None and await self._desk.streams.flowing(pair, within_s)

    async def leave(self) -> None:
        """Hears of nothing any more."""
        desk, self._desk = self._desk, None
        if desk is not None:
            await desk.leave(self)

    @property
    def last_message_ms(self) -> int | None:
        """When the desk's sockets last said anything, wall clock."""
        return None if self._desk is None else self._desk.last_message_ms

    def take(self, seen: PriceSeen) -> None:
        """A trade."""
        self.board.put(seen)
        self._heard(seen.time)


class PriceDesk:
    """Follows the pairs that its accounts trade. On the loop; `_desk_of` makes them."""

    def __init__(self, client: Any, connection: Connection, settings: VenueSettings) -> None:
        self._client = client
        self._board = PriceBoard()
        dialect = dialect_of(
            connection.exchange, connection.market, client, settings, lambda _: math.nan,
            lambda: time.time_ns() // 1_000_000,
        )  # fmt: skip
        self._dialect = dialect
        self.streams = PriceStreams(client, dialect, self._board, settings, self._tell)
        self.links: dict[PriceLink, set[str]] = {}
        self.ready = asyncio.ensure_future(self._open())
        # Whoever waits for it hears of its error; where all have given up, nobody does.
        self.ready.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._seeding: dict[str, asyncio.Task[None]] = {}
        self._warmth: asyncio.Task[None] | None = None

    @property
    def last_message_ms(self) -> int | None:
        """When its sockets last said anything, wall clock; None before their first word."""
        heard: int | None = self._client.last_message_ms
        return heard

    async def follow(self, pair: str, link: PriceLink) -> None:
        """Has `link` hear of the pair."""
        self.streams.start(pair)
        self.links[link].add(pair)
        await self._seed(pair)
        seen = self._board.last(pair)
        if seen is not None and link.board.last(pair) is None:
            link.board.put(seen)

    async def _seed(self, pair: str) -> None:
        task = self._seeding.get(pair)
        if task is None:
            with errand(Priority.LOOK):
                task = self._seeding[pair] = asyncio.create_task(self.streams.seed(pair))
        try:
            await asyncio.shield(task)
        finally:
            if task.done():
                self._seeding.pop(pair, None)

    async def leave(self, link: PriceLink) -> None:
        """The link goes; with the last one the desk ends."""
        self.links.pop(link, None)
        if not self.links:
            _forget(self)
            await self.close()

    async def close(self) -> None:
        """Ends all of it."""
        if self._warmth is not None:
            self._warmth.cancel()
            await asyncio.gather(self._warmth, return_exceptions=True)
        await self.streams.stop()
        await self._client.close()

    async def _open(self) -> None:
        with errand(Priority.LOOK):
            await learn_markets(self._client)
        self._client.add_tap(self.streams.read)
        self._warmth = asyncio.create_task(self._keep_warm())

    def _tell(self, seen: PriceSeen) -> None:
        for link, pairs in self.links.items():
            if seen.pair in pairs:
                link.take(seen)

    async def _keep_warm(self) -> None:
        """Opens connections a moment before each minute, as many as there may be orders for."""
        while True:
            into = time.time() % _MINUTE_S
            await asyncio.sleep((_MINUTE_S - _BEFORE_S - into) % _MINUTE_S or _MINUTE_S)
            count = min(_MOST_WARM, len(self.links))
            told = await asyncio.gather(*(self._ping() for _ in range(count)),
                                        return_exceptions=True)  # fmt: skip
            for error in told:
                if isinstance(error, Exception):
                    _LOG.info("a connection could not be opened ahead: %s", error)

    async def _ping(self) -> None:
        with errand(Priority.DATA, 500):
            await self._dialect.ping()


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[object, PriceDesk]] = WeakKeyDictionary()


async def _desk_of(connection: Connection, settings: VenueSettings, link: PriceLink) -> PriceDesk:
    of, desks = connection, _desks.setdefault(asyncio.get_running_loop(), {})
    address = of.exchange, of.market, of.base_url or str(of.mode)
    desk = desks.get(address)
    if desk is None:
        client = open_client(of.exchange, of.market, of.mode, of.base_url)
        desk = desks[address] = PriceDesk(client, of, settings)
    desk.links[link] = set()
    try:
        await asyncio.shield(desk.ready)
    except BaseException:
        await desk.leave(link)
        raise
    return desk


def _forget(desk: PriceDesk) -> None:
    desks = _desks.get(asyncio.get_running_loop(), {})
    for address in [address for address, held in desks.items() if held is desk]:
        del desks[address]
