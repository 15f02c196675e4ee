"""One book as a stream of differences with Binance's update numbers."""

from __future__ import annotations

from decimal import Decimal

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.server.market_json import Levels, Row, text

_WHOLE_BOOK = 5000
_Side = dict[Decimal, Decimal]


class DepthStream:
    """Differences between the book as last told and the book now.

    `U` is one after the `u` told before, so that a client sees a lost message as a gap; USD-M
    says that `u` again as `pu`.
    """

    def __init__(self, market: SandboxMarket, venue: Market, symbol: str) -> None:
        self._market = market
        self._venue = venue
        self._symbol = symbol
        book = market.book(venue, symbol, _WHOLE_BOOK)
        self._told = book.last_update_id
        self._bids, self._asks = dict(book.bids), dict(book.asks)

    def update(self) -> Row | None:
        """The message that leads to the book as it is; None when nothing changed."""
        book = self._market.book(self._venue, self._symbol, _WHOLE_BOOK)
        if book.last_update_id <= self._told:
            return None
        bids, asks = dict(book.bids), dict(book.asks)
        row: Row = {
            "e": "depthUpdate", "E": book.time, "s": self._symbol,
            "U": self._told + 1, "u": book.last_update_id,
            "b": _difference(self._bids, bids), "a": _difference(self._asks, asks),
        }  # fmt: skip
        if self._venue is Market.PERPETUAL:
            row |= {"T": book.time, "pu": self._told}
        self._told, self._bids, self._asks = book.last_update_id, bids, asks
        return row


def _difference(before: _Side, after: _Side) -> Levels:
    """The levels of `after` that are new or changed, and those that are gone with quantity 0."""
    rows = [[text(p), text(q)] for p, q in after.items() if before.get(p) != q]
    rows += [[text(p), "0"] for p in before if p not in after]
    return rows
