"""What a training run found out besides the configuration: its family, its hold-out, its study."""

from __future__ import annotations

from dataclasses import dataclass

from tradepulse.domain.configuration import Json


@dataclass(frozen=True)
class Family:
    """What shares one count of trials and one hold-out: a strategy on an exchange's symbol."""

    strategy_name: str
    exchange: str
    pair: str


@dataclass(frozen=True)
class HoldOut:
    """A row of `hold_outs`: bars in [start_ms, end_ms) that no search of the family has seen.

    `fingerprint` is that of the bars when they were sealed. Opened once; afterwards these bars are
    known, and prove nothing any more.
    """

    id: str
    family: Family
    start_ms: int
    end_ms: int
    fingerprint: str
    sealed_at: int
    opened_at: int | None = None
    opened_by: str | None = None


@dataclass(frozen=True)
class Study:
    """A row of `training_studies`: folds, statistics and series behind a configuration."""

    configuration_id: str
    job_id: str
    document: Json
