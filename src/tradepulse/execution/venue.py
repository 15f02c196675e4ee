"""The port to a venue that is not in this process: its answers come later, or never.

Everything here is told in client order ids: the venue may know an order of ours that we have no
answer about yet, and only that id is certain on both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.execution.orders import Order
from tradepulse.risk import Approved


# --- what a venue holds ---------------------------------------------------------------------------
class VenueOrder(NamedTuple):
    """An order as the venue has it. `side` 1 buys, -1 sells; `price` is the limit, `trigger` the
    stop's trigger. `group`: the venue's id of its OCO list. Time in UTC ms."""

    client_order_id: str
    venue_order_id: str
    pair: str
    side: int
    state: OrderState
    quantity: float
    filled: float
    price: float | None
    trigger: float | None
    reduces: bool
    group: str | None
    time: int


class VenueFill(NamedTuple):
    """One execution. `fee` is in `fee_currency` as the venue took it; `fee_quote` the same in the
    quote currency at the fill's price, NaN if no price is known. `liquidity`: taker or maker."""

    trade_id: str
    client_order_id: str | None
    venue_order_id: str
    pair: str
    side: int
    quantity: float
    price: float
    fee: float
    fee_currency: str
    fee_quote: float
    liquidity: str
    time: int


class VenuePosition(NamedTuple):
    """An open contract position; `quantity` is above 0, `side` 1 long, -1 short."""

    pair: str
    side: int
    quantity: float
    entry_price: float
    mark_price: float
    liquidation_price: float | None


class Balance(NamedTuple):
    """`total` = free + locked, in units of the currency."""

    currency: str
    free: float
    total: float


class AccountSnapshot(NamedTuple):
    """The account at one moment by REST. `fills` are those since the time that was asked for, of
    the pairs that were asked for; `orders` are the open ones, conditional ones too; `funding`: the
    settlements since then."""

    time: int
    orders: tuple[VenueOrder, ...]
    fills: tuple[VenueFill, ...]
    positions: tuple[VenuePosition, ...]
    balances: tuple[Balance, ...]
    funding: tuple[FundingSettled, ...] = ()


# --- what a venue reports -------------------------------------------------------------------------
class Sent(NamedTuple):
    """The request has left this process, at `wall` (the wall clock; 0: not known)."""

    client_order_id: str
    time: int
    wall: int = 0


class Accepted(NamedTuple):
    """The venue has the order."""

    client_order_id: str
    venue_order_id: str
    time: int


class Filled(NamedTuple):
    """`fill.client_order_id` may be None where the venue names only its own id."""

    fill: VenueFill


class Ended(NamedTuple):
    """Nothing more of the order will fill: CANCELLED or EXPIRED; `filled` in all, NaN when the
    venue did not say. Fills that it counts may still be on their way."""

    client_order_id: str
    state: OrderState
    filled: float
    time: int
    reason: str | None = None


class Refused(NamedTuple):
    """The venue said no: it will not happen. `code` is ours (`min_notional`,
    `insufficient_funds`, `would_trigger`, `reduce_only`, `rejected`, ...), `message` the venue's
    own words."""

    client_order_id: str
    code: str
    message: str
    time: int


class NotSent(NamedTuple):
    """It did not happen (`unavailable`, `rate_limited`): it may be tried again under another id,
    `retry_ms` from now at the earliest."""

    client_order_id: str
    code: str
    message: str
    retry_ms: int
    time: int


class Unknown(NamedTuple):
    """It may have happened. Never sent again: look it up."""

    client_order_id: str
    message: str
    time: int


class CancelFailed(NamedTuple):
    """The order was not cancelled: `gone` (the venue has no such open order: look it up) or
    `unavailable`."""

    client_order_id: str
    code: str
    retry_ms: int
    time: int


class Seen(NamedTuple):
    """The answer to `look_up`: the order, with all its fills."""

    order: VenueOrder
    fills: tuple[VenueFill, ...]
    time: int


class Missing(NamedTuple):
    """The answer to `look_up`: the venue knows no such order. It may still be on its way until
    `Venue.in_flight_ms` after it was sent."""

    client_order_id: str
    time: int


class PriceSeen(NamedTuple):
    """The last traded price of a pair."""

    pair: str
    price: float
    time: int


class FundingSettled(NamedTuple):
    """Funding paid (negative) or received on a position, in quote units."""

    pair: str
    cash: float
    time: int


class ForcedFill(NamedTuple):
    """The venue closed a position by itself (liquidation, ADL)."""

    fill: VenueFill


class Disconnected(NamedTuple):
    """Account updates may be missed from `time` on."""

    reason: str
    time: int


class Reconnected(NamedTuple):
    """Account updates flow again; what was missed must be reconciled."""

    time: int


VenueReport = (
    Sent | Accepted | Filled | Ended | Refused | NotSent | Unknown | CancelFailed | Seen | Missing
    | PriceSeen | FundingSettled | ForcedFill | Disconnected | Reconnected
)  # fmt: skip


class Venue(Protocol):
    """One account at a venue. No method but `snapshot` and `terms` waits for the venue: answers
    come from `reports`, in the order they were learned. Every request is sent once at most.

    Requests of one pair leave in the order they were given. Errors are reports, except where noted.
    """

    @property
    def in_flight_ms(self) -> int:
        """How long after it was sent a request may still take effect at the venue; later the venue
        refuses it as too old."""
        ...

    def prepare(self, pair: str, leverage: float) -> None:
        """Make the instrument ready (isolated margin, leverage, one-way positions) and have its
        account updates and prices flow. Waits. Errors `leverage_tier`, `symbol_not_found`,
        `Unavailable` codes."""
        ...

    def terms(self, pair: str) -> MarketTerms:
        """The instrument's filters and fees, from a cache that refreshes itself. Error
        `symbol_not_found`."""
        ...

    def place(self, approved: Approved[Order]) -> None:
        """Send one order: a market order, or a stop that rests (reduce-only on contracts)."""
        ...

    def place_pair(self, stop: Approved[Order], target: Approved[Order]) -> None:
        """Send both as one native OCO group; where `MarketTerms.native_oco`. Each leg is answered
        by itself."""
        ...

    def cancel(self, order: Order) -> None:
        """Ask for the rest of the order not to fill. A leg of a native group takes the other with
        it: an `Ended` comes for each."""
        ...

    def look_up(self, order: Order) -> None:
        """Ask what became of an order, by its client order id: `Seen` or `Missing` answers; nothing
        when the venue cannot be asked now (ask again)."""
        ...

    def reports(self) -> Sequence[VenueReport]:
        """What was learned since the last call."""
        ...

    def snapshot(self, pairs: Sequence[str], since_ms: int) -> AccountSnapshot:
        """The account as REST tells it now. Waits. Errors: `Unavailable` codes (FailedError
        `exchange_unavailable`, `rate_limited`)."""
        ...

    def now(self) -> int:
        """The venue's market time, UTC ms."""
        ...
