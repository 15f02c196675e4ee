"""The trading floor: every symbol, every account, the time, and what has happened on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.accounts import Account
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.events import BookChanged, MarketEvent
from tradepulse.sandbox.listing import Listing


@dataclass
class Numbers:
    """Sequences of ids. Those of markets and kinds do not overlap, so that a mix-up shows."""

    orders: dict[Market, count[int]] = field(
        default_factory=lambda: {Market.SPOT: count(10_000_001), Market.PERPETUAL: count(8_000_001)}
    )
    algos: count[int] = field(default_factory=lambda: count(2_000_000_001))
    lists: count[int] = field(default_factory=lambda: count(5_001))
    trades: dict[Market, count[int]] = field(
        default_factory=lambda: {Market.SPOT: count(1_000_001), Market.PERPETUAL: count(3_000_001)}
    )
    prints: count[int] = field(default_factory=lambda: count(1))
    incomes: count[int] = field(default_factory=lambda: count(9_001))
    resting: count[int] = field(default_factory=lambda: count(1))
    client_ids: count[int] = field(default_factory=lambda: count(1))


class Floor:
    """The state that every part of the market works on."""

    def __init__(self, listings: Sequence[Listing], *, strict_client_ids: bool) -> None:
        self.now = 0
        self.strict_client_ids = strict_client_ids
        self.numbers = Numbers()
        self.accounts: dict[str, Account] = {}
        self.listings = list(listings)
        self._by_symbol = {(each.market, each.symbol): each for each in listings}
        self.outbox: list[MarketEvent] = []

    def emit(self, event: MarketEvent) -> None:
        self.outbox.append(event)

    def take_events(self) -> list[MarketEvent]:
        events, self.outbox = self.outbox, []
        return events

    def listing(self, market: Market, symbol: str) -> Listing:
        """Error -1121."""
        found = self._by_symbol.get((market, symbol))
        if found is None:
            raise VenueError(-1121, "Invalid symbol.")
        return found

    def find(self, market: Market, symbol: str) -> Listing | None:
        return self._by_symbol.get((market, symbol))

    def account(self, key: str) -> Account:
        """Error -2015."""
        found = self.accounts.get(key)
        if found is None:
            raise VenueError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return found

    def tell_book(self, listing: Listing) -> None:
        """A book event, where the book moved since the last one."""
        if listing.depth.update_id != listing.told_update_id:
            listing.told_update_id = listing.depth.update_id
            self.emit(
                BookChanged(listing.market, listing.symbol, self.now, listing.depth.update_id)
            )

    def client_id(self, given: str | None) -> str:
        """The given id, else one of the venue's making."""
        return given if given else f"sandbox{next(self.numbers.client_ids):015d}"
