"""What the drivers report, in the project's words: which code, and what the user can do."""

from __future__ import annotations

import sqlite3

from sqlalchemy.engine import ExceptionContext

from tradepulse.domain.errors import FailedError, RefusedError, TradePulseError

_UNAVAILABLE = "database_unavailable"
_SQLITE_CODES = {
    sqlite3.SQLITE_BUSY: _UNAVAILABLE,
    sqlite3.SQLITE_LOCKED: _UNAVAILABLE,
    sqlite3.SQLITE_CANTOPEN: _UNAVAILABLE,
    sqlite3.SQLITE_PROTOCOL: _UNAVAILABLE,
    sqlite3.SQLITE_IOERR: _UNAVAILABLE,
    sqlite3.SQLITE_FULL: "disk_full",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_CORRUPT: "database_corrupt",
    sqlite3.SQLITE_NOTADB: "database_corrupt",
}
# Classes and codes of PostgreSQL's SQLSTATE.
_POSTGRES_CODES = {
    "53100": "disk_full",
    "25006": "read_only",
    "42P01": "database_outdated",
    "42703": "database_outdated",
    "40001": _UNAVAILABLE,
    "40P01": _UNAVAILABLE,
    "55P03": _UNAVAILABLE,
}
_POSTGRES_AWAY = ("08", "53", "57")

_MESSAGES = {
    _UNAVAILABLE: ("the database does not answer", "Check that it is there, then try again."),
    "disk_full": ("the disk of the database is full", "Free some space, then try again."),
    "read_only": ("the database can only be read", "Check the rights on its file and folder."),
    "database_corrupt": (
        "the database file is damaged or not a database",
        "Restore it from a backup: tradepulse db restore",
    ),
    "database_outdated": (
        "the database has not this version's tables",
        "Upgrade it with: tradepulse db upgrade",
    ),
}


def translate(context: ExceptionContext) -> TradePulseError | None:
    """Listener of SQLAlchemy's `handle_error`: the error to raise instead of the driver's, which
    becomes its cause; None leaves a defect of ours, such as wrong SQL, as it is."""
    cause = context.original_exception
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause)
    return _from_postgres(cause, lost=context.is_disconnect)


def outdated(found: str | None, expected: str) -> FailedError:
    """The error for a schema of another version."""
    message, hint = _MESSAGES["database_outdated"]
    return FailedError(
        "database_outdated", message, expected=expected, found=found or "no tables", hint=hint
    )


def pool_exhausted() -> FailedError:
    """The error for waiting in vain for a free connection."""
    return FailedError(
        _UNAVAILABLE, "all connections to the database are in use", hint="Try again in a moment."
    )


def writer_busy() -> FailedError:
    """The error for waiting in vain for this process's other writers."""
    return FailedError(
        _UNAVAILABLE, "another thread of this process is writing for too long",
        hint="Try again in a moment.",
    )  # fmt: skip


def _failed(code: str, cause: BaseException) -> FailedError:
    message, hint = _MESSAGES[code]
    return FailedError(code, message, found=str(cause).strip().splitlines()[0], hint=hint)


def _integrity(cause: BaseException, *, duplicate: bool) -> RefusedError:
    found = str(cause).strip().splitlines()[0]
    if duplicate:
        return RefusedError("already_exists", "such a row exists already", found=found)
    return RefusedError(
        "broken_reference", "a row names something that does not exist", found=found
    )


def _from_sqlite(cause: sqlite3.Error) -> TradePulseError | None:
    extended = getattr(cause, "sqlite_errorcode", None)
    if extended is None:
        return None
    primary = extended & 0xFF
    if primary == sqlite3.SQLITE_CONSTRAINT:
        unique = (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
        return _integrity(cause, duplicate=extended in unique)
    if primary == sqlite3.SQLITE_ERROR and "no such" in str(cause):
        return _failed("database_outdated", cause)
    code = _SQLITE_CODES.get(primary)
    return None if code is None else _failed(code, cause)


def _from_postgres(cause: BaseException, *, lost: bool) -> TradePulseError | None:
    state = getattr(cause, "sqlstate", None)
    if state in ("23505", "23503", "23502"):
        return _integrity(cause, duplicate=state == "23505")
    if state in _POSTGRES_CODES:
        return _failed(_POSTGRES_CODES[state], cause)
    # psycopg gives no state when it could not connect at all.
    away = lost or (state or "08").startswith(_POSTGRES_AWAY)
    is_operational = type(cause).__name__ in ("OperationalError", "ConnectionTimeout")
    return _failed(_UNAVAILABLE, cause) if lost or (away and is_operational) else None
