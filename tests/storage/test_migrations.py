"""Migrations and tables say the same, from nothing, back to nothing, and from a wheel."""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tradepulse.storage import migrations
from tradepulse.storage.database import Database
from tradepulse.storage.tables import metadata

PROJECT = Path(__file__).resolve().parents[2]


def table_names(database: Database) -> set[str]:
    with database.connection(write=False) as connection:
        inspector = sa.inspect(connection)
        return {*inspector.get_table_names(), *inspector.get_view_names()}


def test_the_known_head_is_the_last_script() -> None:
    scripts = ScriptDirectory.from_config(migrations.alembic_config())
    assert scripts.get_heads() == [migrations.HEAD]


def test_tables_and_migrations_do_not_drift(database: Database) -> None:
    with database.connection(write=False) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_named_table_is_there(database: Database) -> None:
    wanted = {
        "wallets", "instruments", "trained_configurations", "training_jobs", "training_trials",
        "activations", "signals", "orders", "fills", "trades", "positions", "portfolio_history",
        "trade_logs", "settings_versions", "events", "strategy_live_performance",
        "exchange_connections", "alerts", "risk_states", "risk_locks", "reconciliations",
        "kill_receipts", "transfers", "instrument_terms", "manual_commands",
    }  # fmt: skip
    assert wanted <= table_names(database)


def test_upgrading_twice_changes_nothing(empty_url: str) -> None:
    with Database.open(empty_url, upgrade=True) as database:
        names = table_names(database)
        database.upgrade()
        database.check()
        assert table_names(database) == names


def test_two_instances_that_start_together_upgrade_once(empty_url: str) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        try:
            Database.open(empty_url, upgrade=True).close()
        except BaseException as error:  # noqa: BLE001 - a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    with Database.open(empty_url) as database:
        database.check()


def test_down_to_nothing_and_up_again(empty_url: str) -> None:
    with Database.open(empty_url, upgrade=True) as database:
        names = table_names(database)
        with database.connection(write=True) as connection:
            command.downgrade(migrations.alembic_config(connection), "base")
        assert table_names(database) == {"alembic_version"}
        database.upgrade()
        assert table_names(database) == names


def test_a_migration_that_fails_leaves_nothing(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sa.engine.Connection.exec_driver_sql

    def upgrade_and_fail(connection: sa.Connection) -> None:
        command.upgrade(migrations.alembic_config(connection), "head")
        real(connection, "SELECT * FROM not_there")

    with Database.open(empty_url) as database:
        monkeypatch.setattr(migrations, "upgrade", upgrade_and_fail)
        with pytest.raises(Exception, match="tables"):
            database.upgrade()
        assert table_names(database) == set()


@pytest.mark.slow
def test_an_installed_wheel_brings_its_migrations(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=PROJECT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import sys; sys.path.insert(0, 'site');"
        "import tradepulse; assert 'site' in tradepulse.__file__;"
        "from tradepulse.storage.database import Database;"
        "Database.open('sqlite:///x.sqlite', upgrade=True).check()"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True)
