"""The tables, named as users know them. Times are UTC milliseconds, ids uuid text."""

from tradepulse.storage.tables.journal import event_sequence, events, settings_versions, trade_logs
from tradepulse.storage.tables.ledger import (
    activations,
    fills,
    instruments,
    orders,
    portfolio_history,
    positions,
    signals,
    trades,
    wallets,
)  # fmt: skip
from tradepulse.storage.tables.metadata import metadata
from tradepulse.storage.tables.oversight import (
    alerts,
    exchange_connections,
    instrument_terms,
    kill_receipts,
    reconciliations,
    risk_locks,
    risk_states,
    transfers,
)  # fmt: skip
from tradepulse.storage.tables.training import (
    hold_outs,
    trained_configurations,
    training_jobs,
    training_studies,
    training_trials,
)  # fmt: skip

__all__ = [
    "activations", "alerts", "event_sequence", "events", "exchange_connections", "fills",
    "hold_outs", "instrument_terms", "instruments", "kill_receipts", "metadata", "orders",
    "portfolio_history", "positions", "reconciliations", "risk_locks", "risk_states",
    "settings_versions", "signals", "trade_logs", "trades", "trained_configurations",
    "training_jobs", "training_studies", "training_trials", "transfers", "wallets",
]  # fmt: skip
