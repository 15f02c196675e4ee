"""The engine's journal over the database: one transaction a batch."""

from __future__ import annotations

from tradepulse.domain.ledger import PositionRecord, SignalRecord, TradeRecord
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.engine.ports import Batch, Intervention, Running
from tradepulse.execution.desk import DROP_ENTRY, FLATTEN
from tradepulse.risk import WALLET_REFUSALS
from tradepulse.storage.activating import state_event
from tradepulse.storage.database import Database
from tradepulse.storage.transaction import Transaction


class DatabaseJournal:
    """The `Journal` port. Errors are the repositories' own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, activation_id: str) -> Running:
        """The activation with its configuration and wallet. Error `activation_not_found`."""
        with self._database.reading() as tx:
            return _running(tx, activation_id)

    def running(self) -> tuple[Running, ...]:
        """Every activation that is neither STOPPED nor FAULTED, oldest first."""
        with self._database.reading() as tx:
            return tuple(_running(tx, found.id) for found in tx.activations.running())

    def wants_flatten(self, activation_id: str) -> bool:
        """Whether the last wish to drain asked to leave at once."""
        with self._database.reading() as tx:
            told = tx.events.since(0, types=["activation.state"], entity_id=activation_id)
        wishes = [event.payload["flatten"] for event in told if "flatten" in event.payload]
        return bool(wishes and wishes[-1])

    def interventions(self, activation_id: str) -> tuple[Intervention, ...]:
        """Wallet refusals and flatten commands by bar, from the recorded signals."""
        return tuple(
            found for signal in self.signals(activation_id)
            if (found := _intervention(signal)) is not None
        )  # fmt: skip

    def signals(self, activation_id: str) -> tuple[SignalRecord, ...]:
        """Its signals by bar."""
        with self._database.reading() as tx:
            return tx.signals.of_activation(activation_id)

    def trades(self, activation_id: str) -> tuple[TradeRecord, ...]:
        """Its trades in the order they were closed."""
        with self._database.reading() as tx:
            return tx.trades.of_activation(activation_id)

    def position(self, activation_id: str) -> PositionRecord | None:
        """Its open position."""
        with self._database.reading() as tx:
            return next(iter(tx.positions.open(activation_id=activation_id)), None)

    def start_session(self, activation_id: str, session_start: int) -> None:
        """Note the open time of its first bar."""
        with self._database.transaction() as tx:
            tx.activations.start_session(activation_id, session_start)

    def set_state(
        self, activation_id: str, state: ActivationState, now_ms: int, fault: str | None = None
    ) -> None:
        """Note its state, with the event of it. A wish to drain is never overwritten by RUNNING."""
        with self._database.transaction() as tx:
            held = tx.activations.get(activation_id)
            drains = held.state is ActivationState.DRAINING and not state.is_over
            if held.state is state or drains or held.state.is_over:
                return
            changed = tx.activations.set_state(activation_id, state, at=now_ms, fault=fault)
            more = {} if fault is None else {"fault": fault}
            tx.events.append(state_event(changed, now_ms, more))

    def commit(self, batch: Batch) -> None:
        """Write a batch, all of it or nothing. Orders come before their fills (foreign keys)."""
        with self._database.transaction() as tx:
            tx.signals.insert_many(batch.signals, "replace")
            tx.orders.save_many(batch.orders)
            tx.fills.insert_many(batch.fills)
            tx.trades.insert_many(batch.trades)
            tx.positions.save_many(batch.positions)
            if batch.positions_gone:
                tx.positions.delete_many(batch.positions_gone)
            tx.portfolio.insert_many(batch.points)
            tx.logs.insert_many(batch.logs)
            for activation_id, last_bar in batch.last_bars.items():
                tx.activations.advance(activation_id, last_bar)
            tx.events.append(*batch.events)


def _running(tx: Transaction, activation_id: str) -> Running:
    activation = tx.activations.get(activation_id)
    return Running(
        activation,
        tx.configurations.get(activation.configuration_id),
        tx.wallets.get(activation.wallet_id),
    )


def _intervention(signal: SignalRecord) -> Intervention | None:
    if signal.action in (FLATTEN, DROP_ENTRY):
        return Intervention(signal.bar_time, signal.action, signal.action)
    if signal.verdict == "refused" and signal.reason in WALLET_REFUSALS:
        return Intervention(signal.bar_time, "refuse", signal.reason)
    return None
