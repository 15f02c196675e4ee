"""One kline stream: every bar once as closed, and the forming bar as it grows."""

from __future__ import annotations

from collections.abc import Iterator

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.market import SandboxMarket
from tradepulse.sandbox.server.market_json import Row, kline_event

_PAGE = 1000


class KlineStream:
    """The bars of one symbol and interval, from the one that is forming now on."""

    def __init__(self, market: SandboxMarket, venue: Market, symbol: str, interval: str) -> None:
        self._market = market
        self._venue = venue
        self._symbol = symbol
        self._interval = interval
        newest = market.klines(venue, symbol, interval, limit=1)
        self._from = newest[-1].open_time if newest else 0

    def messages(self) -> Iterator[Row]:
        """What happened to the bars since the last call, each closed bar with `x` true."""
        while True:
            bars = self._market.klines(
                self._venue, self._symbol, self._interval, start=self._from, limit=_PAGE
            )
            for bar in bars:
                closed = bar.close_time < self._market.now
                yield kline_event(self._symbol, self._interval, bar, closed, self._market.now)
                if closed:
                    self._from = bar.close_time + 1
            if len(bars) < _PAGE:
                return
