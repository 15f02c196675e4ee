"""The laws no fault may break, watched at the venue's door and in its books."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from simulated_venue.event_trace import LAST, EventTrace, Violation
from simulated_venue.memory_ledger import MemoryLedger
from simulated_venue.scenario import Scenario
from simulated_venue.sim_exchange import SimExchange
from simulated_venue.sim_market import LEAST, LOT, MINUTE, START
from simulated_venue.sim_orders import SimOrder
from tradepulse.domain.ledger import FillRecord, OrderRecord
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.domain.manual_command import MANUAL
from tradepulse.domain.money import to_decimal
from tradepulse.engine.ports import Batch
from tradepulse.execution.orders import Order, Role

_NOTHING = Decimal(0)
# What the ledger has not heard of yet: fees, funding, an exit on its way.
_SIZE_MARGIN = Decimal("1.02")


class LawWatch:
    """Notes the first violation; whoever runs the world asks for it after every step, so that no
    handler of the engine can swallow it."""

    def __init__(
        self, scenario: Scenario, exchange: SimExchange, ledger: MemoryLedger, trace: EventTrace
    ) -> None:
        self.broken: Violation | None = None
        # False while an engine acts whose lease another one holds.
        self.living = True
        self._scenario = scenario
        self._exchange = exchange
        self._ledger = ledger
        self._trace = trace
        self._sent: set[str] = set()
        self._decided: dict[tuple[str, int, bool], SimOrder] = {}

    def breaks(self, rule: str, message: str) -> None:
        """A law was broken."""
        self._trace.add(self._exchange.clock.now, "VIOLATION", rule, message)
        if self.broken is None:
            self.broken = Violation(
                self._scenario.seed, self._trace.step, rule, message,
                tuple(self._trace.lines(LAST, START)),
            )  # fmt: skip

    # --- on the way out ---------------------------------------------------------------------------
    def asked(self, orders: Sequence[Order]) -> None:
        """Orders leave the engine: each is durable, as it leaves, and leaves once."""
        for order in orders:
            name = order.client_order_id
            if not self.living:
                self.breaks("lease", f"{name} was sent by an engine that had lost its lease")
            kept = self._ledger.by_client_id(name)
            if kept is None:
                self.breaks("durable_intent", f"{name} left before its intent was committed")
            elif kept.state.is_over:
                self.breaks("durable_intent", f"{name} left though it is {kept.state}")
            elif (kept.pair, kept.side, kept.quantity) != (
                order.pair, "buy" if order.side > 0 else "sell", to_decimal(order.quantity)
            ):  # fmt: skip
                self.breaks("approved_quantity", f"{name} left as {order}, not as {kept}")
            if name in self._sent:
                self.breaks("sent_once", f"{name} was sent again")
            self._sent.add(name)
            if order.role is Role.ENTRY:
                self._entry_asked(order)

    def _entry_asked(self, order: Order) -> None:
        now, activation = self._exchange.clock.now, self._ledger.activations[order.activation_id]
        if now - order.created_at > MINUTE:
            self.breaks("stale_signal", f"{order} was decided {now - order.created_at} ms ago")
        if activation.state in (ActivationState.DRAINING, ActivationState.STOPPED):
            self.breaks("only_leaves", f"{order} enters though the activation is draining")

    def intended(self, batch: Batch) -> None:
        """Before a commit: an entry is no larger than its activation can pay (F17)."""
        for row in batch.orders:
            if row.role != str(Role.ENTRY) or row.id in self._ledger.orders:
                continue
            price = row.decided_at or _NOTHING
            worth = self._ledger.activations[row.activation_id].allotment
            known = [*self._ledger.fills_of(row.activation_id), *batch.fills]
            worth += _earned([f for f in known if f.activation_id == row.activation_id], price)
            most = worth * self._scenario.leverage * _SIZE_MARGIN
            if row.quantity * price > most:
                self.breaks("approved_quantity", f"{row} is worth more than {most}")

    # --- at the venue -----------------------------------------------------------------------------
    def arrived(self, order: SimOrder) -> None:
        """An order is about to be taken: an entry finds neither position nor other entry."""
        if order.asked.reduces:
            return
        held = self._exchange.account.position(order.pair)
        if not self.is_dust(order.pair, held):
            self.breaks("one_exposure", f"{order} arrived while {held} is held")
        for other in self._exchange.open_orders(order.pair):
            if not other.asked.reduces:
                self.breaks("one_exposure", f"{order} arrived beside {other}")
        kept = self._ledger.by_client_id(order.client_id)
        if kept is None:
            self.breaks("durable_intent", f"{order} arrived and nobody knows it")
            return
        # A person and the strategy may decide in the same millisecond.
        decision = kept.activation_id, kept.created_at, is_by_hand(kept)
        before = self._decided.get(decision)
        if before is not None and before.filled:
            self.breaks("one_entry_a_decision", f"{order} after {before}")
        self._decided[decision] = order
        self._check_open_trades(order.pair)

    def changed(self, pair: str) -> None:
        """After whatever changed a pair: what rests to close it never exceeds it."""
        held = self._exchange.account.position(pair)
        resting = self.closing(pair)
        if resting > max(abs(held), _NOTHING):
            told = "; ".join(str(order) for order in self._exchange.open_orders(pair))
            self.breaks("closing_quantity", f"{resting} rest to close {held} {pair}: {told}")

    def closing(self, pair: str) -> Decimal:
        """Units that resting orders may close at most; of a group, one closes."""
        groups: dict[str, Decimal] = {}
        for order in self._exchange.open_orders(pair):
            if order.asked.reduces:
                name = order.group or order.venue_id
                groups[name] = max(groups.get(name, _NOTHING), order.remaining)
        return sum(groups.values(), _NOTHING)

    def is_dust(self, pair: str, held: Decimal) -> bool:
        """Whether the venue would not take an order for so little."""
        too_cheap = self._exchange.spot and abs(held) * self._exchange.last[pair] < LEAST
        return abs(held) < LOT or too_cheap

    def _check_open_trades(self, arriving: str) -> None:
        most = self._scenario.max_open_trades
        if most is None:
            return
        busy = {
            pair for pair in self._scenario.pairs
            if not self.is_dust(pair, self._exchange.account.position(pair))
            or any(not o.asked.reduces for o in self._exchange.open_orders(pair))
        }  # fmt: skip
        if len(busy | {arriving}) > most:
            self.breaks("max_open_trades", f"{arriving} beside {sorted(busy)}, at most {most}")


def is_by_hand(order: OrderRecord) -> bool:
    """Whether an entry is a person's."""
    return order.role == Role.ENTRY and (order.bracket or {}).get("tag") == MANUAL


def _earned(fills: Sequence[FillRecord], price: Decimal) -> Decimal:
    """What fills made of an allotment, in quote units, at `price`."""
    total = _NOTHING
    for fill in fills:
        side = 1 if fill.side == "buy" else -1
        total += (side * fill.quantity - fill.fee_base) * price - side * fill.quantity * fill.price
    return total
