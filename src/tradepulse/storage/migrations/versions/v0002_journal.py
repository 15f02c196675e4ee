"""Events, logs, versions of the settings, and the view of live performance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = ("events", "event_sequence", "trade_logs", "settings_versions")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# On SQLite money is text: these sums are for display, exact ones come from the repository.
VIEW = """
CREATE VIEW strategy_live_performance AS
SELECT c.strategy_name, c.exchange, c.pair,
       count(*) AS trade_count,
       avg(CASE WHEN {pnl} > 0 THEN 1.0 ELSE 0.0 END) AS win_rate,
       sum({pnl}) AS total_pnl,
       avg({pnl}) AS avg_pnl,
       c.lifecycle_stage
FROM trades t JOIN trained_configurations c ON c.id = t.configuration_id
GROUP BY c.strategy_name, c.exchange, c.pair, c.lifecycle_stage
"""


def upgrade() -> None:
    _create_events()
    _create_event_sequence()
    _create_trade_logs()
    _create_settings_versions()
    op.execute("INSERT INTO event_sequence (id, last) VALUES (1, 0)")
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(VIEW.format(pnl="CAST(t.pnl AS REAL)" if sqlite else "t.pnl"))


def downgrade() -> None:
    op.execute("DROP VIEW strategy_live_performance")
    for table in reversed(TABLES):
        op.drop_table(table)


def _create_events() -> None:
    op.create_table(
        "events",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_events"),
    )
    op.create_index("ix_events_entity_id_sequence", "events", ["entity_id", "sequence"])
    op.create_index("ix_events_time", "events", ["time"])


def _create_event_sequence() -> None:
    op.create_table(
        "event_sequence",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event_sequence"),
    )


def _create_trade_logs() -> None:
    op.create_table(
        "trade_logs",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("configuration_id", sa.Text(), nullable=True),
        sa.Column("trade_id", sa.Text(), nullable=True),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trade_logs"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_trade_logs_configuration_id_timestamp", "trade_logs", ["configuration_id", "timestamp"]
    )
    op.create_index("ix_trade_logs_timestamp_id", "trade_logs", ["timestamp", "id"])


def _create_settings_versions() -> None:
    op.create_table(
        "settings_versions",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=True),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_settings_versions"),
    )
