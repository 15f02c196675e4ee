"""The market's public side: its time, its symbols and their prices."""

from __future__ import annotations

from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox import records
from tradepulse.sandbox.candles import klines
from tradepulse.sandbox.events import MarketEvent, Tick
from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.listing import Listing
from tradepulse.sandbox.replay import Replay
from tradepulse.sandbox.requests import NEWEST, Cut
from tradepulse.sandbox.symbols import SymbolSpec
from tradepulse.sandbox.tickers import (
    average_price,
    book_ticker,
    funding_rates,
    premium,
    ticker_24h,
)
from tradepulse.sandbox.values import Book, BookTicker, FundingRate, Kline, Premium, Ticker24h

_SPOT, _PERPETUAL = Market.SPOT, Market.PERPETUAL


class PriceDesk:
    """What anybody may ask. Unknown symbols: `VenueError` -1121."""

    def __init__(self, floor: Floor, start: int, end: int) -> None:
        self._floor = floor
        self._start, self._end = start, end
        self._replay = Replay(floor)
        # What has begun by then is on the tape before anybody looks.
        self._replay.advance(start)
        floor.take_events()

    # --- time -------------------------------------------------------------------------------------
    @property
    def now(self) -> int:
        """Market time, UTC milliseconds."""
        return self._floor.now

    @property
    def start(self) -> int:
        """Where the replay began; what is before it is history."""
        return self._start

    @property
    def end(self) -> int:
        """When the last bar closes."""
        return self._end

    @property
    def finished(self) -> bool:
        """Whether no bar is left to replay."""
        return self._replay.finished

    def advance(self, to_ms: int) -> list[MarketEvent]:
        """Everything that happened up to and including `to_ms`, in order of time; what requests
        caused before (not yet drained) first. A time in the past changes nothing."""
        if to_ms > self.now:
            self._replay.advance(to_ms)
        return self._floor.take_events()

    def drain(self) -> list[MarketEvent]:
        """What requests caused since the last `advance` or `drain`."""
        return self._floor.take_events()

    # --- symbols ----------------------------------------------------------------------------------
    def specs(self, market: Market) -> tuple[SymbolSpec, ...]:
        """What each symbol of the market demands and charges."""
        return tuple(each.spec for each in self._floor.listings if each.market is market)

    def spec(self, market: Market, symbol: str) -> SymbolSpec:
        """Error -1121 for a symbol that is not there."""
        return self._listing(market, symbol).spec

    def set_status(self, market: Market, symbol: str, status: str) -> None:
        """TRADING or BREAK (halted: orders are refused, prices stand still)."""
        self._listing(market, symbol).change_status(status)

    def change_filters(self, market: Market, symbol: str, **changes: Decimal | int) -> SymbolSpec:
        """The spec with new filters, in force for orders placed from now on."""
        return self._listing(market, symbol).change_filters(changes)

    # --- prices -----------------------------------------------------------------------------------
    def klines(
        self,
        market: Market,
        symbol: str,
        interval: str,
        *,
        start: int | None = None,
        end: int | None = None,
        limit: int = 500,
        price: str = "last",
    ) -> list[Kline]:
        """Bars by open time in [start, end], the forming one last; the newest `limit` without
        `start`, the first from it otherwise. `price`: last, mark or index. Error -1120 for an
        interval finer than kept or unknown."""
        listing = self._listing(market, symbol)
        return klines(
            listing, interval, start=start, end=end, limit=limit, price=price, now=self.now
        )

    def book(self, market: Market, symbol: str, limit: int = 100) -> Book:
        """The book as it stands, at most `limit` levels a side."""
        listing = self._listing(market, symbol)
        sides = (listing.depth.side(asks=asks)[:limit] for asks in (False, True))
        bids, asks = (
            tuple((listing.price(price), listing.quantity(lots)) for price, lots in side)
            for side in sides
        )
        return Book(listing.depth.update_id, self.now, bids, asks)

    def trades(self, market: Market, symbol: str, which: Cut = NEWEST) -> list[Tick]:
        """Public trades (also the aggregate ones), oldest first, of the last 1,000 kept."""
        return records.cut(self._listing(market, symbol).trades, which, lambda tick: tick.trade_id)

    def ticker24h(self, market: Market, symbol: str) -> Ticker24h:
        """The last 24 hours."""
        return ticker_24h(self._listing(market, symbol), self.now)

    def book_ticker(self, market: Market, symbol: str) -> BookTicker:
        """The best prices of both sides."""
        return book_ticker(self._listing(market, symbol), self.now)

    def last_price(self, market: Market, symbol: str) -> Decimal:
        """The price of the last public trade."""
        return self._listing(market, symbol).last_price

    def average_price(self, symbol: str) -> Decimal:
        """Spot's average over the last five minutes, weighted by volume."""
        return average_price(self._listing(_SPOT, symbol), self.now)

    def premium(self, symbol: str) -> Premium:
        """Mark price, index and the funding that comes next."""
        return premium(self._listing(_PERPETUAL, symbol), self.now)

    def funding_rates(
        self, symbol: str, *, start: int | None = None, end: int | None = None, limit: int = 100
    ) -> list[FundingRate]:
        """Settlements up to now, oldest first: the newest, or the first from `start`."""
        listing = self._listing(_PERPETUAL, symbol)
        return funding_rates(listing, start=start, end=end, limit=limit)

    def _listing(self, market: Market, symbol: str) -> Listing:
        return self._floor.listing(market, symbol)

    def _perpetuals(self, symbol: str | None) -> list[Listing]:
        if symbol is not None:
            return [self._listing(_PERPETUAL, symbol)]
        return [each for each in self._floor.listings if each.market is _PERPETUAL]
