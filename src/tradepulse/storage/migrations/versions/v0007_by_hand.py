"""Commands by hand: what people asked engines to do, and what came of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_manual_commands()


def downgrade() -> None:
    op.drop_table("manual_commands")


def _create_manual_commands() -> None:
    op.create_table(
        "manual_commands",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("activation_id", sa.Text(), nullable=False),
        sa.Column("wallet_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"],
            name="fk_manual_commands_activation_id_activations",
        ),
        sa.ForeignKeyConstraint(
            ["wallet_id"], ["wallets.id"], name="fk_manual_commands_wallet_id_wallets"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_manual_commands"),
    )  # fmt: skip
    op.create_index("ix_manual_commands_asked_at_id", "manual_commands", ["asked_at", "id"])
    op.create_index(
        "ix_manual_commands_activation_id_asked_at_id", "manual_commands",
        ["activation_id", "asked_at", "id"],
    )  # fmt: skip
    waiting = sa.text("state = 'WAITING'")
    op.create_index(
        "ix_manual_commands_waiting", "manual_commands", ["activation_id"],
        sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip
