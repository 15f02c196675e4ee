"""What the market says on its public streams after time has moved.

A turn of the replay may hold many trades. Trades are told one by one; everything that has a newest
state (forming bars, books, tickers, marks) is told once a turn, and only where somebody listens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.events import (
    BarUpdate,
    BookChanged,
    MarketEvent,
    MarkPrice,
    OrderEvent,
    Tick,
)
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.server import market_json
from tradepulse.sandbox.server.depth_stream import DepthStream
from tradepulse.sandbox.server.hub import Hub, market_topic, user_topic
from tradepulse.sandbox.server.kline_stream import KlineStream
from tradepulse.sandbox.server.stream_names import Stream, read_stream
from tradepulse.sandbox.server.user_events import user_message

Symbols = set[tuple[Market, str]]


class Streams:
    """Turns events into messages of the topics that have listeners."""

    def __init__(self, market: SandboxMarket, hub: Hub) -> None:
        self._market = market
        self._hub = hub
        self._names: dict[str, Stream] = {}
        self._klines: dict[str, KlineStream] = {}
        self._depths: dict[tuple[Market, str], DepthStream] = {}

    def open(self, market: Market, name: str) -> str:
        """The topic of a stream, ready to be listened to. Error: `VenueError` for no stream."""
        stream = read_stream(self._market, market, name)
        topic = market_topic(market, name)
        self._names[topic] = stream
        if stream.kind == "depth" and (market, stream.symbol) not in self._depths:
            self._depths[market, stream.symbol] = DepthStream(self._market, market, stream.symbol)
        if stream.kind == "kline" and topic not in self._klines:
            self._klines[topic] = KlineStream(self._market, market, stream.symbol, stream.detail)
        return topic

    def publish(self, events: Sequence[MarketEvent]) -> None:
        """Tells all that listen what happened."""
        if not events:
            return
        self._forget_unheard()
        moved: Symbols = set()
        books: Symbols = set()
        marks: Symbols = set()
        for event in events:
            match event:
                case Tick():
                    moved.add((event.market, event.symbol))
                    self._tell_trade(event)
                case BarUpdate():
                    moved.add((event.market, event.symbol))
                case BookChanged():
                    books.add((event.market, event.symbol))
                case MarkPrice():
                    marks.add((Market.PERPETUAL, event.symbol))
                case _:
                    self._tell_user(event)
        self._tell_states(moved, books, marks)

    def level_depth(self, market: Market, symbol: str) -> None:
        """Brings the depth stream up to the book as it is now.

        A snapshot taken between two updates would hold levels that no later update takes away.
        """
        self._tell_depth({(market, symbol)})

    # --- one by one -------------------------------------------------------------------------------
    def _tell_trade(self, tick: Tick) -> None:
        symbol = tick.symbol.lower()
        topic = market_topic(tick.market, f"{symbol}@trade")
        if self._hub.has(topic):
            self._hub.publish(topic, market_json.trade_event(tick))
        topic = market_topic(tick.market, f"{symbol}@aggTrade")
        if self._hub.has(topic):
            self._hub.publish(topic, market_json.agg_trade_event(tick))

    def _tell_user(self, event: MarketEvent) -> None:
        told = user_message(event)
        if told is not None:
            market, key, message = told
            self._hub.publish(user_topic(market, key), message)
        if isinstance(event, OrderEvent) and event.execution == "CALCULATED":
            topic = market_topic(event.market, f"{event.order.symbol.lower()}@forceOrder")
            if self._hub.has(topic):
                self._hub.publish(topic, _forced(event))

    # --- the newest state -------------------------------------------------------------------------
    def _tell_states(self, moved: Symbols, books: Symbols, marks: Symbols) -> None:
        for topic, stream in list(self._names.items()):
            where = (stream.market, stream.symbol)
            match stream.kind:
                case "kline" if where in moved:
                    for message in self._klines[topic].messages():
                        self._hub.publish(topic, message)
                case "miniTicker" | "ticker" | "markPrice" | "bookTicker" if not stream.symbol:
                    self._tell_all(topic, stream, moved, books, marks)
                case "miniTicker" | "ticker" if where in moved:
                    self._hub.publish(topic, self._ticker(stream.kind, *where))
                case "markPrice" if where in marks:
                    self._hub.publish(topic, self._mark(stream.symbol))
                case "bookTicker" if where in books:
                    self._hub.publish(topic, self._best(*where))
                case "partialDepth" if where in books:
                    self._hub.publish(topic, self._top(stream))
        self._tell_depth(books)

    def _tell_depth(self, books: Symbols) -> None:
        for where in books & self._depths.keys():
            update = self._depths[where].update()
            if update is None:
                continue
            for topic, stream in list(self._names.items()):
                if stream.kind == "depth" and (stream.market, stream.symbol) == where:
                    self._hub.publish(topic, update)

    def _tell_all(
        self, topic: str, stream: Stream, moved: Symbols, books: Symbols, marks: Symbols
    ) -> None:
        here = stream.market
        if stream.kind == "bookTicker":
            for _, symbol in sorted(w for w in books if w[0] is here):
                self._hub.publish(topic, self._best(here, symbol))
            return
        touched = marks if stream.kind == "markPrice" else moved
        symbols = sorted(symbol for market, symbol in touched if market is here)
        if symbols:
            rows = [
                self._mark(s) if stream.kind == "markPrice" else self._ticker(stream.kind, here, s)
                for s in symbols
            ]
            self._hub.publish(topic, rows)

    def _ticker(self, kind: str, market: Market, symbol: str) -> dict[str, Any]:
        ticker = self._market.ticker24h(market, symbol)
        if kind == "miniTicker":
            return market_json.mini_ticker_event(ticker, self._market.now)
        return market_json.ticker_event(market, ticker, self._market.now)

    def _mark(self, symbol: str) -> dict[str, Any]:
        return market_json.mark_price_event(self._market.premium(symbol), self._market.now)

    def _best(self, market: Market, symbol: str) -> dict[str, Any]:
        return market_json.book_ticker_event(market, self._market.book_ticker(market, symbol))

    def _top(self, stream: Stream) -> dict[str, Any]:
        book = self._market.book(stream.market, stream.symbol, int(stream.detail))
        if stream.market is Market.SPOT:
            return market_json.depth_row(stream.market, book)
        return {
            "e": "depthUpdate", "E": book.time, "T": book.time, "s": stream.symbol,
            "U": book.last_update_id, "u": book.last_update_id, "pu": book.last_update_id - 1,
            "b": market_json.levels(book.bids), "a": market_json.levels(book.asks),
        }  # fmt: skip

    def _forget_unheard(self) -> None:
        unheard = [topic for topic in self._names if not self._hub.has(topic)]
        for topic in unheard:
            del self._names[topic]
            self._klines.pop(topic, None)
        if unheard:
            kept = {(s.market, s.symbol) for s in self._names.values() if s.kind == "depth"}
            self._depths = {where: d for where, d in self._depths.items() if where in kept}


def _forced(event: OrderEvent) -> dict[str, Any]:
    order = event.order
    return {
        "e": "forceOrder", "E": event.time,
        "o": {
            "s": order.symbol, "S": order.side, "o": order.type, "f": order.time_in_force,
            "q": market_json.text(order.quantity), "p": market_json.text(order.price),
            "ap": market_json.text(order.average_price), "X": order.status,
            "l": market_json.text(event.trade.quantity if event.trade else order.executed),
            "z": market_json.text(order.executed), "T": event.time,
        },
    }  # fmt: skip
