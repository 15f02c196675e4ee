"""What every table shares: the metadata with its naming rule, and the column makers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from tradepulse.storage.column_types import Money

# Named constraints: without them SQLite migrations cannot drop or alter one.
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def time_ms(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def money(name: str, *, null: bool = False) -> sa.Column[Decimal]:
    return sa.Column(name, Money(), nullable=null)


def document(name: str, *, null: bool = False) -> sa.Column[Any]:
    # JSON, not JSONB: JSONB rewrites numbers (-0.0, 1e-7), and hashes are taken over documents.
    return sa.Column(name, sa.JSON(), nullable=null)


def blob(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=null)


def key(name: str = "id") -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=True)


def reference(name: str, target: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), sa.ForeignKey(target), nullable=null)


def running_number(name: str = "id") -> sa.Column[int]:
    """A number the database gives. SQLite gives one only to a column typed INTEGER."""
    wide = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, wide, primary_key=True, autoincrement=True)
