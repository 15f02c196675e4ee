"""The tables, named as users know them. Times are UTC milliseconds, ids uuid text."""

from tradepulse.storage.tables.access import (
    api_keys,
    audit_log,
    refresh_tokens,
    sign_in_attempts,
    user_sessions,
    users,
)  # fmt: skip
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
from tradepulse.storage.tables.live_market import (
    book_wishes,
    engine_reports,
    order_books,
    quotes,
)  # fmt: skip
from tradepulse.storage.tables.manual import manual_commands
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
    "activations", "alerts", "api_keys", "audit_log", "book_wishes", "engine_reports",
    "event_sequence", "events", "exchange_connections", "fills", "hold_outs", "instrument_terms",
    "instruments", "kill_receipts", "manual_commands", "metadata", "order_books", "orders",
    "portfolio_history", "positions", "quotes", "reconciliations", "refresh_tokens", "risk_locks",
    "risk_states", "settings_versions", "sign_in_attempts", "signals", "trade_logs", "trades",
    "trained_configurations", "training_jobs", "training_studies", "training_trials", "transfers",
    "user_sessions", "users", "wallets",
]  # fmt: skip
