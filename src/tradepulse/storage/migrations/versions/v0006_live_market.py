"""What engines show of the moment: last prices, order books, how they are doing."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TEXT, TIME = sa.Text(), sa.BigInteger()
# As tables/column_types.py keeps money: exact on both databases.
MONEY = sa.Text().with_variant(sa.Numeric(), "postgresql")
_PAIR = ("feed", "exchange", "pair")


def upgrade() -> None:
    _create("quotes", _PAIR, ("last", MONEY), ("time", TIME), ("written_at", TIME))
    _create("order_books", _PAIR, ("levels", sa.JSON()), ("time", TIME), ("written_at", TIME))
    _create("book_wishes", _PAIR, ("until_ms", TIME))
    op.create_table(
        "engine_reports",
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("written_at", TIME, nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "written_at", name="pk_engine_reports"),
    )
    op.create_index("ix_engine_reports_written_at", "engine_reports", ["written_at"])


def downgrade() -> None:
    for table in ("engine_reports", "book_wishes", "order_books", "quotes"):
        op.drop_table(table)


def _create(
    table: str, keys: tuple[str, ...], *columns: tuple[str, sa.types.TypeEngine[Any]]
) -> None:
    op.create_table(
        table,
        *[sa.Column(name, TEXT, nullable=False) for name in keys],
        *[sa.Column(name, type_, nullable=False) for name, type_ in columns],
        sa.PrimaryKeyConstraint(*keys, name=f"pk_{table}"),
    )
