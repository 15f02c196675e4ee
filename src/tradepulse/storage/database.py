"""The database: SQLite by default, PostgreSQL when several instances share the work.

Access is synchronous (docs/adr/0002): one driver code path for the command line, workers, the
engine's writer thread and, in worker threads, the API.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from tradepulse.domain.errors import FailedError, UsageError
from tradepulse.storage import migrations, sqlite
from tradepulse.storage.failures import outdated, pool_exhausted, translate, writer_busy
from tradepulse.storage.transaction import Transaction

_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
# Threads of the API and of the engine at once; a connection costs nothing until it is used. The one
# that was used last is used next: taken in turn, each would fill a cache of pages and statements.
_POOL = {"pool_size": 8, "max_overflow": 32, "pool_timeout": 30.0, "pool_use_lifo": True}


class Database:
    """An open database. Threads may share it; a `Transaction` belongs to the thread it is in."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = threading.Lock()
        self._owner: str | None = None

    @classmethod
    def open(cls, url: str, *, upgrade: bool = False) -> Database:
        """The database at `sqlite:///path/file.sqlite` or `postgresql://user@host/name`.

        `upgrade` brings the tables to this version first; without it an older schema is found out
        by `check`. Errors: `database_url` (UsageError), `database_unavailable`, `read_only`,
        `disk_full` (FailedError).
        """
        database = cls(_engine(_parse(url)))
        if upgrade:
            database.upgrade()
        return database

    def owned_by(self, user_id: str) -> Database:
        """The same database as one user has it: no transaction of it knows anybody else's rows."""
        view = copy.copy(self)
        view._owner = user_id
        return view

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A unit that is written as a whole, or not at all if the block raises.

        Events appended in it get their numbers at its end, just before the commit.
        """
        with self.connection(write=True) as connection:
            unit = Transaction(connection, self._owner)
            yield unit
            unit.events.flush()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A unit that sees one moment of the database however many queries it makes.

        Writing in it fails with `read_only`; a writer elsewhere is neither blocked nor waited for.
        """
        with self.connection(write=False) as connection:
            yield Transaction(connection, self._owner)

    @contextmanager
    def connection(self, *, write: bool) -> Iterator[Connection]:
        """A SQLAlchemy connection in a transaction, for queries no repository answers."""
        with self._turn(write):
            try:
                raw = self._engine.connect()
            except sa.exc.TimeoutError as error:
                raise pool_exhausted() from error
            with raw.execution_options(**self._options(write)) as connection, connection.begin():
                yield connection

    def upgrade(self) -> None:
        """Bring the tables to this version; nothing happens if they are there already."""
        with self.connection(write=True) as connection:
            migrations.upgrade(connection)

    def check(self) -> None:
        """Nothing, when the database answers and has this version's tables.

        Errors: `database_unavailable`, or `database_outdated` with the command that upgrades it.
        """
        with self.connection(write=False) as connection:
            found = migrations.revision(connection)
        if found != migrations.HEAD:
            raise outdated(found, migrations.HEAD)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @property
    def url(self) -> str:
        """Where it is, with the password hidden."""
        return self._engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _turn(self, write: bool) -> Iterator[None]:
        """One writer of SQLite at a time, in the order they came. Left to itself SQLite has the
        others sleep and look again: ten wallets that write at once wait a tenth of a second."""
        if not write or self.dialect != "sqlite":
            yield
            return
        if not self._writing.acquire(timeout=sqlite.BUSY_SECONDS):
            raise writer_busy()
        try:
            yield
        finally:
            self._writing.release()

    def _options(self, write: bool) -> dict[str, object]:
        if self.dialect == "sqlite":
            return {sqlite.WRITES: write}
        if write:
            # Each statement sees what others committed: compare-and-set needs that.
            return {"isolation_level": "READ COMMITTED"}
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def _parse(text: str) -> URL:
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError as error:
        raise _bad_url(text) from error
    driver = _DRIVERS.get(url.drivername)
    in_memory = url.drivername == "sqlite" and url.database in (None, "", ":memory:")
    if driver is None or in_memory:
        raise _bad_url(url.render_as_string(hide_password=True))
    return url.set(drivername=driver)


def _bad_url(text: str) -> UsageError:
    return UsageError(
        "database_url",
        "not a database this project can use",
        expected="sqlite:///path/to/file.sqlite or postgresql://user:password@host/name",
        found=repr(text),
    )


def _engine(url: URL) -> Engine:
    try:
        if url.drivername.startswith("sqlite"):
            engine = sa.create_engine(url, **_POOL)
            sqlite.prepare(engine)
        else:
            engine = sa.create_engine(url, pool_pre_ping=True, **_POOL)
    except ModuleNotFoundError as error:
        raise FailedError(
            "driver_missing",
            "the PostgreSQL driver is not installed",
            expected="the package psycopg",
            hint="Install it with: pip install 'tradepulse[postgres]'",
        ) from error
    sa.event.listen(engine, "handle_error", translate, retval=True)
    return engine
