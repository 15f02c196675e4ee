"""What the venue adapter asks of the part that knows one venue's own language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from tradepulse.domain.market_terms import MarketTerms
from tradepulse.execution.orders import Order
from tradepulse.execution.venue import (
    Balance,
    PriceSeen,
    VenueFill,
    VenueOrder,
    VenuePosition,
)


# --- what an account's stream says ----------------------------------------------------------------
class OrderHeard(NamedTuple):
    """The order as it now is; UNKNOWN: the venue used a word that we do not know."""

    order: VenueOrder
    reason: str | None = None


class FillHeard(NamedTuple):
    """`forced`: the venue closed the position by itself. `owed`: how much of the order has filled
    with this, NaN when it did not say."""

    fill: VenueFill
    forced: bool
    owed: float


class FundingHeard(NamedTuple):
    """`pair` is None where the venue did not name it."""

    pair: str | None
    cash: float
    time: int


class SessionEnded(NamedTuple):
    """The venue will send nothing more on this session."""

    reason: str


Heard = OrderHeard | FillHeard | FundingHeard | SessionEnded


class Landed(NamedTuple):
    """An order as the venue answers about it, with the fills that it told."""

    order: VenueOrder
    fills: tuple[VenueFill, ...] = ()


class Malformed(Exception):  # noqa: N818 - said of an answer, not of our code
    """An answer that is no answer: 200, and not the document it should be."""


class Dialect(Protocol):
    """One account on one market of one venue, in asyncio, through one ccxt client.

    Errors are the client's; `Malformed` for an answer that does not say what became of the request.
    No method repeats a request.
    """

    # --- the account's stream ---------------------------------------------------------------------
    async def open_session(self) -> None:
        """Makes the venue send this account's events; returns once it does."""
        ...

    async def follow(self) -> None:
        """Waits for something to happen on the session; raises when its socket is gone."""
        ...

    def forget_session(self) -> None:
        """The next `open_session` signs in anew."""
        ...

    async def renew_session(self) -> None:
        """Keeps the session from running out, where it would."""
        ...

    def session_socket(self) -> Any | None:
        """The session's socket, None while there is none."""
        ...

    def read(self, message: Any) -> Sequence[Heard]:
        """What a frame says about the account; nothing for any other frame."""
        ...

    # --- prices and time --------------------------------------------------------------------------
    async def follow_price(self, pair: str) -> None:
        """Waits for trades of the pair; raises when their socket is gone."""
        ...

    def price_socket(self, pair: str) -> Any | None:
        """The socket that the pair's trades come by, None while there is none."""
        ...

    def read_price(self, message: Any) -> PriceSeen | None:
        """The trade in a frame, None for any other frame."""
        ...

    async def last_trade(self, pair: str) -> PriceSeen | None:
        """The pair's last trade by REST, with the time it was made."""
        ...

    async def last_price(self, pair: str) -> PriceSeen:
        """The price of the pair's last trade, as of now: the cheapest question there is for it."""
        ...

    def event_time(self, message: Any) -> int | None:
        """The venue's time that a frame bears."""
        ...

    async def server_time(self) -> int:
        """The venue's time by REST."""
        ...

    async def ping(self) -> None:
        """Asks for nothing: the lightest request there is."""
        ...

    # --- orders -----------------------------------------------------------------------------------
    async def prepare(self, pair: str, leverage: float) -> None:
        """The instrument ready for orders."""
        ...

    async def place(self, order: Order, terms: MarketTerms, last: float) -> Landed:
        """The order, taken by the venue. `last`: the last price seen, NaN for none."""
        ...

    async def place_pair(
        self, stop: Order, target: Order, terms: MarketTerms, last: float
    ) -> tuple[Landed, ...]:
        """Both, as one group that the venue keeps."""
        ...

    async def cancel(self, order: Order) -> tuple[VenueOrder, ...]:
        """The orders that are over by it."""
        ...

    async def find(self, order: Order) -> Landed | None:
        """The order with all its fills, None when the venue knows no such order."""
        ...

    # --- the account ------------------------------------------------------------------------------
    async def open_orders(self, pair: str) -> list[VenueOrder]: ...
    async def fills(self, pair: str, since_ms: int) -> list[VenueFill]: ...
    async def fills_of(self, pair: str, venue_order_id: str) -> list[VenueFill]: ...
    async def positions(self, pairs: Sequence[str]) -> list[VenuePosition]: ...
    async def balances(self) -> list[Balance]: ...

    async def funding(self, since_ms: int) -> list[FundingHeard]:
        """Settlements since then; nothing where there is no funding."""
        ...

    async def link(self, pair: str) -> None:
        """Learns which orders of the venue's own were made by conditional orders of ours."""
        ...

    def owner_of(self, venue_order_id: str) -> str | None:
        """The client order id of the conditional order that made it."""
        ...
