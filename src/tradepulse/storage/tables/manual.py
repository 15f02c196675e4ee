"""What people want done by hand, and what engines answered."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.storage.tables.metadata import document, key, metadata, reference, text, time_ms

_WAITING = sa.text("state = 'WAITING'")

manual_commands = sa.Table(
    "manual_commands",
    metadata,
    key(),
    reference("activation_id", "activations.id"),
    reference("wallet_id", "wallets.id"),
    text("action"),
    text("state"),
    document("wish"),
    text("asked_by"),
    time_ms("asked_at"),
    time_ms("answered_at", null=True),
    text("code", null=True),
    document("answer", null=True),
    text("user_id"),
    sa.Index(None, "asked_at", "id"),
    sa.Index(None, "activation_id", "asked_at", "id"),
    # What every engine asks for, and there is hardly ever a row of it.
    sa.Index(
        "ix_manual_commands_waiting", "activation_id",
        sqlite_where=_WAITING, postgresql_where=_WAITING,
    ),
)  # fmt: skip
