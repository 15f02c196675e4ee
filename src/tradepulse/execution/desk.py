"""One activation's desk: its account, and the orders it has under way."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tradepulse.domain.errors import FailedError
from tradepulse.domain.lifecycle import ExitReason
from tradepulse.execution.account import Account
from tradepulse.execution.effects import SignalSaved
from tradepulse.execution.oco import OCOManager
from tradepulse.execution.orders import Order, Role
from tradepulse.execution.portfolio import Portfolio
from tradepulse.risk import RiskManager

# Why an exit order was placed, when a person asked and not the strategy. Its trade's reason is
# `signal`: the replay reads it from the recorded command as an exit signal.
FLATTEN = "flatten"
# The same without an exit: a draining activation drops an entry that has not filled yet.
DROP_ENTRY = "drop_entry"


@dataclass(slots=True)
class Desk:
    """`entry` and `exit` are the market orders that are not over; the legs of the position are kept
    by the OCO manager. `triggered`: the stop is on its way out as a market order."""

    account: Account
    entry: Order | None = None
    entry_signal: SignalSaved | None = None
    entry_max_bars: float = math.nan
    entry_tag: str | None = None
    exit: Order | None = None
    triggered: bool = False
    orders: dict[str, Order] = field(default_factory=dict)
    earlier: dict[str, Order] = field(default_factory=dict)

    @property
    def is_idle(self) -> bool:
        """Flat, and nothing under way."""
        return self.account.position is None and self.entry is None and self.exit is None

    @property
    def exit_underway(self) -> bool:
        """Whether something already closes the whole position at the market."""
        return self.exit is not None or self.triggered

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
    """Everything one execution core knows."""

    portfolio: Portfolio
    oco: OCOManager
    risk: RiskManager
    desks: dict[str, Desk] = field(default_factory=dict)


def exit_reason(desk: Desk, order: Order) -> ExitReason:
    """Why a fill of `order` closes the position."""
    if order.role is Role.TARGET:
        return ExitReason.TARGET
    if order.role is Role.STOP:
        if order.reason is not None:
            return ExitReason(order.reason)
        held = desk.account.position
        return ExitReason.TRAIL if held is not None and held.trailing else ExitReason.STOP
    return ExitReason.SIGNAL if order.reason in (None, FLATTEN) else ExitReason(order.reason)


def because(order: Order, reason: ExitReason) -> Order:
    """The order with its exit reason fixed: a stop triggered stays a stop whatever the trail
    does."""
    return order if order.reason is not None else order._replace(reason=str(reason))
