"""Accounts, what runs on them, and what it did: every row names its configuration and activation.

Ledger rows are never deleted, except a position when it is flat: its trade tells the rest.
"""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.storage.tables.metadata import (
    document,
    key,
    metadata,
    money,
    reference,
    text,
    time_ms,
    whole,
)  # fmt: skip

ACTIVATION, WALLET = "activations.id", "wallets.id"
_CONFIGURATION = "trained_configurations.id"

wallets = sa.Table(
    "wallets",
    metadata,
    key(),
    text("name"),
    text("quote"),
    money("balance"),
    text("mode"),
    time_ms("created_at"),
    text("user_id"),
    reference("connection_id", "exchange_connections.id", null=True),
    sa.Index(None, "created_at", "id"),
    sa.Index(None, "connection_id"),
)

instruments = sa.Table(
    "instruments",
    metadata,
    key("exchange"),
    key("pair"),
    money("tick", null=True),
    money("lot", null=True),
    money("min_notional"),
)

activations = sa.Table(
    "activations",
    metadata,
    key(),
    reference("configuration_id", _CONFIGURATION),
    reference("wallet_id", WALLET),
    text("mode"),
    text("feed"),
    text("state"),
    money("allotment"),
    time_ms("session_start", null=True),
    time_ms("last_bar", null=True),
    text("code_version"),
    time_ms("created_at"),
    time_ms("stopped_at", null=True),
    text("fault", null=True),
    text("user_id"),
    text("blocked", null=True),
    # The lease: its owner may write until it ends, under the number `fence` alone.
    text("lease_owner", null=True),
    time_ms("lease_until", null=True),
    whole("fence"),
    sa.Index(None, "configuration_id", "state"),
    sa.Index(None, "wallet_id", "state"),
    sa.Index(None, "created_at", "id"),
)

signals = sa.Table(
    "signals",
    metadata,
    key(),
    reference("activation_id", ACTIVATION),
    reference("configuration_id", _CONFIGURATION),
    time_ms("bar_time"),
    text("action"),
    money("close"),
    text("verdict"),
    text("reason", null=True),
    document("values"),
    sa.Index(None, "activation_id", "bar_time", "id"),
    sa.Index(None, "bar_time", "id"),
)

orders = sa.Table(
    "orders",
    metadata,
    key(),
    text("client_order_id"),
    reference("activation_id", ACTIVATION),
    reference("configuration_id", _CONFIGURATION),
    reference("wallet_id", WALLET),
    text("mode"),
    text("pair"),
    text("kind"),
    text("role"),
    text("side"),
    money("quantity"),
    money("price", null=True),
    money("filled"),
    text("state"),
    text("reason", null=True),
    text("oco_group", null=True),
    time_ms("created_at"),
    time_ms("updated_at"),
    text("code_version"),
    text("venue_order_id", null=True),
    money("decided_at", null=True),
    document("bracket", null=True),
    time_ms("sent_at", null=True),
    time_ms("acknowledged_at", null=True),
    sa.UniqueConstraint("client_order_id"),
    sa.Index(None, "activation_id", "created_at", "id"),
    sa.Index(None, "created_at", "id"),
)

fills = sa.Table(
    "fills",
    metadata,
    key(),
    reference("order_id", "orders.id"),
    reference("activation_id", ACTIVATION),
    reference("configuration_id", _CONFIGURATION),
    reference("wallet_id", WALLET),
    text("pair"),
    text("side"),
    money("price"),
    money("quantity"),
    money("fee"),
    text("liquidity"),
    time_ms("time"),
    text("code_version"),
    text("venue_trade_id", null=True),
    text("fee_currency", null=True),
    money("fee_amount", null=True),
    money("fee_base"),
    sa.Index(None, "activation_id", "time", "id"),
    sa.Index(None, "order_id"),
    # A venue may tell of an execution twice; the ledger has it once. Paper fills have no such id,
    # and nulls are never equal.
    sa.Index(None, "wallet_id", "pair", "venue_trade_id", unique=True),
    sa.Index(None, "time", "id"),
)

positions = sa.Table(
    "positions",
    metadata,
    key(),
    reference("activation_id", ACTIVATION),
    reference("configuration_id", _CONFIGURATION),
    reference("wallet_id", WALLET),
    text("pair"),
    text("side"),
    money("quantity"),
    money("entry_price"),
    time_ms("entry_time"),
    money("stop", null=True),
    money("target", null=True),
    time_ms("updated_at"),
    document("state", null=True),
    sa.Index(None, "activation_id"),
    sa.Index(None, "wallet_id"),
)

trades = sa.Table(
    "trades",
    metadata,
    key(),
    reference("configuration_id", _CONFIGURATION),
    reference("activation_id", ACTIVATION),
    reference("wallet_id", WALLET),
    text("mode"),
    text("feed"),
    text("pair"),
    text("side"),
    time_ms("entry_time"),
    money("entry_price"),
    money("quantity"),
    time_ms("exit_time"),
    money("exit_price"),
    text("exit_reason"),
    money("fees"),
    money("funding"),
    money("pnl"),
    money("pnl_pct"),
    money("mae_pct"),
    money("mfe_pct"),
    whole("bars_held"),
    text("tag", null=True),
    text("code_version"),
    sa.Index(None, "activation_id", "exit_time", "id"),
    sa.Index(None, "configuration_id", "mode"),
    sa.Index(None, "exit_time", "id"),
)

portfolio_history = sa.Table(
    "portfolio_history",
    metadata,
    reference("wallet_id", WALLET),
    reference("activation_id", ACTIVATION),
    reference("configuration_id", _CONFIGURATION),
    time_ms("time"),
    money("equity"),
    money("cash"),
    money("unrealised_pnl"),
    money("drawdown"),
    text("code_version"),
    sa.PrimaryKeyConstraint("activation_id", "time"),
    sa.Index(None, "wallet_id", "time"),
)
