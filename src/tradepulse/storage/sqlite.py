"""How a SQLite connection is set up, and the exact sum it lacks."""

from __future__ import annotations

import sqlite3
import time
from decimal import Context, Decimal, Inexact
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from tradepulse.domain.money import to_text
from tradepulse.storage.column_types import Money

# Name of the execution option that says whether a transaction will write.
WRITES = "tradepulse_writes"

# WAL: readers never wait for the writer. FULL: a committed intent survives a power cut; NORMAL
# would be quicker by one fsync a commit and could forget an order that was already sent.
_WAL = "PRAGMA journal_mode=WAL"
_PRAGMAS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
)
BUSY_SECONDS = 15.0
_WAL_PAUSE_SECONDS = 0.005
# Wide enough that no sum of a ledger is ever rounded; if one were, Inexact raises.
_EXACT = Context(prec=400, traps=[Inexact])


def prepare(engine: Engine) -> None:
    """Set up each new connection of `engine`; its writing transactions begin with the lock."""

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # The driver would begin on its own, late and without the lock: BEGIN is ours.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={int(BUSY_SECONDS * 1000)}")
        _use_wal(connection)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
        connection.create_aggregate("exact_sum", 1, _ExactSum)

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, True)
        connection.exec_driver_sql(f"PRAGMA query_only={0 if writes else 1}")
        # IMMEDIATE: waiting for the lock now, not failing in the middle after having read.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Two that open a new file at once both turn it to WAL, and for that alone SQLite does not
    wait: one of them is told that the file is locked."""
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(_WAL)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_WAL_PAUSE_SECONDS)
        else:
            return


class _ExactSum:
    """Sum of decimal texts without rounding; NULLs are left out, no rows give NULL.

    Texts go in and a text comes out: the driver's stubs know numbers only, hence `Any`.
    """

    def __init__(self) -> None:
        self._total: Decimal | None = None

    def step(self, value: Any) -> None:
        if value is not None:
            self._total = _EXACT.add(self._total or Decimal(0), Decimal(value))

    def finalize(self) -> Any:
        return None if self._total is None else to_text(self._total)


def difference(amount: Decimal, *less: Decimal) -> Decimal:
    """`amount` less each of `less`, without rounding (plain `-` keeps 28 digits)."""
    for part in less:
        amount = _EXACT.subtract(amount, part)
    return amount


class exact_sum(GenericFunction[Decimal]):  # noqa: N801 - an SQL function, written as such
    """The exact sum of a money column, on both databases; NULL over no rows."""

    type = Money()
    inherit_cache = True


@compiles(exact_sum, "postgresql")
def _sum_of_numeric(element: exact_sum, compiler: SQLCompiler, **options: Any) -> str:
    return f"sum({compiler.process(element.clauses, **options)})"
