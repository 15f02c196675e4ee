"""Stop and target of a position as one-cancels-other: two resting orders, one position's worth.

Law: what rests to close a position never exceeds it. Either leg alone covers the position; the two
are one group at the venue, where the fill of one takes the other away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tradepulse.domain.lifecycle import OrderState
from tradepulse.execution.account import Position
from tradepulse.execution.identity import child_id, client_order_id
from tradepulse.execution.orders import Kind, Order, Role, moved


@dataclass(slots=True)
class Legs:
    """The protective orders of one position; None where there is no such level."""

    stop: Order | None = None
    target: Order | None = None

    def alive(self) -> list[Order]:
        """The legs that may still fill."""
        return [
            leg for leg in (self.stop, self.target) if leg is not None and not leg.state.is_over
        ]


class OCOManager:
    """The protective legs of every open position, by activation."""

    def __init__(self) -> None:
        self._legs: dict[str, Legs] = {}

    def legs(self, activation_id: str) -> Legs:
        """The legs of the activation's position; empty when it has none."""
        return self._legs.get(activation_id) or Legs()

    def attach(self, entry: Order, position: Position, time: int) -> list[Order]:
        """The legs that came to rest with the entry's fill, in force from it on (F4).

        They were part of the entry as its bracket, so the venue has them already.
        """
        legs = Legs()
        if not math.isnan(position.stop):
            legs.stop = _leg(entry, position, Role.STOP, Kind.STOP_MARKET, position.stop, time)
        if not math.isnan(position.target):
            legs.target = _leg(entry, position, Role.TARGET, Kind.LIMIT, position.target, time)
        self._legs[entry.activation_id] = legs
        return legs.alive()

    def rest(self, activation_id: str, legs: Legs) -> None:
        """These are the position's legs now: placed at a venue by themselves."""
        self._legs[activation_id] = legs

    def update(self, order: Order) -> None:
        """Take note of a leg in its new state; other orders are none of its business."""
        legs = self._legs.get(order.activation_id)
        if legs is None:
            return
        if legs.stop is not None and legs.stop.id == order.id:
            legs.stop = order
        elif legs.target is not None and legs.target.id == order.id:
            legs.target = order

    def sibling(self, order: Order) -> Order | None:
        """The other leg of `order`'s group if it may still fill."""
        for leg in self.legs(order.activation_id).alive():
            if leg.id != order.id and leg.oco_group == order.oco_group:
                return leg
        return None

    def moved_stop(self, activation_id: str, price: float, time: int) -> Order | None:
        """The stop at its new price (F11), or None when none rests."""
        stop = self.legs(activation_id).stop
        if stop is None or stop.state.is_over:
            return None
        return self._keep(stop._replace(price=price, updated_at=time))

    def add_stop(self, stop: Order) -> Order:
        """A stop for a position that had none; one group with its target."""
        legs = self._legs.setdefault(stop.activation_id, Legs())
        if legs.target is not None:
            stop = stop._replace(oco_group=legs.target.oco_group)
        legs.stop = stop
        return stop

    def resized(self, activation_id: str, quantity: float, time: int) -> list[Order]:
        """The legs fitted to an open position of `quantity`, those that did not fit it."""
        return [
            self._keep(leg._replace(quantity=leg.filled + quantity, updated_at=time))
            for leg in self.legs(activation_id).alive()
            if abs(leg.remaining - quantity) > 1e-12 * quantity
        ]

    def released(self, activation_id: str, time: int) -> list[Order]:
        """The legs on their way out, because something else closes the position now."""
        return [
            self._keep(moved(leg, OrderState.CANCELLING, time))
            for leg in self.legs(activation_id).alive()
            if leg.state is not OrderState.CANCELLING
        ]

    def forget(self, activation_id: str) -> None:
        """The position is gone and so are its legs."""
        self._legs.pop(activation_id, None)

    def resting(self, activation_id: str) -> float:
        """Base units that the group can close at most: the larger leg, since one cancels the
        other."""
        alive = self.legs(activation_id).alive()
        return max((leg.remaining for leg in alive), default=0.0)

    def _keep(self, order: Order) -> Order:
        self.update(order)
        return order


def _leg(
    entry: Order, position: Position, role: Role, kind: Kind, price: float, time: int
) -> Order:
    name = child_id(entry.id, role)
    return Order(
        name, client_order_id(name), entry.activation_id, entry.pair, role, kind, -position.side,
        position.quantity, price, position.entry_price, OrderState.OPEN, time, time,
        oco_group=child_id(entry.id, "oco"),
    )  # fmt: skip
