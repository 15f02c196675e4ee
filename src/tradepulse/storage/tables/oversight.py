"""What stands over the ledger: connections to venues, risk, alerts, what reconciling found."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.storage.tables.ledger import ACTIVATION, WALLET
from tradepulse.storage.tables.metadata import (
    blob,
    document,
    key,
    metadata,
    money,
    reference,
    text,
    time_ms,
    whole,
)  # fmt: skip

_NOT_REMOVED = sa.text("deleted_at IS NULL")

exchange_connections = sa.Table(
    "exchange_connections",
    metadata,
    key(),
    text("name"),
    text("exchange"),
    text("market"),
    text("mode"),
    text("key_hint"),
    time_ms("created_at"),
    text("base_url", null=True),
    time_ms("checked_at", null=True),
    text("fault", null=True),
    text("user_id"),
    time_ms("deleted_at", null=True),
    # Keys as `storage.secrets` sealed them; all null once the connection is removed. The row stays:
    # wallets and their ledger name it.
    blob("secret", null=True),
    blob("nonce", null=True),
    text("key_version", null=True),
    sa.Index(
        "uq_exchange_connections_user_id_name", "user_id", "name", unique=True,
        sqlite_where=_NOT_REMOVED, postgresql_where=_NOT_REMOVED,
    ),
)  # fmt: skip

alerts = sa.Table(
    "alerts",
    metadata,
    key(),
    time_ms("time"),
    text("level"),
    text("code"),
    text("message"),
    text("entity"),
    text("entity_id"),
    document("payload"),
    time_ms("read_at", null=True),
    text("user_id"),
    sa.Index(None, "time", "id"),
)

risk_states = sa.Table(
    "risk_states",
    metadata,
    sa.Column("wallet_id", sa.Text(), sa.ForeignKey(WALLET), primary_key=True),
    text("state"),
    text("reason"),
    time_ms("since"),
    document("latches"),
    whole("version"),
)

risk_locks = sa.Table(
    "risk_locks",
    metadata,
    key(),
    reference("wallet_id", WALLET),
    reference("activation_id", ACTIVATION, null=True),
    text("pair", null=True),
    text("code"),
    text("reason"),
    time_ms("from_ms"),
    time_ms("until_ms"),
    time_ms("released_at", null=True),
    text("released_by", null=True),
    sa.Index(None, "wallet_id", "until_ms"),
    sa.Index(None, "from_ms", "id"),
)

reconciliations = sa.Table(
    "reconciliations",
    metadata,
    key(),
    reference("wallet_id", WALLET),
    time_ms("time"),
    text("kind"),
    text("entity_id"),
    text("expected"),
    text("found"),
    text("resolved_how"),
    document("payload"),
    sa.Index(None, "wallet_id", "time", "id"),
    sa.Index(None, "time", "id"),
)

kill_receipts = sa.Table(
    "kill_receipts",
    metadata,
    key(),
    reference("wallet_id", WALLET, null=True),
    time_ms("requested_at"),
    time_ms("completed_at", null=True),
    text("reason"),
    text("requested_by"),
    whole("cancelled"),
    whole("flattened"),
    whole("open_orders"),
    whole("open_positions"),
    sa.Column("confirmed_by_exchange", sa.Boolean(), nullable=False),
    document("details"),
    sa.Index(None, "requested_at", "id"),
)

transfers = sa.Table(
    "transfers",
    metadata,
    key(),
    reference("wallet_id", WALLET),
    time_ms("time"),
    text("currency"),
    money("amount"),
    text("kind"),
    sa.Index(None, "wallet_id", "time", "id"),
)

instrument_terms = sa.Table(
    "instrument_terms",
    metadata,
    key("exchange"),
    key("pair"),
    text("market"),
    document("terms"),
    time_ms("fetched_at"),
)
