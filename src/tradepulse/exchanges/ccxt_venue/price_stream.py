"""The last prices of the prepared pairs, and what they reached since the engine last looked."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Any

from tradepulse.exchanges.ccxt_venue.keeping_up import keep_up
from tradepulse.exchanges.dialect import Dialect
from tradepulse.exchanges.venue_settings import VenueSettings
from tradepulse.execution.venue import PriceSeen

_LOG = logging.getLogger(__name__)


class PriceBoard:
    """Prices between two looks: of a hundred trades the lowest, the highest and the last, which is
    all that a level can be reached by. For any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._news: dict[str, list[PriceSeen]] = {}
        self._last: dict[str, PriceSeen] = {}

    def put(self, seen: PriceSeen) -> None:
        """A trade."""
        with self._lock:
            self._last[seen.pair] = seen
            news = self._news.get(seen.pair)
            if news is None:
                self._news[seen.pair] = [seen, seen, seen]
                return
            if seen.price < news[0].price:
                news[0] = seen
            if seen.price > news[1].price:
                news[1] = seen
            news[2] = seen

    def take(self) -> list[PriceSeen]:
        """What was reached since the last call, by time."""
        with self._lock:
            news, self._news = self._news, {}
        return [
            seen
            for prices in news.values()
            for seen in sorted(set(prices), key=lambda s: (s.time, s is prices[2]))
        ]

    def last(self, pair: str) -> PriceSeen | None:
        """The pair's last trade."""
        with self._lock:
            return self._last.get(pair)


class PriceStreams:
    """One stream of trades a pair that is followed. On the loop's thread. `on_price` is called with
    each trade, after it is on the board."""

    def __init__(
        self, client: Any, dialect: Dialect, board: PriceBoard, settings: VenueSettings,
        on_price: Callable[[PriceSeen], None],
    ) -> None:  # fmt: skip
        self._client, self._dialect, self._board = client, dialect, board
        self._settings, self._on_price = settings, on_price
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._heard_at: dict[str, float] = {}
        self._flowing: dict[str, asyncio.Event] = {}
        self.faults = 0

    def start(self, pair: str) -> None:
        """Begins to follow the pair; twice is once."""
        if pair not in self._tasks:
            self._heard_at[pair] = asyncio.get_running_loop().time()
            self._flowing[pair] = asyncio.Event()
            self._tasks[pair] = [
                asyncio.create_task(self._follow(pair)),
                asyncio.create_task(self._watch(pair)),
            ]

    async def seed(self, pair: str) -> None:
        """Takes the last price by REST, where none has come yet."""
        if self._board.last(pair) is None:
            seen = await self._dialect.last_price(pair)
            if self._board.last(pair) is None:
                self._board.put(seen)

    async def flowing(self, pair: str, within_s: float) -> bool:
        """Whether the venue sends the pair's trades, waited for."""
        try:
            await asyncio.wait_for(self._flowing[pair].wait(), within_s)
        except TimeoutError:
            return False
        return True

    def read(self, socket: Any, message: Any) -> bool:
        """Takes the price in a frame; whether it was a trade, which nobody else need see."""
        seen = self._dialect.read_price(message)
        if seen is None:
            self._acknowledged(socket, message)
            return False
        if seen.pair in self._tasks:
            self._heard_at[seen.pair] = asyncio.get_running_loop().time()
            self._board.put(seen)
            self._on_price(seen)
        return True

    def _acknowledged(self, socket: Any, message: Any) -> None:
        """The answer to a subscription: what its socket brings flows from now on."""
        if isinstance(message, dict) and "id" in message and "result" in message:
            for pair, flows in self._flowing.items():
                if not flows.is_set() and self._dialect.price_socket(pair) is socket:
                    flows.set()

    async def stop(self) -> None:
        """Ends all of it."""
        tasks = [task for both in self._tasks.values() for task in both]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self, pair: str) -> None:
        def fell(error: Exception) -> None:
            self.faults += 1
            _LOG.warning("prices of %s are down: %s", pair, error)

        await keep_up(
            _nothing, lambda: self._dialect.follow_price(pair), up=_nothing, down=fell,
            pauses_s=self._settings.retry_s,
        )  # fmt: skip

    async def _watch(self, pair: str) -> None:
        """A quiet pair is asked for its last trade: one that the stream has not told means that the
        stream is dead, not the market quiet."""
        loop, quiet = asyncio.get_running_loop(), self._settings.quiet_prices_s
        while True:
            await asyncio.sleep(quiet / 2)
            if loop.time() - self._heard_at[pair] < quiet:
                continue
            try:
                newest = await self._dialect.last_trade(pair)
            except Exception as error:  # noqa: BLE001 - asked again in a while
                _LOG.info("the last trade of %s could not be asked for: %s", pair, error)
                continue
            told = self._board.last(pair)
            if newest is not None and (told is None or newest.time > told.time):
                self._board.put(newest)
                self._on_price(newest)
                socket = self._dialect.price_socket(pair)
                if socket is not None:
                    self._client.drop_socket(socket, "the stream of trades has fallen silent")
            self._heard_at[pair] = loop.time()


async def _nothing() -> None:
    return
