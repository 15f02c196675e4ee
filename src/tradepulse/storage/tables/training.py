"""What was searched and what was found."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.storage.tables.metadata import (
    document,
    key,
    metadata,
    reference,
    text,
    time_ms,
    whole,
)  # fmt: skip

trained_configurations = sa.Table(
    "trained_configurations",
    metadata,
    key(),
    text("strategy_name"),
    text("exchange"),
    text("pair"),
    text("interval"),
    document("parameters"),
    document("rules"),
    document("graph"),
    text("lifecycle_stage"),
    # Kept by the activations' repository in the transaction that changes an activation.
    sa.Column("is_active", sa.Boolean(), nullable=False),
    document("metrics"),
    document("evidence"),
    whole("trials"),
    text("data_fingerprint"),
    time_ms("data_start"),
    time_ms("data_end"),
    text("configuration_hash"),
    text("code_version"),
    time_ms("created_at"),
    sa.Index(None, "created_at", "id"),
    sa.Index(None, "strategy_name", "exchange", "pair"),
    sa.Index(None, "configuration_hash"),
)

training_jobs = sa.Table(
    "training_jobs",
    metadata,
    key(),
    text("kind"),
    text("state"),
    document("spec"),
    document("progress"),
    time_ms("created_at"),
    time_ms("started_at", null=True),
    time_ms("finished_at", null=True),
    text("error", null=True),
    text("user_id"),
    sa.Index(None, "created_at", "id"),
)

training_trials = sa.Table(
    "training_trials",
    metadata,
    reference("job_id", "training_jobs.id"),
    whole("number"),
    text("strategy_name"),
    text("exchange"),
    text("pair"),
    text("interval"),
    document("parameters"),
    text("configuration_hash"),
    text("data_fingerprint"),
    document("metrics"),
    sa.Column("daily_returns", sa.LargeBinary(), nullable=False),
    text("returns_hash"),
    sa.PrimaryKeyConstraint("job_id", "number"),
    # The number of things tried counts per family: strategy, exchange, pair.
    sa.Index(None, "strategy_name", "exchange", "pair"),
)
