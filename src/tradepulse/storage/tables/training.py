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
    # Who runs it and until when that holds; `attempt` counts takers and fences off earlier ones.
    text("owner", null=True),
    time_ms("lease_until", null=True),
    whole("attempt"),
    text("wish", null=True),
    sa.Index(None, "created_at", "id"),
    # What a worker looks for: work to take, oldest first.
    sa.Index(None, "state", "created_at", "id"),
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
    text("segment"),
    time_ms("window_start"),
    time_ms("window_end"),
    # How `daily_returns` is kept: `plain` little-endian float64, or `zlib` of it.
    text("returns_packing"),
    sa.PrimaryKeyConstraint("job_id", "number"),
    # The number of things tried counts per family. Its trials are read in the order of the key;
    # the segment is in the index, so that trials of folds are passed over without reading them.
    sa.Index(
        "ix_training_trials_family", "strategy_name", "exchange", "pair", "job_id", "number",
        "segment",
    ),
    sa.Index(None, "job_id", "segment", "number"),
)  # fmt: skip

training_studies = sa.Table(
    "training_studies",
    metadata,
    sa.Column(
        "configuration_id", sa.Text(), sa.ForeignKey("trained_configurations.id"), primary_key=True
    ),
    reference("job_id", "training_jobs.id"),
    document("document"),
)

hold_outs = sa.Table(
    "hold_outs",
    metadata,
    key(),
    text("strategy_name"),
    text("exchange"),
    text("pair"),
    time_ms("start_ms"),
    time_ms("end_ms"),
    text("fingerprint"),
    time_ms("sealed_at"),
    time_ms("opened_at", null=True),
    text("opened_by", null=True),
    # A family has one at a time; a second is sealed only of bars that came after an opened one.
    sa.UniqueConstraint("strategy_name", "exchange", "pair", "start_ms"),
)
