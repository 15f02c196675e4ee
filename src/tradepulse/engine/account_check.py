"""The venue's account against the ledger: at the start, after every gap, and every minute.

Fills that were missed are booked; orders that should rest and do not are looked up; orders that
should not rest are cancelled; a position that differs stops entries until it agrees again. Each is
an event.
"""

from __future__ import annotations

import logging
import math

from tradepulse.domain.errors import TradePulseError
from tradepulse.engine.comparing import (
    BELIEVED,
    CERTAIN,
    OVERLAP_MS,
    Snapshots,
    Suspicions,
    first_look,
    without,
)
from tradepulse.engine.venue_drive import VenueDrive
from tradepulse.execution.desk import Desk
from tradepulse.execution.effects import CancelOrder, Noted
from tradepulse.execution.events import (
    ClosedElsewhere,
    Disputed,
    Event,
    FundingPaid,
    Ticked,
)
from tradepulse.execution.orders import Order
from tradepulse.execution.reconcile import Comparison, compare
from tradepulse.execution.venue_orders import side_of
from tradepulse.execution.venue_reports import fill_event
from tradepulse.execution.venue_side import Need

log = logging.getLogger(__name__)

_ANSWERED = frozenset({"rate_limited"})
# A suspicion is confirmed, or not, this soon.
_CONFIRM_MS = 1_000


