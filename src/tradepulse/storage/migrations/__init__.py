"""The history of the tables, run from the installed package: no alembic.ini, no folder to be in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

# The revision this version of the code works with; a test compares it with the scripts. Known
# here, so that a start with the tables in place need not import Alembic (a quarter of a second).
HEAD = "0007"
# Any fixed number: two instances that start together upgrade one after the other.
_UPGRADE_LOCK = 0x7472_6164_6570


def revision(connection: Connection) -> str | None:
    """The revision of the tables, None for an empty database."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if found is None else str(found)


def upgrade(connection: Connection, target: str = "head") -> None:
    """Bring the tables to `target` inside the transaction of `connection`: wholly or not at all.

    SQLite's writer holds the lock of the file already; PostgreSQL takes an advisory one.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
    if target == "head" and revision(connection) == HEAD:
        return
    from alembic import command

    command.upgrade(alembic_config(connection), target)


def alembic_config(connection: Connection | None = None) -> Any:
    """Alembic's configuration with its scripts taken from this package."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "tradepulse.storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
