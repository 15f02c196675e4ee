"""Jobs with leases, trials with windows, studies, sealed hold-outs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Column, type, default of the rows that are there (None: null). Rows of before are plain sweeps.
JOB_COLUMNS = (
    ("owner", sa.Text(), None),
    ("lease_until", sa.BigInteger(), None),
    ("attempt", sa.BigInteger(), "0"),
    ("wish", sa.Text(), None),
)
TRIAL_COLUMNS = (
    ("segment", sa.Text(), "sweep"),
    ("window_start", sa.BigInteger(), "0"),
    ("window_end", sa.BigInteger(), "0"),
    ("returns_packing", sa.Text(), "plain"),
)
FAMILY = ["strategy_name", "exchange", "pair"]
OLD_FAMILY_INDEX = "ix_training_trials_strategy_name_exchange_pair"
INDEXES = (
    ("ix_training_jobs_state_created_at_id", "training_jobs", ["state", "created_at", "id"]),
    ("ix_training_trials_family", "training_trials", [*FAMILY, "job_id", "number", "segment"]),
    (
        "ix_training_trials_job_id_segment_number", "training_trials",
        ["job_id", "segment", "number"],
    ),
)  # fmt: skip


def upgrade() -> None:
    for table, columns in (("training_jobs", JOB_COLUMNS), ("training_trials", TRIAL_COLUMNS)):
        for name, type_, default in columns:
            column = sa.Column(name, type_, nullable=default is None, server_default=default)
            op.add_column(table, column)
    op.drop_index(OLD_FAMILY_INDEX, "training_trials")
    for name, table, names in INDEXES:
        op.create_index(name, table, names)
    _create_training_studies()
    _create_hold_outs()


def downgrade() -> None:
    op.drop_table("hold_outs")
    op.drop_table("training_studies")
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table)
    op.create_index(OLD_FAMILY_INDEX, "training_trials", FAMILY)
    for table, columns in (("training_trials", TRIAL_COLUMNS), ("training_jobs", JOB_COLUMNS)):
        for name, _, _ in columns:
            # Alembic would copy the whole table on SQLite, which drops columns itself by now.
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")


def _create_training_studies() -> None:
    op.create_table(
        "training_studies",
        sa.Column("configuration_id", sa.Text(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["configuration_id"], ["trained_configurations.id"],
            name="fk_training_studies_configuration_id_trained_configurations",
        ),
        sa.ForeignKeyConstraint(
            ["job_id"], ["training_jobs.id"], name="fk_training_studies_job_id_training_jobs"
        ),
        sa.PrimaryKeyConstraint("configuration_id", name="pk_training_studies"),
    )  # fmt: skip


def _create_hold_outs() -> None:
    op.create_table(
        "hold_outs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("strategy_name", sa.Text(), nullable=False),
        sa.Column("exchange", sa.Text(), nullable=False),
        sa.Column("pair", sa.Text(), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("end_ms", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_hold_outs"),
        sa.UniqueConstraint(
            "strategy_name", "exchange", "pair", "start_ms",
            name="uq_hold_outs_strategy_name_exchange_pair_start_ms",
        ),
    )  # fmt: skip
