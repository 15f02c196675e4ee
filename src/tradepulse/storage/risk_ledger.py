"""The engine's `RiskLedger` over the database: latches, pauses, what each activation has shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from tradepulse.domain.event import NewEvent
from tradepulse.domain.ledger import TradeRecord
from tradepulse.domain.lifecycle import Mode
from tradepulse.domain.risk_record import RiskLock, RiskStateRecord
from tradepulse.execution.oversight import Standing
from tradepulse.storage.database import Database
from tradepulse.storage.transaction import Transaction


class DatabaseRiskLedger:
    """The `RiskLedger` port. Errors are the repositories' own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, wallet_id: str) -> RiskStateRecord | None:
        """The state as it was last written."""
        with self._database.reading() as tx:
            return tx.risk_states.find(wallet_id)

    def save(self, record: RiskStateRecord, events: Sequence[NewEvent]) -> RiskStateRecord:
        """The record as kept now, its events in the same transaction. Error
        `risk_state_changed`."""
        with self._database.transaction() as tx:
            written = tx.risk_states.save(record)
            _tell(tx, record.wallet_id, events)
        return written

    def realised(self, wallet_id: str, besides: Sequence[str]) -> Decimal:
        """What the wallet's activations but those have made, in all their closed trades."""
        with self._database.reading() as tx:
            return realised_besides(tx, wallet_id, besides)

    def standing(self, activation_id: str) -> Standing:
        """The configuration's stage, and the trades closed with real money."""
        with self._database.reading() as tx:
            return standing_of(tx, activation_id)

    def locks(self, wallet_id: str, now_ms: int) -> tuple[RiskLock, ...]:
        """Those whose time is not over, released ones among them."""
        with self._database.reading() as tx:
            return tx.risk_locks.unexpired(wallet_id, now_ms)

    def keep_locks(self, locks: Sequence[RiskLock], events: Sequence[NewEvent]) -> None:
        """Writes those that are not there yet, with their events. Another engine of the wallet may
        have found them too: then both events stand, and one row."""
        with self._database.transaction() as tx:
            tx.risk_locks.insert_many(locks, "ignore")
            _tell(tx, locks[0].wallet_id, events)

    def closed_trades(self, wallet_id: str, since_ms: int) -> tuple[TradeRecord, ...]:
        """The wallet's trades that closed from `since_ms` on, oldest first."""
        with self._database.reading() as tx:
            return tx.trades.closed_since(wallet_id, since_ms)


def _tell(tx: Transaction, wallet_id: str, events: Sequence[NewEvent]) -> None:
    """The engine knows wallets; whose they are is said here."""
    if events:
        owner = tx.wallets.get(wallet_id).user_id
        tx.events.append(*(replace(event, user_id=owner) for event in events))


def realised_besides(tx: Transaction, wallet_id: str, besides: Sequence[str]) -> Decimal:
    """What a wallet's activations but those have made, in all their closed trades."""
    return tx.trades.totals(wallet_id=wallet_id, besides=besides).pnl


def standing_of(tx: Transaction, activation_id: str) -> Standing:
    """The configuration's stage, and the trades closed with real money."""
    activation = tx.activations.get(activation_id)
    configuration = tx.configurations.get(activation.configuration_id)
    if activation.mode is not Mode.LIVE:
        return Standing(configuration.lifecycle_stage)
    trades = tx.trades.totals(configuration_id=configuration.id, mode=Mode.LIVE)
    own = tx.trades.totals(activation_id=activation_id)
    return Standing(configuration.lifecycle_stage, trades.trade_count, own.trade_count)
