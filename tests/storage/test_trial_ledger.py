"""The trial ledgers, in memory and in both databases, under one suite."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance import storage_records as make
from conformance.trial_ledger_suite import Ledgers, TrialLedgerSuite
from tradepulse.domain.job import JobState
from tradepulse.storage.database import Database
from tradepulse.storage.training_ledger import DatabaseLedger
from tradepulse.storage.trial_rows import PLAIN, ZLIB, pack, unpack
from tradepulse.training.ledger import MemoryLedger

LEASE_MS = 15_000


class TestMemoryLedger(TrialLedgerSuite):
    """The one that ends with the process."""

    @pytest.fixture
    def ledgers(self) -> Ledgers:
        shared = MemoryLedger()
        return lambda _: shared


class TestDatabaseLedger(TrialLedgerSuite):
    """The one that jobs write to."""

    @pytest.fixture
    def ledgers(self, database: Database) -> Ledgers:
        with database.transaction() as tx:
            for name in ("j1", "j2", "j3"):
                held = {"state": JobState.RUNNING, "owner": "me", "lease_until": make.T0}
                tx.jobs.insert(make.job(name, kind="train", **held))

        def ledger(job_id: str) -> DatabaseLedger:
            with database.reading() as tx:
                job = tx.jobs.get(job_id)
            return DatabaseLedger(database, job, lambda: make.T0, LEASE_MS)

        return ledger


@pytest.mark.parametrize(
    ("series", "packing"),
    [
        (b"", PLAIN),
        (bytes(range(1, 81)), PLAIN),
        (bytes(8 * 300), ZLIB),
        (bytes(8 * 30) + bytes(range(1, 81)), ZLIB),
        (bytes(8) + bytes(range(1, 81)), PLAIN),
    ],
)
def test_a_series_is_compressed_where_days_are_idle(series: bytes, packing: str) -> None:
    kept, how = pack(series)
    assert how == packing
    assert (len(kept) < len(series)) is (packing == ZLIB)
    assert unpack(kept, how) == series


def test_rows_of_before_are_read(database: Database) -> None:
    """As migration 0003 leaves them: no segment, no window, plain bytes, short evidence."""
    plain: Callable[[str], str] = "sqlite".__eq__
    text = "X'00FF01'" if plain(database.dialect) else "'\\x00ff01'::bytea"
    columns = (
        "job_id, number, strategy_name, exchange, pair, interval, parameters, configuration_hash,"
        " data_fingerprint, metrics, daily_returns, returns_hash"
    )
    with database.transaction() as tx:
        tx.jobs.insert(make.job())
        tx.configurations.insert(make.configuration())
        tx.connection.exec_driver_sql(
            f"INSERT INTO training_trials ({columns}) VALUES ('j1', 4, 'ema_cross', 'binance',"
            f" 'BTC/USDT', '1h', '{{}}', 'h', 'f', '{{}}', {text}, 'r')"
        )
        tx.connection.exec_driver_sql(
            "UPDATE trained_configurations SET evidence ="
            """ '[{"rule": "trades", "threshold": 30, "value": 41.5, "passed": true}]'"""
        )
    with database.reading() as tx:
        (trial,) = tx.trials.of_job("j1")
        (evidence,) = tx.configurations.get("c1").evidence
    assert (trial.segment, trial.window_start, trial.daily_returns) == ("sweep", 0, b"\x00\xff\x01")
    assert (evidence.rule, evidence.note, evidence.required) == ("trades", "", True)
