"""An order as a value, and the states it may pass through."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from tradepulse.domain.errors import FailedError
from tradepulse.domain.lifecycle import OrderState
from tradepulse.risk import Intent

Add = Callable[[float, float], float]


class Role(StrEnum):
    """What an order is for."""

    ENTRY = "entry"
    EXIT = "exit"
    STOP = "stop"
    TARGET = "target"
    LIQUIDATION = "liquidation"  # the venue's own, recorded so that its fill has an order


class Kind(StrEnum):
    MARKET = "market"
    STOP_MARKET = "stop_market"
    LIMIT = "limit"


class Bracket(NamedTuple):
    """The protective exits an entry brings along (F16): distances from its fill, or levels. NaN:
    none."""

    stop: float = math.nan
    target: float = math.nan
    trail: float = math.nan
    stop_price: float = math.nan
    target_price: float = math.nan


class Order(NamedTuple):
    """One order. `side` is 1 to buy, -1 to sell; `quantity` in base units; `price` is the trigger
    or limit in quote units, None for a market order. Times are UTC milliseconds of market time, but
    for `sent_at` and `acknowledged_at`: wall clock, at a venue alone."""

    id: str
    client_order_id: str
    activation_id: str
    pair: str
    role: Role
    kind: Kind
    side: int
    quantity: float
    price: float | None
    decided_at: float  # the close it was decided on: what risk measures it by
    state: OrderState
    created_at: int
    updated_at: int
    filled: float = 0.0
    fill_count: int = 0
    reason: str | None = None
    oco_group: str | None = None
    bracket: Bracket | None = None
    venue_id: str | None = None
    sent_at: int | None = None
    acknowledged_at: int | None = None
    plan: tuple[float, str | None] | None = None  # an entry's (max_bars, tag)

    @property
    def intent(self) -> Intent:
        """What risk is asked about."""
        return Intent(
            self.activation_id, self.pair, self.side, self.quantity, self.decided_at,
            self.role is not Role.ENTRY,
        )  # fmt: skip

    @property
    def remaining(self) -> float:
        """Base units that may still fill."""
        return max(self.quantity - self.filled, 0.0)


_S = OrderState
# The only ways from state to state. CANCELLED and EXPIRED are final but for a fill that was on its
# way when the venue said so: it is booked. So is one of an order that we had given up as REJECTED:
# the venue's executions are facts, whatever it said before.
TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    _S.INTENDED: frozenset({_S.SENT, _S.CANCELLED, _S.REJECTED, _S.UNKNOWN}),
    _S.SENT: frozenset(
        {_S.OPEN, _S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELLING, _S.CANCELLED, _S.REJECTED,
         _S.EXPIRED, _S.UNKNOWN}
    ),
    _S.OPEN: frozenset(
        {_S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELLING, _S.CANCELLED, _S.REJECTED, _S.EXPIRED,
         _S.UNKNOWN}
    ),
    _S.PARTIALLY_FILLED: frozenset(
        {_S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELLING, _S.CANCELLED, _S.EXPIRED, _S.UNKNOWN}
    ),
    _S.CANCELLING: frozenset(
        {_S.OPEN, _S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELLED, _S.EXPIRED, _S.UNKNOWN}
    ),
    _S.CANCELLED: frozenset({_S.FILLED}),
    _S.EXPIRED: frozenset({_S.FILLED}),
    _S.UNKNOWN: frozenset(
        {_S.OPEN, _S.PARTIALLY_FILLED, _S.FILLED, _S.CANCELLED, _S.REJECTED, _S.EXPIRED}
    ),
    _S.FILLED: frozenset(),
    _S.REJECTED: frozenset({_S.FILLED}),
}  # fmt: skip


def moved(order: Order, state: OrderState, time: int, reason: str | None = None) -> Order:
    """The order in `state`. Error `illegal_order_state`: the venue and we disagree on what it
    is."""
    if state not in TRANSITIONS[order.state]:
        raise FailedError(
            "illegal_order_state",
            f"order {order.client_order_id} cannot go from {order.state} to {state}",
            expected=", ".join(sorted(TRANSITIONS[order.state])) or "no further state",
            found=str(state),
        )
    return order._replace(
        state=state, updated_at=time, reason=order.reason if reason is None else reason
    )


# A partial fill leaves these as they are: the venue has spoken, or will, about the rest.
_KEPT = frozenset({_S.CANCELLING, _S.CANCELLED, _S.EXPIRED, _S.REJECTED, _S.PARTIALLY_FILLED})


def filled(order: Order, quantity: float, time: int, add: Add = operator.add) -> Order:
    """The order after a fill of `quantity`: FILLED when nothing remains. `add` sums quantities.

    A late fill of a CANCELLED, EXPIRED or REJECTED order is booked too. Error
    `illegal_order_state` for a fill of one that is FILLED, or was never sent.
    """
    total = add(order.filled, quantity)
    whole = total >= order.quantity * (1.0 - 1e-12)
    state = OrderState.FILLED if whole else OrderState.PARTIALLY_FILLED
    if not whole and order.state in _KEPT:
        state = order.state
    else:
        order = moved(order, state, time)
    return order._replace(
        state=state, filled=total, fill_count=order.fill_count + 1, updated_at=time
    )
