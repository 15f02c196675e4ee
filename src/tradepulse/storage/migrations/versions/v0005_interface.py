"""What the interface needs: people who sign in, their keys, the audit; whose a log line is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "audit_log", "sign_in_attempts", "api_keys", "refresh_tokens", "user_sessions", "users",
)  # fmt: skip
LOG_INDEX = "ix_trade_logs_user_id_timestamp"


def upgrade() -> None:
    _create_users()
    _create_sessions()
    _create_keys()
    _create_audit()
    owner = sa.Column("user_id", sa.Text(), nullable=False, server_default="local")
    op.add_column("trade_logs", owner)
    op.create_index(LOG_INDEX, "trade_logs", ["user_id", "timestamp"])


def downgrade() -> None:
    op.drop_index(LOG_INDEX, "trade_logs")
    op.execute("ALTER TABLE trade_logs DROP COLUMN user_id")
    for table in TABLES:
        op.drop_table(table)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _time(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _names(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def _create_users() -> None:
    op.create_table(
        "users",
        _text("id"), _text("username"), _text("role"), _time("created_at"),
        _time("disabled_at", null=True), _time("deleted_at", null=True),
        _time("password_changed_at", null=True), _text("password_hash", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )  # fmt: skip
    not_removed = sa.text("deleted_at IS NULL")
    op.create_index(
        "uq_users_username", "users", ["username"],
        unique=True, sqlite_where=not_removed, postgresql_where=not_removed,
    )  # fmt: skip
    op.create_table(
        "sign_in_attempts",
        _text("subject"), _time("failures"), _time("last_at"), _time("blocked_until"),
        sa.PrimaryKeyConstraint("subject", name="pk_sign_in_attempts"),
    )  # fmt: skip


def _create_sessions() -> None:
    op.create_table(
        "user_sessions",
        _text("id"), _text("user_id"), _time("created_at"), _time("expires_at"),
        _text("address"), _time("ended_at", null=True), _text("ended_by", null=True),
        _names("user_sessions", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_user_sessions"),
    )  # fmt: skip
    names = ["user_id", "created_at"]
    op.create_index("ix_user_sessions_user_id_created_at", "user_sessions", names)
    op.create_table(
        "refresh_tokens",
        _text("id"), _text("session_id"), _text("hash"), _time("created_at"),
        _time("used_at", null=True),
        _names("refresh_tokens", "session_id", "user_sessions"),
        sa.PrimaryKeyConstraint("id", name="pk_refresh_tokens"),
    )  # fmt: skip
    op.create_index("ix_refresh_tokens_session_id", "refresh_tokens", ["session_id"])


def _create_keys() -> None:
    op.create_table(
        "api_keys",
        _text("id"), _text("user_id"), _text("name"), _text("scopes"), _time("created_at"),
        _time("expires_at", null=True), _time("last_used_at", null=True),
        _time("revoked_at", null=True), _text("hash"),
        _names("api_keys", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )  # fmt: skip
    names = ["user_id", "created_at", "id"]
    op.create_index("ix_api_keys_user_id_created_at_id", "api_keys", names)


def _create_audit() -> None:
    op.create_table(
        "audit_log",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        _time("time"), _text("user_id"), _text("username"), _text("credential"),
        _text("address"), _text("method"), _text("route"), _text("object"), _time("outcome"),
        _text("code"), _text("request_id"), _text("previous_hash"), _text("hash"),
        sa.PrimaryKeyConstraint("number", name="pk_audit_log"),
    )  # fmt: skip
    op.create_index("ix_audit_log_time", "audit_log", ["time"])
    op.create_index("ix_audit_log_user_id_number", "audit_log", ["user_id", "number"])
