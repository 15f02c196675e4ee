"""What happened and who said so: events, log lines, versions of the settings."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.storage.tables.metadata import (
    document,
    metadata,
    running_number,
    text,
    time_ms,
    whole,
)  # fmt: skip

events = sa.Table(
    "events",
    metadata,
    sa.Column("sequence", sa.BigInteger(), primary_key=True, autoincrement=False),
    time_ms("time"),
    text("type"),
    text("entity"),
    text("entity_id"),
    document("payload"),
    text("user_id"),
    sa.Index(None, "time"),
    sa.Index(None, "entity_id", "sequence"),
)

# One row. Its update gives the numbers and, being locked to the commit, puts writers in line.
event_sequence = sa.Table(
    "event_sequence",
    metadata,
    sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    whole("last"),
)

trade_logs = sa.Table(
    "trade_logs",
    metadata,
    running_number(),
    time_ms("timestamp"),
    text("level"),
    text("message"),
    # No foreign keys: a log line may outlive, or come before, what it speaks of.
    text("configuration_id", null=True),
    text("trade_id", null=True),
    document("metadata"),
    sa.Column("user_id", sa.Text(), nullable=False, server_default="local"),
    sa.Index(None, "timestamp", "id"),
    sa.Index(None, "user_id", "timestamp"),
    sa.Index(None, "configuration_id", "timestamp"),
    sqlite_autoincrement=True,
)

settings_versions = sa.Table(
    "settings_versions",
    metadata,
    sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
    document("settings"),
    text("changed_by"),
    time_ms("changed_at"),
    text("reason"),
    text("previous_hash", null=True),
    text("hash"),
)