class AccountCheck:
    """When the account is asked for, and what is made of the answer. `phase_ms`: at which point of
    each period; many accounts behind one address ask one after the other then, after an outage too.
    None: a period after the last time."""

    def __init__(
        self, drive: VenueDrive, snapshots: Snapshots, every_ms: int, phase_ms: int | None = None
    ) -> None:
        self._drive = drive
        self._snapshots = snapshots
        self._every_ms = every_ms
        self._phase_ms = phase_ms
        self._next = 0
        self._compared_at: int | None = None
        self._asked_at = 0
        self._suspicions = Suspicions()
        self._told: set[str] = set()  # differences that stand are told once
        self._reached: bool | None = None

    def take_reached(self) -> bool | None:
        """Whether the venue answered since the last call, None when it was not asked."""
        reached, self._reached = self._reached, None
        return reached

    def soon(self) -> None:
        """Ask with the next turn."""
        self._next = 0

    def is_through(self, desk: Desk) -> bool:
        """Whether nothing more can come for it: idle, and on contracts compared since its last
        trade, which a settlement may belong to that was not told."""
        closed = side_of(desk).closed
        if not desk.is_idle or not desk.account.is_perpetual or not closed:
            return desk.is_idle
        if self._compared_at is not None and self._compared_at > closed[-1].exit_time:
            return True
        if self._asked_at <= closed[-1].exit_time:
            self._next = min(self._next, self._drive.clock() + _CONFIRM_MS)
        return False

    def turn(self, desks: list[Desk]) -> Comparison | None:
        """Asks when it is time, and settles what has come back."""
        if self._drive.contradicts:
            self._drive.contradicts = False
            # Once a contradiction is seen, asking every turn would only tell the same.
            self._next = min(self._next, self._drive.clock() + _CONFIRM_MS)
        if self._drive.clock() >= self._next:
            self.ask(desks)
        return self.settle(desks)

    def ask(self, desks: list[Desk]) -> None:
        """Has the account read."""
        self._next = self._drive.clock() + self._pause_ms()
        if not desks:
            return
        market = self._drive.venue.now()
        since = first_look(desks, market) if self._compared_at is None else self._compared_at
        self._asked_at = market
        self._drive.touched = set()
        pairs = sorted({desk.account.pair for desk in desks})
        self._snapshots.ask(pairs, since - OVERLAP_MS)

    def _pause_ms(self) -> int:
        if self._phase_ms is None:
            return self._every_ms
        left = (self._phase_ms - self._drive.clock()) % self._every_ms
        # Asked out of turn a moment before its own: the next one will do.
        return left if left >= self._every_ms // 4 else left + self._every_ms

    def settle(self, desks: list[Desk]) -> Comparison | None:
        """What was found, after it is acted on; None while there is no answer."""
        snapshot = self._snapshots.take()
        if snapshot is None:
            return None
        if isinstance(snapshot, TradePulseError):
            log.warning("the account could not be compared with the ledger: %s", snapshot)
            self._next = self._drive.clock() + self._every_ms // 12
            # Our own budget, or the venue's, being used up is no outage: it answers.
            self._reached = snapshot.code in _ANSWERED
            return None
        self._reached = True
        self._compared_at = self._asked_at
        found = without(compare(desks, snapshot), self._drive.touched)
        self._make_good(found, desks)
        self._settle_disputes(found, desks)
        return found

    def _make_good(self, found: Comparison, desks: list[Desk]) -> None:
        drive = self._drive
        # In the order they happened: a settlement belongs to the position that a later fill closed.
        missed: list[tuple[int, int, Event]] = [
            (paid.time, 0, FundingPaid(name, paid.cash, paid.time)) for name, paid in found.funding
        ]
        for order, fill in found.fills:
            self._tell(order, "missing_fill", f"fill {fill.trade_id} was not reported")
            missed.append((fill.time, 1, fill_event(order.activation_id, order.id, fill)))
        for _, _, event in sorted(missed, key=lambda each: each[:2]):
            drive.send(event)
        for order in found.gone:
            drive.side(order.activation_id).wait(order.id, Need.CHECK)
            drive.send(Ticked(order.activation_id, drive.clock(), drive.venue.now()))
        for order in found.dead:
            if order.id not in self._told:
                self._told.add(order.id)
                self._tell(order, "dead_order", f"rests at the venue, {order.state} here")
            drive.act(CancelOrder(order))
        for seen in found.alien:
            if seen.client_order_id in self._told:
                continue
            self._told.add(seen.client_order_id)
            for desk in desks:
                if desk.account.pair == seen.pair:
                    told = f"order {seen.client_order_id} of {seen.pair} is not in the ledger"
                    drive.note(_note(desk.account.activation_id, seen.time, "alien_order", told))

    def _settle_disputes(self, found: Comparison, desks: list[Desk]) -> None:
        now = self._drive.venue.now()
        for desk in desks:
            name = desk.account.activation_id
            told = found.disputes.get(name)
            side = self._drive.side(name)
            times = self._suspicions.weigh(name, told)
            if times >= BELIEVED:
                self._drive.send(Disputed(name, told, now))
                if times >= CERTAIN and name in found.shortfalls:
                    self._book_shortfall(desk, found, now)
                continue
            settled = told is None and name not in self._drive.touched and not side.waits
            if settled and (side.disputed is not None or side.contradicted):
                self._drive.send(Disputed(name, None, now))
        if self._suspicions.any:
            self._next = min(self._next, self._drive.clock() + _CONFIRM_MS)

    def _book_shortfall(self, desk: Desk, found: Comparison, now: int) -> None:
        """What the venue does not hold any more is not held: by the executions that it knows and we
        have no order for, the rest at the last price."""
        held, name = desk.account.position, desk.account.activation_id
        if held is None:
            return
        short = min(found.shortfalls[name], held.quantity)
        entered, side = held.entry_time, held.side
        for fill in found.foreign:
            closes = fill.side == -side and fill.time >= entered
            if fill.pair != desk.account.pair or not closes or short <= 0.0:
                continue
            quantity = min(fill.quantity, short)
            fee = 0.0 if math.isnan(fill.fee_quote) else fill.fee_quote
            self._drive.send(
                ClosedElsewhere(name, quantity, fill.price, fee, fill.time, fill.trade_id)
            )
            short -= quantity
        if short > 1e-9 * held.quantity and desk.account.position is not None:
            price = desk.account.last_close
            traded = self._drive.side(name).last_price
            price = price if math.isnan(traded) else traded
            self._drive.send(ClosedElsewhere(name, short, price, 0.0, now, f"short:{now}"))

    def _tell(self, order: Order, kind: str, told: str) -> None:
        message = f"{order.role} order {order.client_order_id}: {told}"
        self._drive.note(_note(order.activation_id, self._drive.venue.now(), kind, message))


def _note(activation_id: str, time: int, kind: str, message: str) -> Noted:
    return Noted(
        activation_id, time, "warning", "reconcile.difference", message, {"kind": kind}
    )  # fmt: skip
