"""Orders as the simulated venue keeps them, and its reasons to say no."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.orders import Kind
from tradepulse.execution.venue import VenueFill, VenueOrder


@dataclass(frozen=True)
class OrderRequest:
    """What arrives at the venue. `limit` is the price of a limit order, or of a stop that becomes
    one; `limit_maker`: refused where it would fill at once."""

    client_id: str
    pair: str
    side: int
    kind: Kind
    quantity: Decimal
    trigger: Decimal | None
    limit: Decimal | None
    reduces: bool
    limit_maker: bool = False


class VenueRefusalError(Exception):
    """The venue says no."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True, eq=False)
class SimOrder:
    """One order at the venue, for good: an id may be used again once its order is over."""

    venue_id: str
    asked: OrderRequest
    group: str | None
    time: int
    state: OrderState = OrderState.OPEN
    filled: Decimal = Decimal(0)
    triggered: bool = False
    # In a thin book the rest of a market order waits for somebody to sell or buy it.
    waits: bool = False
    ended_at: int | None = None
    fills: list[VenueFill] = field(default_factory=list)

    @property
    def client_id(self) -> str:
        return self.asked.client_id

    @property
    def pair(self) -> str:
        return self.asked.pair

    @property
    def side(self) -> int:
        return self.asked.side

    @property
    def is_open(self) -> bool:
        return not self.state.is_over

    @property
    def remaining(self) -> Decimal:
        return self.asked.quantity - self.filled

    @property
    def is_stop(self) -> bool:
        return self.asked.kind is Kind.STOP_MARKET

    def as_seen(self) -> VenueOrder:
        """The order as the venue tells of it."""
        asked = self.asked
        return VenueOrder(
            asked.client_id, self.venue_id, asked.pair, asked.side, self.state,
            float(asked.quantity), float(self.filled), _float(asked.limit), _float(asked.trigger),
            asked.reduces, self.group, self.time,
        )  # fmt: skip

    def __str__(self) -> str:
        asked = self.asked
        price = f" at {asked.limit}" if asked.limit is not None else ""
        trigger = f" from {asked.trigger}" if asked.trigger is not None else ""
        way = "buy" if asked.side > 0 else "sell"
        return (
            f"{asked.client_id[:10]} {asked.pair} {asked.kind} {way} {asked.quantity}"
            f"{trigger}{price}, {self.state} {self.filled}"
        )


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
