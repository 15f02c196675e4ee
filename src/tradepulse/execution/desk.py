"""One activation's desk: its account, and the orders it has under way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tradepulse.domain.errors import FailedError
from tradepulse.domain.lifecycle import ExitReason
from tradepulse.domain.manual_command import MANUAL
from tradepulse.execution.account import Account
from tradepulse.execution.effects import SignalSaved
from tradepulse.execution.oco import OCOManager
from tradepulse.execution.orders import Order, Role
from tradepulse.execution.oversight import Oversight
from tradepulse.execution.portfolio import Portfolio
from tradepulse.execution.venue_side import VenueSide
from tradepulse.risk import RiskManager

# Why an exit order was placed, when a person asked and not the strategy. Its trade's reason is
# `signal`: the replay reads it from the recorded command as an exit signal.
FLATTEN = "flatten"
# The same without an exit: a draining activation drops an entry that has not filled yet.
DROP_ENTRY = "drop_entry"
# Asked for by a person: a position closed by hand says so, and its activation goes on.
_BY_A_PERSON = (FLATTEN, MANUAL)
_EXIT_REASONS = frozenset(map(str, ExitReason))


@dataclass(slots=True)
class Desk:
    """`entry` and `exit` are the market orders that are not over; the legs of the position are kept
    by the OCO manager. `triggered`: the stop is on its way out as a market order. `venue`: None
    where the exchange is in this process."""

    account: Account
    entry: Order | None = None
    entry_signal: SignalSaved | None = None
    entry_max_bars: float = math.nan
    entry_tag: str | None = None
    exit: Order | None = None
    triggered: bool = False
    orders: dict[str, Order] = field(default_factory=dict)
    earlier: dict[str, Order] = field(default_factory=dict)
    venue: VenueSide | None = None

    @property
    def is_idle(self) -> bool:
        """Flat, and nothing under way."""
        waits = self.venue is not None and (self.venue.waits or self.venue.queued is not None)
        flat = self.account.position is None
        return flat and self.entry is None and self.exit is None and not waits

    @property
    def pending_side(self) -> int:
        """1 or -1 for an entry that is under way or queued, 0 for none."""
        if self.entry is not None:
            return self.entry.side
        queued = None if self.venue is None else self.venue.queued
        return 0 if queued is None else queued.approved.order.side

    @property
    def exit_underway(self) -> bool:
        """Whether something already closes the whole position at the market."""
        leaving = self.venue is not None and self.venue.leaving is not None
        return self.exit is not None or self.triggered or leaving

    def order(self, order_id: str) -> Order:
        """The order of that id. Error `order_not_known`: the shell reported on somebody else's."""
        found = self.orders.get(order_id) or self.earlier.get(order_id)
        if found is None:
            raise FailedError(
                "order_not_known", "a report names an order that this activation did not place",
                expected="one of its last orders", found=order_id,
            )  # fmt: skip
        return found

    def keep(self, order: Order) -> Order:
        """Takes note of the order in its new state."""
        shelf = self.earlier if order.id in self.earlier else self.orders
        shelf[order.id] = order
        if self.entry is not None and self.entry.id == order.id:
            self.entry = None if order.state.is_over else order
        if self.exit is not None and self.exit.id == order.id:
            self.exit = None if order.state.is_over else order
        return order

    def start_entry(self, order: Order) -> None:
        """A new entry begins; finished orders of the trade before last can no longer fill late."""
        over = {name: held for name, held in self.orders.items() if held.state.is_over}
        self.orders = {name: held for name, held in self.orders.items() if name not in over}
        self.earlier = over
        self.entry = order
        self.orders[order.id] = order


@dataclass(slots=True)
class Books:
    """Everything one execution core knows. `oversight`: None where limits ask for nothing that the
    desks do not show."""

    portfolio: Portfolio
    oco: OCOManager
    risk: RiskManager
    oversight: Oversight | None = None
    desks: dict[str, Desk] = field(default_factory=dict)


def exit_reason(desk: Desk, order: Order) -> ExitReason:
    """Why a fill of `order` closes the position."""
    if order.role is Role.TARGET:
        return ExitReason.TARGET
    fixed = fixed_reason(order)
    if fixed is not None:
        return fixed
    if order.role is Role.STOP:
        held = desk.account.position
        return ExitReason.TRAIL if held is not None and held.trailing else ExitReason.STOP
    return ExitReason.SIGNAL


def fixed_reason(order: Order) -> ExitReason | None:
    """The exit reason that an order carries; None where its reason is none, or is of another kind:
    why it ended, or that a person asked for it."""
    return ExitReason(order.reason) if order.reason in _EXIT_REASONS else None


def because(order: Order, reason: ExitReason) -> Order:
    """The order with its exit reason fixed: a stop triggered stays a stop whatever the trail
    does."""
    known = order.reason in _BY_A_PERSON or fixed_reason(order) is not None
    return order if known else order._replace(reason=str(reason))
