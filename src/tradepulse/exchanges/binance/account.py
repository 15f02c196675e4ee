"""What Binance's spot and contract accounts have in common."""

from __future__ import annotations

import asyncio
import math
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.exchanges.binance.wire import (
    Document,
    Fees,
    Symbols,
    number,
    rows,
    spot_order,
    spot_trade,
)
from tradepulse.exchanges.dialect import FundingHeard
from tradepulse.exchanges.venue_settings import VenueSettings
from tradepulse.execution.venue import PriceSeen, VenueFill, VenueOrder, VenuePosition

# The minute's comparison finds a handful of new executions: a whole page of old ones for each pair
# would be most of what it reads, and more with every day of trading.
_FEW, _PAGE = 50, 1000
_DAY_MS = 86_400_000
# What may still be asked about: open orders, and the executions of the last while. Whose an older
# one is the ledger knows, by the venue's number.
_REMEMBERED = 1_000
_TRADES = ("trade", "aggTrade")


class BinanceAccount(ABC):
    """One account through one client. Subclasses are `spot.SpotAccount` and
    `contracts.ContractAccount`."""

    market: Market
    # A query for fills that says from when may span this much; one that does not reaches back as
    # far as `recent_ms`.
    fills_window_ms: int = _DAY_MS
    recent_ms: int = 100 * 365 * _DAY_MS

    def __init__(
        self,
        client: Any,
        settings: VenueSettings,
        price_of: Callable[[str], float],
        now: Callable[[], int],
    ) -> None:
        self._client, self._settings, self._now = client, settings, now
        self._names: OrderedDict[str, str] = OrderedDict()
        self._opened: Any | None = None
        self._waiting: asyncio.Future[Any] | None = None
        self._symbols = Symbols(client, self.market)
        self._fees = Fees(price_of)

    # --- prices and time --------------------------------------------------------------------------
    async def follow_price(self, pair: str) -> None:
        """Waits for trades of the pair."""
        await self._client.watch_trades(pair)

    def price_socket(self, pair: str) -> Any | None:
        """The socket the pair's trades come by."""
        wanted = f"trade::{pair}"
        for socket in (self._client.clients or {}).values():
            if wanted in socket.futures or wanted in socket.subscriptions:
                return socket
        return None

    def read_price(self, message: Any) -> PriceSeen | None:
        """The trade in a frame."""
        event = _inner(message)
        if event is None or event.get("e") not in _TRADES:
            return None
        return PriceSeen(self._symbols.pair(event["s"]), float(event["p"]), int(event["T"]))

    async def last_trade(self, pair: str) -> PriceSeen | None:
        """The pair's last trade by REST."""
        trades = await self._client.fetch_trades(pair, None, 1)
        if not trades:
            return None
        newest = trades[-1]
        return PriceSeen(pair, float(newest["price"]), int(newest["timestamp"]))

    def event_time(self, message: Any) -> int | None:
        """The venue's time in a frame."""
        event = _inner(message)
        stamp = None if event is None else event.get("E")
        return stamp if isinstance(stamp, int) else None

    async def server_time(self) -> int:
        """The venue's time by REST."""
        return int(await self._client.fetch_time())

    # --- fills ------------------------------------------------------------------------------------
    @abstractmethod
    async def _trades(self, parameters: dict[str, Any]) -> Any:
        """The raw answer to a question for executions."""

    def _order(self, row: Document, pair: str) -> VenueOrder:
        found = spot_order(row, pair)
        self.remember(found.venue_order_id, found.client_order_id)
        return found

    def _fill(self, row: Document, pair: str) -> VenueFill:
        name = self.name_of(str(row["orderId"]))
        return spot_trade(row, pair, name, self._symbols, self._fees)

    def remember(self, venue_order_id: str, name: str) -> None:
        """Executions by REST name the venue's id alone: notes whose it is."""
        self._names[venue_order_id] = name
        self._names.move_to_end(venue_order_id)
        if len(self._names) > _REMEMBERED:
            self._names.popitem(last=False)

    def name_of(self, venue_order_id: str) -> str | None:
        """The client order id of an order, as far as this account has heard of it."""
        name = self._names.get(venue_order_id)
        if name is not None:
            self._names.move_to_end(venue_order_id)
        return name

    async def fills(self, pair: str, since_ms: int) -> list[VenueFill]:
        """The pair's executions since then, by trade id: the newest ones if they reach back far
        enough; otherwise from the first id in time on, page by page."""
        symbol = self._symbols.venue(pair)
        old = since_ms < self._now() - self.recent_ms
        found = None if old else await self._newest(symbol, since_ms)
        if found is None:
            found = await self._from(symbol, since_ms)
        kept = {int(row["id"]): row for row in found if int(row["time"]) >= since_ms}
        return [self._fill(kept[key], pair) for key in sorted(kept)]

    async def _newest(self, symbol: str, since_ms: int) -> list[Document] | None:
        """The newest executions, all since then among them; None if a page does not hold them."""
        for limit in (_FEW, _PAGE):
            found = rows(await self._trades({"symbol": symbol, "limit": limit}))
            if len(found) < limit or int(found[0]["time"]) < since_ms:
                return found
        return None

    async def _from(self, symbol: str, since_ms: int) -> list[Document]:
        """All executions from the first at or after `since_ms`."""
        first: int | None = None
        start = since_ms
        while first is None and start <= self._now():
            window = {"startTime": start, "endTime": start + self.fills_window_ms - 1}
            page = rows(await self._trades({"symbol": symbol, "limit": _PAGE, **window}))
            first = int(page[0]["id"]) if page else None
            start += self.fills_window_ms
        found: list[Document] = []
        while first is not None:
            page = rows(
                await self._trades({"symbol": symbol, "fromId": first, "limit": _PAGE})
            )  # fmt: skip
            found += page
            first = int(page[-1]["id"]) + 1 if len(page) == _PAGE else None
        return found

    async def fills_of(self, pair: str, venue_order_id: str) -> list[VenueFill]:
        """The executions of one order."""
        found = rows(
            await self._trades(
                {"symbol": self._symbols.venue(pair), "orderId": venue_order_id, "limit": _PAGE}
            )
        )
        # Asked for anything older, a venue may answer with more than was asked.
        return [self._fill(r, pair) for r in found if str(r["orderId"]) == venue_order_id]

    # --- what only contracts have -----------------------------------------------------------------
    async def positions(self, _pairs: Sequence[str]) -> list[VenuePosition]:
        """Nothing: coins are balances."""
        return []

    async def funding(self, _since_ms: int) -> list[FundingHeard]:
        """Nothing: coins pay no funding."""
        return []

    async def link(self, _pair: str) -> None:  # noqa: B027 - nothing to do is an answer
        """Nothing: a triggered stop is still the same order."""

    def owner_of(self, _venue_order_id: str) -> str | None:
        """Nobody."""
        return None

    # --- the session ------------------------------------------------------------------------------
    @abstractmethod
    def session_socket(self) -> Any | None:
        """The session's socket."""

    async def follow(self) -> None:
        """Waits for an order event. ccxt's order cache is not read: the frames are. What counts is
        that the socket is still the one that was signed in on; ccxt would dial a new one in silence
        when the old one fell while nobody waited, and what came in between would be lost."""
        if self._opened is None or self.session_socket() is not self._opened:
            raise ConnectionError("the account's socket fell")
        waiting, self._waiting = self._waiting, None
        await (waiting or self._client.watch_orders())

    async def _connected(self, url: str) -> None:
        """Waits until the socket at `url` is open; somebody waits on it from then on."""
        self._opened = None
        self._waiting = waiting = asyncio.ensure_future(self._client.watch_orders())
        try:
            await asyncio.sleep(0)
            socket = self._client.client(url)
            done, _ = await asyncio.wait(
                {waiting, socket.connected}, timeout=self._settings.wait_s,
                return_when=asyncio.FIRST_COMPLETED,
            )  # fmt: skip
            if not done:
                raise TimeoutError("the account's stream did not open")
            for future in done:
                future.result()
            self._opened = socket
        finally:
            if self._opened is None:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)

    def _socket(self, url: str | None) -> Any | None:
        return None if url is None else (self._client.clients or {}).get(url)


def _inner(message: Any) -> Document | None:
    """The event in a frame, out of the wrappers that streams and the WS-API put around it."""
    if not isinstance(message, dict):
        return None
    for wrapper in ("data", "event"):
        inside = message.get(wrapper)
        if isinstance(inside, dict):
            return inside
    return message


def inner_event(message: Any) -> Document | None:
    """The event in a frame, None for a frame that is none."""
    found = _inner(message)
    return found if found is not None and isinstance(found.get("e"), str) else None


def clamp_to_percent_price(
    price: float, trigger: float, side: int, last: float, filters: Sequence[Document]
) -> float:
    """A stop's limit pulled inside PERCENT_PRICE_BY_SIDE, never past its own trigger. The venue
    measures by an average price of minutes; the last price is what we have of it, 1 % is left for
    the difference. No last price: the limit as it is."""
    rule = next((f for f in filters if f.get("filterType") == "PERCENT_PRICE_BY_SIDE"), None)
    if rule is None or math.isnan(last):
        return price
    if side < 0:
        lowest = last * number(rule["askMultiplierDown"]) * 1.01
        return min(max(price, lowest), trigger)
    highest = last * number(rule["bidMultiplierUp"]) * 0.99
    return max(min(price, highest), trigger)
