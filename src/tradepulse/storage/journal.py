"""The engine's journal over the database: one transaction a batch."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence

from tradepulse.domain.errors import FailedError
from tradepulse.domain.ledger import PositionRecord, SignalRecord, TradeRecord
from tradepulse.domain.lifecycle import ActivationState
from tradepulse.domain.manual_command import MANUAL, ManualCommand
from tradepulse.engine.ports import Batch, Intervention, OpenBook, Running
from tradepulse.execution.by_hand import RECORDED
from tradepulse.execution.desk import DROP_ENTRY, FLATTEN
from tradepulse.risk import WALLET_REFUSALS
from tradepulse.storage.activating import state_event
from tradepulse.storage.database import Database
from tradepulse.storage.group_commit import GroupCommit
from tradepulse.storage.manual_wishes import refuse_waiting
from tradepulse.storage.open_book import open_book
from tradepulse.storage.transaction import Transaction


class DatabaseJournal:
    """The `Journal` port. Errors are the repositories' own.

    With an `owner` it writes only for activations that this owner holds a lease of: under the fence
    each had when it was loaded. So an engine that was taken for dead and goes on after all, with a
    picture of before, writes nothing. Without one it writes for all (paper, one engine).
    """

    def __init__(self, database: Database, owner: str | None = None) -> None:
        self._database = database
        self._owner = owner
        self._fences: dict[str, int] = {}
        self._group = GroupCommit(self._write)
        self.commit_s: deque[float] = deque(maxlen=512)  # how long the last ones took

    def load(self, activation_id: str) -> Running:
        """The activation with its configuration and wallet; what is written for it from now on is
        written under the lease it has now. Error `activation_not_found`."""
        with self._database.reading() as tx:
            found = _running(tx, activation_id)
        if self._owner is not None and found.activation.lease_owner == self._owner:
            self._fences[activation_id] = found.activation.fence
        return found

    def running(self) -> tuple[Running, ...]:
        """Every activation that is neither STOPPED nor FAULTED, oldest first."""
        with self._database.reading() as tx:
            found = tx.activations.running()
            configurations = tx.configurations.of_ids({a.configuration_id for a in found})
            wallets = tx.wallets.of_ids({a.wallet_id for a in found})
        return tuple(
            Running(a, configurations[a.configuration_id], wallets[a.wallet_id]) for a in found
        )

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

    def open_book(self, activation_id: str) -> OpenBook:
        """Its orders and position as one moment of the ledger has them, and its running sums."""
        with self._database.reading() as tx:
            return open_book(tx, activation_id)

    def known_fills(self, wallet_id: str, since_ms: int) -> frozenset[str]:
        """The venue's trade ids of the wallet's fills from `since_ms` on."""
        with self._database.reading() as tx:
            return tx.fills.venue_ids(wallet_id, since_ms)

    def commands_waiting(self, activation_id: str | None = None) -> tuple[ManualCommand, ...]:
        """What people want done by hand and nobody has answered, oldest first."""
        with self._database.reading() as tx:
            return tx.manual.waiting(activation_id)

    def start_session(self, activation_id: str, session_start: int) -> None:
        """Note the open time of its first bar. Error `lease_lost`."""
        with self._database.transaction() as tx:
            self._check_leases(tx, [activation_id])
            tx.activations.start_session(activation_id, session_start)

    def set_state(
        self, activation_id: str, state: ActivationState, now_ms: int, fault: str | None = None
    ) -> None:
        """Note its state, with the event of it. A wish to drain is never overwritten by RUNNING.

        Error `lease_lost`: a state that another engine is responsible for.
        """
        with self._database.transaction() as tx:
            self._check_leases(tx, [activation_id])
            held = tx.activations.get(activation_id)
            drains = held.state is ActivationState.DRAINING and not state.is_over
            if held.state is state or drains or held.state.is_over:
                return
            changed = tx.activations.set_state(activation_id, state, at=now_ms, fault=fault)
            more = {} if fault is None else {"fault": fault}
            tx.events.append(state_event(changed, now_ms, more))
            if state.is_over:
                refuse_waiting(tx, changed, now_ms)

    def block(self, activation_id: str, code: str, now_ms: int) -> None:
        """Note that it takes no entries, and why, with the event of it. Error `lease_lost`."""
        with self._database.transaction() as tx:
            self._check_leases(tx, [activation_id])
            held = tx.activations.block(activation_id, code)
            tx.events.append(state_event(held, now_ms, {"blocked": code}))

    def commit(self, batch: Batch) -> None:
        """Write a batch, all of it or nothing; with those of others that come at the same moment.

        Error `lease_lost` (FailedError), and nothing written.
        """
        began = time.perf_counter()
        self._group.commit(batch)
        self.commit_s.append(time.perf_counter() - began)

    def _write(self, batches: Sequence[Batch]) -> None:
        """Batches in one transaction. Orders come before their fills (foreign keys)."""
        with self._database.transaction() as tx:
            self._check_leases(tx, {name for batch in batches for name in _written_for(batch)})
            for batch in batches:
                tx.signals.insert_many(batch.signals, "replace")
                tx.orders.save_many(batch.orders)
                tx.fills.insert_many(batch.fills)
                tx.trades.insert_many(batch.trades)
                tx.trades.insert_many(batch.corrected, "replace")
                tx.positions.save_many(batch.positions)
                if batch.positions_gone:
                    tx.positions.delete_many(batch.positions_gone)
                tx.portfolio.insert_many(batch.points)
                tx.logs.insert_many(batch.logs)
                tx.activations.advance_many(batch.last_bars)
                tx.manual.answer(batch.answers)
            tx.events.append(*(event for batch in batches for event in batch.events))

    def _check_leases(self, tx: Transaction, activation_ids: Iterable[str]) -> None:
        """Nothing, if all are still held as they were loaded, and will be to the commit."""
        wanted = set(activation_ids)
        if self._owner is None or not wanted:
            return
        held = tx.activations.fences(self._owner, wanted)
        lost = sorted(
            id_ for id_ in wanted if id_ not in held or held[id_] != self._fences.get(id_)
        )
        if lost:
            raise FailedError(
                "lease_lost", "another engine may run these activations by now",
                expected=f"a lease of {self._owner}, unbroken since they were loaded",
                found=", ".join(lost),
                hint="Nothing was written. Claim them again and load them anew.",
            )  # fmt: skip


def _written_for(batch: Batch) -> set[str]:
    """The activations a batch writes ledger rows of."""
    ledgers = (
        batch.signals, batch.orders, batch.fills, batch.trades, batch.positions, batch.points,
        batch.corrected, batch.answers,
    )  # fmt: skip
    return {row.activation_id for rows in ledgers for row in rows} | set(batch.last_bars)


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
    if signal.action in RECORDED:
        return Intervention(signal.bar_time, signal.action, MANUAL, signal.values)
    if signal.verdict == "refused" and signal.reason in WALLET_REFUSALS:
        return Intervention(signal.bar_time, "refuse", signal.reason)
    return None
