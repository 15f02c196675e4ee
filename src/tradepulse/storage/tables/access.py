"""Who may come in, by what, and what they commanded. No table here holds anything that opens."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.storage.tables.metadata import (
    key,
    metadata,
    reference,
    text,
    time_ms,
    whole,
)  # fmt: skip

_USER = "users.id"
_NOT_REMOVED = sa.text("deleted_at IS NULL")

users = sa.Table(
    "users",
    metadata,
    key(),
    # In lower case, so that one name is one person.
    text("username"),
    text("role"),
    time_ms("created_at"),
    time_ms("disabled_at", null=True),
    time_ms("deleted_at", null=True),
    time_ms("password_changed_at", null=True),
    # Argon2id with its salt and parameters in one line; null: nobody signs in by a password.
    text("password_hash", null=True),
    sa.Index(
        "uq_users_username", "username", unique=True,
        sqlite_where=_NOT_REMOVED, postgresql_where=_NOT_REMOVED,
    ),
)  # fmt: skip

user_sessions = sa.Table(
    "user_sessions",
    metadata,
    key(),
    reference("user_id", _USER),
    time_ms("created_at"),
    time_ms("expires_at"),
    text("address"),
    time_ms("ended_at", null=True),
    text("ended_by", null=True),
    sa.Index(None, "user_id", "created_at"),
)

refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    key(),
    reference("session_id", "user_sessions.id"),
    text("hash"),
    time_ms("created_at"),
    time_ms("used_at", null=True),
    sa.Index(None, "session_id"),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    key(),
    reference("user_id", _USER),
    text("name"),
    text("scopes"),
    time_ms("created_at"),
    time_ms("expires_at", null=True),
    time_ms("last_used_at", null=True),
    time_ms("revoked_at", null=True),
    # SHA-256 of the whole key: drawn at random, it needs no salt and no slow hash.
    text("hash"),
    sa.Index(None, "user_id", "created_at", "id"),
)

# One row a user name and one an address: what was tried in vain, whichever process was asked.
sign_in_attempts = sa.Table(
    "sign_in_attempts",
    metadata,
    key("subject"),
    whole("failures"),
    time_ms("last_at"),
    time_ms("blocked_until"),
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
    time_ms("time"),
    # No foreign key: also who does not exist may have tried.
    text("user_id"),
    text("username"),
    text("credential"),
    text("address"),
    text("method"),
    text("route"),
    text("object"),
    whole("outcome"),
    text("code"),
    text("request_id"),
    text("previous_hash"),
    text("hash"),
    sa.Index(None, "time"),
    sa.Index(None, "user_id", "number"),
)
