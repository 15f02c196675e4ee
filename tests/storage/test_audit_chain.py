"""The audit: a chain that shows when a link was changed, taken out or put in."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from tradepulse.domain.audit import AuditEntry
from tradepulse.storage.auditing import record, verify_chains
from tradepulse.storage.database import Database


def entry(time: int, command: str = "wallets") -> AuditEntry:
    return AuditEntry(
        0, time, "u1", "ada", "session s1", "127.0.0.1", "POST", command, "w1", 201, "", "rq"
    )


@pytest.fixture
def chain(database: Database) -> Database:
    for number in range(1, 6):
        record(database, entry(number))
    return database


def first_broken(database: Database) -> int | None:
    return verify_chains(database)[0].first_broken


def test_an_untouched_chain_is_intact(chain: Database) -> None:
    report, settings = verify_chains(chain)
    assert report == ("audit_log", 5, None)
    assert settings == ("settings_versions", 0, None)
    with chain.reading() as tx:
        newest = tx.audit.page(limit=1).items[0]
    assert newest.number == 5


CHANGES = [
    ("UPDATE audit_log SET username = 'eve' WHERE number = 3", 3),
    ("UPDATE audit_log SET outcome = 403 WHERE number = 1", 1),
    ("UPDATE audit_log SET time = 99 WHERE number = 5", 5),
    ("DELETE FROM audit_log WHERE number = 2", 2),
    ("DELETE FROM audit_log WHERE number = 1", 1),
    ("UPDATE audit_log SET number = 9 WHERE number = 4", 4),
    ("UPDATE audit_log SET previous_hash = hash WHERE number = 2", 2),
]


@pytest.mark.parametrize(("statement", "broken"), CHANGES)
def test_a_change_is_found_where_it_is(chain: Database, statement: str, broken: int) -> None:
    with chain.connection(write=True) as connection:
        connection.execute(sa.text(statement))
    assert first_broken(chain) == broken


def test_many_that_write_at_once_make_one_chain(database: Database) -> None:
    threads = [
        threading.Thread(target=lambda n=n: [record(database, entry(n * 10 + k)) for k in range(5)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert verify_chains(database)[0] == ("audit_log", 20, None)
