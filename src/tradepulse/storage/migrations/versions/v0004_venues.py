"""Connections to venues, leases of activations, what a venue told of orders and fills, risk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT, TIME = sa.Text(), sa.BigInteger()
# As tables/column_types.py keeps money: exact on both databases.
MONEY = sa.Text().with_variant(sa.Numeric(), "postgresql")
# Table, column, type, default of the rows that are there (None: null).
COLUMNS = (
    ("activations", "blocked", TEXT, None),
    ("activations", "lease_owner", TEXT, None),
    ("activations", "lease_until", TIME, None),
    ("activations", "fence", TIME, "0"),
    ("orders", "venue_order_id", TEXT, None),
    ("orders", "decided_at", MONEY, None),
    ("orders", "bracket", sa.JSON(), None),
    ("orders", "sent_at", TIME, None),
    ("orders", "acknowledged_at", TIME, None),
    ("fills", "venue_trade_id", TEXT, None),
    ("fills", "fee_currency", TEXT, None),
    ("fills", "fee_amount", MONEY, None),
    ("fills", "fee_base", MONEY, "0"),
    ("positions", "state", sa.JSON(), None),
)
# Alembic cannot add a column with a foreign key on SQLite without copying the table.
ADD_CONNECTION = (
    "ALTER TABLE wallets ADD COLUMN connection_id TEXT "
    "CONSTRAINT fk_wallets_connection_id_exchange_connections REFERENCES exchange_connections (id)"
)
TABLES = (
    "alerts", "risk_states", "risk_locks", "reconciliations", "kill_receipts", "transfers",
    "instrument_terms", "exchange_connections",
)  # fmt: skip
INDEXES = (
    ("alerts", ["time", "id"]),
    ("risk_locks", ["wallet_id", "until_ms"]),
    ("risk_locks", ["from_ms", "id"]),
    ("reconciliations", ["wallet_id", "time", "id"]),
    ("reconciliations", ["time", "id"]),
    ("kill_receipts", ["requested_at", "id"]),
    ("transfers", ["wallet_id", "time", "id"]),
)


def upgrade() -> None:
    for table, name, type_, default in COLUMNS:
        column = sa.Column(name, type_, nullable=default is None, server_default=default)
        op.add_column(table, column)
    op.create_index(
        "ix_fills_wallet_id_pair_venue_trade_id", "fills", ["wallet_id", "pair", "venue_trade_id"],
        unique=True,
    )  # fmt: skip
    _create_connections()
    op.execute(ADD_CONNECTION)
    op.create_index("ix_wallets_connection_id", "wallets", ["connection_id"])
    _create_alerts()
    _create_risk()
    _create_reconciliations()
    _create_receipts()
    _create_transfers_and_terms()
    for table, names in INDEXES:
        op.create_index(f"ix_{table}_{'_'.join(names)}", table, names)


def downgrade() -> None:
    op.drop_index("ix_wallets_connection_id", "wallets")
    op.drop_index("ix_fills_wallet_id_pair_venue_trade_id", "fills")
    # Alembic would copy the whole table on SQLite, which drops columns itself by now.
    op.execute("ALTER TABLE wallets DROP COLUMN connection_id")
    for table, name, _, _ in reversed(COLUMNS):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for table in TABLES:
        op.drop_table(table)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _document(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _names(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def _create_connections() -> None:
    op.create_table(
        "exchange_connections",
        _text("id"), _text("name"), _text("exchange"), _text("market"), _text("mode"),
        _text("key_hint"), _time("created_at"), _text("base_url", null=True),
        _time("checked_at", null=True), _text("fault", null=True), _text("user_id"),
        _time("deleted_at", null=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(), nullable=True),
        _text("key_version", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_exchange_connections"),
    )  # fmt: skip
    not_removed = sa.text("deleted_at IS NULL")
    op.create_index(
        "uq_exchange_connections_user_id_name", "exchange_connections", ["user_id", "name"],
        unique=True, sqlite_where=not_removed, postgresql_where=not_removed,
    )  # fmt: skip


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        _text("id"), _time("time"), _text("level"), _text("code"), _text("message"),
        _text("entity"), _text("entity_id"), _document("payload"), _time("read_at", null=True),
        _text("user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )  # fmt: skip


def _create_risk() -> None:
    op.create_table(
        "risk_states",
        _text("wallet_id"), _text("state"), _text("reason"), _time("since"),
        _document("latches"), _time("version"),
        _names("risk_states", "wallet_id", "wallets"),
        sa.PrimaryKeyConstraint("wallet_id", name="pk_risk_states"),
    )  # fmt: skip
    op.create_table(
        "risk_locks",
        _text("id"), _text("wallet_id"), _text("activation_id", null=True),
        _text("pair", null=True), _text("code"), _text("reason"), _time("from_ms"),
        _time("until_ms"), _time("released_at", null=True), _text("released_by", null=True),
        _names("risk_locks", "wallet_id", "wallets"),
        _names("risk_locks", "activation_id", "activations"),
        sa.PrimaryKeyConstraint("id", name="pk_risk_locks"),
    )  # fmt: skip


def _create_reconciliations() -> None:
    op.create_table(
        "reconciliations",
        _text("id"), _text("wallet_id"), _time("time"), _text("kind"), _text("entity_id"),
        _text("expected"), _text("found"), _text("resolved_how"), _document("payload"),
        _names("reconciliations", "wallet_id", "wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_reconciliations"),
    )  # fmt: skip


def _create_receipts() -> None:
    op.create_table(
        "kill_receipts",
        _text("id"), _text("wallet_id", null=True), _time("requested_at"),
        _time("completed_at", null=True), _text("reason"), _text("requested_by"),
        _time("cancelled"), _time("flattened"), _time("open_orders"), _time("open_positions"),
        sa.Column("confirmed_by_exchange", sa.Boolean(), nullable=False), _document("details"),
        _names("kill_receipts", "wallet_id", "wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_kill_receipts"),
    )  # fmt: skip


def _create_transfers_and_terms() -> None:
    op.create_table(
        "transfers",
        _text("id"), _text("wallet_id"), _time("time"), _text("currency"),
        sa.Column("amount", MONEY, nullable=False), _text("kind"),
        _names("transfers", "wallet_id", "wallets"),
        sa.PrimaryKeyConstraint("id", name="pk_transfers"),
    )  # fmt: skip
    op.create_table(
        "instrument_terms",
        _text("exchange"), _text("pair"), _text("market"), _document("terms"),
        _time("fetched_at"),
        sa.PrimaryKeyConstraint("exchange", "pair", name="pk_instrument_terms"),
    )  # fmt: skip
