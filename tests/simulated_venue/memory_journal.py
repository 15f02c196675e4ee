"""The `Journal` port over a ledger in memory. Passes the suite of the database's journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from simulated_venue.memory_ledger import MemoryLedger, activations_of
from tradepulse.domain.errors import FailedError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.ledger import PositionRecord, SignalRecord, TradeRecord
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.domain.manual_command import MANUAL, CommandState, ManualCommand
from tradepulse.engine.ports import Batch, Intervention, OpenBook, Running
from tradepulse.execution.by_hand import RECORDED
from tradepulse.execution.desk import DROP_ENTRY, FLATTEN
from tradepulse.execution.identity import child_id
from tradepulse.execution.venue_side import SETTLED_KEPT
from tradepulse.risk import WALLET_REFUSALS


class MemoryJournal:
    """One engine's journal. `around` is called with `before` each commit, `allowed` (its leases
    hold) and `after`: a crash raised there comes before or after everything of it is durable."""

    def __init__(
        self,
        ledger: MemoryLedger,
        owner: str | None = None,
        around: Callable[[str, Batch], None] = lambda _, __: None,
    ) -> None:
        self.ledger = ledger
        self._owner = owner
        self._around = around
        self._fences: dict[str, int] = {}

    def load(self, activation_id: str) -> Running:
        """The activation with its configuration and wallet. Error `activation_not_found`."""
        found = self.ledger.running(activation_id)
        if self._owner is not None and found.activation.lease_owner == self._owner:
            self._fences[activation_id] = found.activation.fence
        return found

    def running(self) -> tuple[Running, ...]:
        """Every activation that is neither STOPPED nor FAULTED, oldest first."""
        alive = [a for a in self.ledger.activations.values() if not a.state.is_over]
        alive.sort(key=lambda activation: (activation.created_at, activation.id))
        return tuple(self.ledger.running(activation.id) for activation in alive)

    def wants_flatten(self, activation_id: str) -> bool:
        """Whether the last wish to drain asked to leave at once."""
        wishes = [
            event.payload["flatten"] for event in self.ledger.events
            if event.entity_id == activation_id and "flatten" in event.payload
        ]  # fmt: skip
        return bool(wishes and wishes[-1])

    def interventions(self, activation_id: str) -> tuple[Intervention, ...]:
        """Wallet refusals and commands by bar."""
        found = []
        for signal in self.signals(activation_id):
            if signal.action in (FLATTEN, DROP_ENTRY):
                found.append(Intervention(signal.bar_time, signal.action, signal.action))
            elif signal.action in RECORDED:
                found.append(Intervention(signal.bar_time, signal.action, MANUAL, signal.values))
            elif signal.verdict == "refused" and signal.reason in WALLET_REFUSALS:
                found.append(Intervention(signal.bar_time, "refuse", signal.reason))
        return tuple(found)

    def signals(self, activation_id: str) -> tuple[SignalRecord, ...]:
        """Its signals by bar."""
        found = [s for s in self.ledger.signals.values() if s.activation_id == activation_id]
        return tuple(sorted(found, key=lambda signal: (signal.bar_time, signal.id)))

    def trades(self, activation_id: str) -> tuple[TradeRecord, ...]:
        """Its trades in the order they were closed."""
        return tuple(self.ledger.trades_of(activation_id))

    def position(self, activation_id: str) -> PositionRecord | None:
        """Its open position."""
        found = [p for p in self.ledger.positions.values() if p.activation_id == activation_id]
        return min(found, key=lambda position: (position.entry_time, position.id), default=None)

    def open_book(self, activation_id: str) -> OpenBook:
        """Its orders and position, and its running sums."""
        ledger, trades = self.ledger, self.ledger.trades_of(activation_id)
        position = self.position(activation_id)
        first = self._first_time(activation_id, trades[-1] if trades else position)
        orders = tuple(
            order for order in ledger.orders_of(activation_id)
            if not order.state.is_over or (first is not None and order.created_at >= first)
        )  # fmt: skip
        names = {order.id for order in orders}
        points = [p.equity for (name, _), p in ledger.points.items() if name == activation_id]
        return OpenBook(
            orders, tuple(f for f in ledger.fills_of(activation_id) if f.order_id in names),
            position, sum((trade.pnl for trade in trades), Decimal(0)),
            ledger.net_base(activation_id), max(points, default=None), len(trades),
            trades[-1] if trades else None, self._settled(activation_id),
        )  # fmt: skip

    def _settled(self, activation_id: str) -> tuple[int, ...]:
        told = [
            int(event.payload["time"]) for event in self.ledger.events
            if event.entity_id == activation_id and event.type == "funding.paid"
        ]  # fmt: skip
        return tuple(told[-SETTLED_KEPT:])

    def known_fills(self, wallet_id: str, since_ms: int) -> frozenset[str]:
        """The venue's trade ids of the wallet's fills from `since_ms` on."""
        return frozenset(
            fill.venue_trade_id for fill in self.ledger.fills.values()
            if fill.wallet_id == wallet_id and fill.time >= since_ms
            and fill.venue_trade_id is not None
        )  # fmt: skip

    def commands_waiting(self, activation_id: str | None = None) -> tuple[ManualCommand, ...]:
        """What people want done by hand and nobody has answered, oldest first."""
        found = [
            command for command in self.ledger.commands.values()
            if command.state is CommandState.WAITING
            and activation_id in (None, command.activation_id)
        ]  # fmt: skip
        return tuple(sorted(found, key=lambda command: (command.asked_at, command.id)))

    def start_session(self, activation_id: str, session_start: int) -> None:
        """Note the open time of its first bar. Error `lease_lost`."""
        self._check_leases({activation_id})
        self.ledger.set_activation(activation_id, session_start=session_start)

    def set_state(
        self, activation_id: str, state: ActivationState, now_ms: int, fault: str | None = None
    ) -> None:
        """Note its state, with the event of it. A wish to drain is never overwritten by RUNNING."""
        self._check_leases({activation_id})
        held = self.ledger.running(activation_id).activation
        drains = held.state is ActivationState.DRAINING and not state.is_over
        if held.state is state or drains or held.state.is_over:
            return
        over = now_ms if state.is_over else None
        self.ledger.set_activation(activation_id, state=state, fault=fault, stopped_at=over)
        more = {} if fault is None else {"fault": fault}
        payload = {"state": str(state), **more}
        self.ledger.events.append(
            NewEvent(now_ms, "activation.state", "activation", activation_id, payload)
        )
        if state.is_over:
            for waiting in self.commands_waiting(activation_id):
                told = {"expected": "an activation that runs", "found": str(state)}
                self.ledger.commands[waiting.id] = replace(
                    waiting, state=CommandState.REFUSED, code="not_active", answer=told,
                    answered_at=now_ms,
                )  # fmt: skip

    def block(self, activation_id: str, code: str, now_ms: int) -> None:
        """Note that it takes no entries, and why."""
        self._check_leases({activation_id})
        self.ledger.set_activation(activation_id, blocked=code)
        self.ledger.events.append(
            NewEvent(now_ms, "activation.state", "activation", activation_id, {"blocked": code})
        )

    def commit(self, batch: Batch) -> None:
        """Write a batch, all of it or nothing."""
        self._around("before", batch)
        self._check_leases(activations_of(batch) | set(batch.last_bars))
        self._around("allowed", batch)
        self.ledger.write(batch)
        self._around("after", batch)

    def _first_time(
        self, activation_id: str, oldest: TradeRecord | PositionRecord | None
    ) -> int | None:
        """When the entry of the last trade, else of the open position, was made."""
        if oldest is None:
            return None
        for order in self.ledger.orders_of(activation_id):
            if order.role == "entry" and child_id(order.id, "trade") == oldest.id:
                return order.created_at
        return 0

    def _check_leases(self, activation_ids: set[str]) -> None:
        if self._owner is None:
            return
        for name in activation_ids:
            held = self.ledger.running(name).activation
            if (held.lease_owner, held.fence) != (self._owner, self._fences.get(name)):
                raise FailedError("lease_lost", "another engine may run it by now", found=name)
