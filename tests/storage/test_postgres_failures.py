"""What goes wrong with a PostgreSQL server, made to happen for real."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance import storage_records as make
from tradepulse.domain.errors import FailedError
from tradepulse.storage.database import Database

pytestmark = pytest.mark.postgres


def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    database = Database.open(f"postgresql://me@/nobody?host={tmp_path}")
    with pytest.raises(FailedError) as caught, database.reading() as tx:
        tx.wallets.find("w1")
    assert caught.value.code == "database_unavailable"


def test_a_database_that_is_not_there_is_unavailable(postgres_server: str) -> None:
    database = Database.open(postgres_server.replace("/postgres?", "/nobody?"))
    with pytest.raises(FailedError) as caught:
        database.check()
    assert caught.value.code == "database_unavailable"


def test_a_lost_connection_is_unavailable_and_the_next_one_works(postgres_url: str) -> None:
    with Database.open(postgres_url) as database, Database.open(postgres_url) as other:

        def killed_while_writing() -> None:
            with database.transaction() as tx:
                tx.wallets.insert(make.wallet())
                pid = tx.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
                with other.connection(write=True) as connection:
                    connection.exec_driver_sql("SELECT pg_terminate_backend(%s)", (pid,))
                tx.wallets.insert(make.wallet("w2"))

        with pytest.raises(FailedError) as caught:
            killed_while_writing()
        assert caught.value.code == "database_unavailable"
        with database.transaction() as tx:
            assert tx.wallets.find("w1") is None
            tx.wallets.insert(make.wallet())


def test_a_deadlock_is_unavailable_and_may_be_tried_again(postgres_url: str) -> None:
    with Database.open(postgres_url) as database:
        with pytest.raises(FailedError) as caught, database.transaction() as tx:
            # The server's own word for it; two threads would make the test slow and no truer.
            tx.connection.exec_driver_sql(
                "DO $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END $$"
            )
        assert caught.value.code == "database_unavailable"


def test_tables_that_are_missing_are_outdated(empty_postgres_url: str) -> None:
    with Database.open(empty_postgres_url) as database:
        with pytest.raises(FailedError) as caught:
            database.check()
        assert caught.value.code == "database_outdated"
        with pytest.raises(FailedError) as caught, database.reading() as tx:
            tx.wallets.find("w1")
        assert caught.value.code == "database_outdated"


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(FailedError) as caught:
        Database.open("postgresql://me@host/name")
    assert caught.value.code == "driver_missing"
