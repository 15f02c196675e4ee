"""What goes wrong with a SQLite file, made to happen for real, and the code it is given."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from conformance import storage_records as make
from tradepulse.domain.errors import FailedError, TradePulseError, UsageError
from tradepulse.storage import database as database_module
from tradepulse.storage import migrations, sqlite
from tradepulse.storage.database import Database


def check(act: Callable[[], object], code: str, kind: type[TradePulseError] = FailedError) -> None:
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.code == code
    assert "sqlalche.me" not in str(caught.value)


def write(database: Database) -> None:
    with database.transaction() as tx:
        tx.wallets.insert(make.wallet())


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "mysql://x/y", "no url", "sqlite+aiosqlite:///x.sqlite"],
)
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    check(lambda: Database.open(url), "database_url", UsageError)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(UsageError) as caught:
        Database.open("mysql://me:secret@host/db")
    assert "secret" not in str(caught.value)
    assert "secret" not in Database.open("postgresql://me:secret@host/db").url


def test_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite'}")
    check(lambda: write(database), "database_unavailable")


def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    path.write_bytes(b"this is not a database, whatever its name says" * 100)
    database = Database.open(f"sqlite:///{path}")
    check(lambda: write(database), "database_corrupt")
    assert path.read_bytes().startswith(b"this is not")


def test_a_file_with_damaged_pages_is_corrupt(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    check(lambda: write(Database.open(sqlite_url)), "database_corrupt")


def test_another_writer_that_does_not_finish_is_unavailable(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    database = Database.open(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    check(lambda: write(database), "database_unavailable")
    # Readers do not wait for a writer.
    with database.reading() as tx:
        assert tx.wallets.find("w1") is None
    other.execute("ROLLBACK")
    other.close()
    write(database)
    database.close()


def test_a_full_disk_is_said_so_and_leaves_nothing(sqlite_url: str) -> None:
    database = Database.open(sqlite_url)
    with database.transaction() as tx:
        make.write_owners(tx)

    def fill_up() -> None:
        with database.transaction() as tx:
            # SQLite's own limit gives the very error of a full disk.
            pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            tx.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
            tx.trades.insert_many([make.trade(f"t{i}") for i in range(2000)])

    check(fill_up, "disk_full")
    with database.reading() as tx:
        assert tx.trades.of_activation("a1") == ()
    database.close()


def test_a_read_only_file_is_said_so(sqlite_url: str) -> None:
    path = sqlite_url.removeprefix("sqlite:///")
    url = sa.make_url(f"sqlite:///file:{path}").update_query_dict({"mode": "ro", "uri": "true"})
    check(lambda: write(Database.open(str(url))), "read_only")


def test_tables_of_another_version_are_outdated(tmp_path: Path, sqlite_url: str) -> None:
    empty = Database.open(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    check(empty.check, "database_outdated")
    check(lambda: write(empty), "database_outdated")
    older = Database.open(sqlite_url)
    older.check()
    with older.connection(write=True) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    check(older.check, "database_outdated")


def test_waiting_in_vain_for_a_connection_is_unavailable(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.05}
    monkeypatch.setattr(database_module, "_POOL", small)
    database = Database.open(sqlite_url)
    with database.reading():
        check(lambda: write(database), "database_unavailable")
    write(database)
    database.close()


def test_every_connection_is_set_up_for_durability(sqlite_url: str) -> None:
    with Database.open(sqlite_url) as database, database.reading() as tx:
        found = {
            name: tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15_000,
    }  # fmt: skip


CRASHING = """
import sys
sys.path.insert(0, sys.argv[2])
from conformance import storage_records as make
from tradepulse.storage.database import Database
database = Database.open(sys.argv[1])
number = 0
while True:
    number += 1
    with database.transaction() as tx:
        tx.orders.insert(make.order(f"o{number}"))
        tx.fills.insert(make.fill(f"f{number}", order_id=f"o{number}"))
        tx.events.append(make.event(entity_id=f"o{number}"))
    print(number, flush=True)
"""


@pytest.mark.slow
@pytest.mark.parametrize("lines", [1, 9, 30])
def test_a_killed_process_loses_nothing_it_reported(sqlite_url: str, lines: int) -> None:
    """Killed at an instruction nobody chose: what was committed is whole, the rest is absent."""
    with Database.open(sqlite_url) as database, database.transaction() as tx:
        make.write_owners(tx)
    tests = str(Path(__file__).resolve().parents[1])
    command = [sys.executable, "-c", textwrap.dedent(CRASHING), sqlite_url, tests]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        reported = 0
        while reported < lines:
            reported = int(process.stdout.readline())
        process.kill()
        reported = max([reported, *map(int, process.stdout.read().split())])
    with Database.open(sqlite_url) as database, database.reading() as tx:
        orders = {o.id for o in tx.orders.of_activation("a1")}
        filled = {f.order_id for f in tx.fills.of_activation("a1")}
        told = [e.entity_id for e in tx.events.since()]
    assert orders == filled == set(told)
    assert len(told) == len(orders) >= reported


def test_head_needs_no_alembic_once_the_tables_are_there(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "alembic", None)
    Database.open(sqlite_url, upgrade=True).check()
    assert migrations.HEAD


def test_a_copied_file_opens_alone(sqlite_url: str, tmp_path: Path) -> None:
    """Closing folds the write-ahead log into the file: a backup of it alone is whole."""
    with Database.open(sqlite_url) as database:
        write(database)
    copy = tmp_path / "copy.sqlite"
    shutil.copy(sqlite_url.removeprefix("sqlite:///"), copy)
    with Database.open(f"sqlite:///{copy}") as database, database.reading() as tx:
        assert tx.wallets.get("w1") == make.wallet()
