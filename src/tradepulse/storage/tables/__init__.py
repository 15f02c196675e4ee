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
from tradepulse.storage.tables.training import (
    hold_outs,
    trained_configurations,
    training_jobs,
    training_studies,
    training_trials,
)  # fmt: skip

__all__ = [
    "activations", "event_sequence", "events", "fills", "hold_outs", "instruments", "metadata",
    "orders", "portfolio_history", "positions", "settings_versions", "signals", "trade_logs",
    "trades", "trained_configurations", "training_jobs", "training_studies", "training_trials",
    "wallets",
]  # fmt: skip
