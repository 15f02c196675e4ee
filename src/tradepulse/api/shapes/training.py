"""Training jobs, their trials and studies as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Document, Millis, Shape
from tradepulse.domain.job import Job, JobState

_JOB: JsonDict = {
    "strategy": "ema_cross", "exchange": "binance", "symbol": "BTC/USDT", "interval": "1h",
    "search": "tpe", "trials": 500, "folds": 5, "seed": 0,
    "rules": {"taker_fee_bps": 10, "slippage_bps": 2},
}  # fmt: skip
_SEVERAL: JsonDict = {
    "strategies": ["ema_cross", "momentum"], "symbols": ["BTC/USDT", "ETH/USDT"],
    "intervals": ["1h", "4h"], "exchange": "binance", "trials": 200,
}  # fmt: skip


class TrainingOptions(Shape):
    """How to search and how to prove. What is left out has the default of `tradepulse train`."""

    model_config = ConfigDict(extra="forbid")

    search: str | None = Field(
        default=None, description="grid, random, tpe, cmaes, nsga2, or one of the home's own."
    )
    trials: int | None = Field(default=None, ge=1, description="Sets in each search.")
    folds: int | None = Field(default=None, ge=2)
    fold_train_days: int | None = Field(default=None, ge=1)
    fold_test_days: int | None = Field(default=None, ge=1)
    anchored: bool | None = None
    seed: int | None = Field(default=None, ge=0)
    objectives: list[str] | None = Field(default=None, min_length=1)
    constraints: list[str] | None = Field(default=None, examples=[["max_drawdown>=-0.3"]])
    grid: dict[str, list[Any]] | None = None
    fixed: Document | None = None
    patience: int | None = Field(default=None, ge=1)
    hold_out_share: float | None = Field(default=None, ge=0.05, le=0.6)
    permutations: int | None = Field(default=None, ge=0)
    replications: int | None = Field(default=None, ge=100)
    decide_early: bool | None = Field(
        default=None, description="Leave out the dearest tests where the others have said no."
    )
    purge_bars: int | None = Field(default=None, ge=0)
    embargo_days: int | None = Field(default=None, ge=0)
    start_ms: Millis | None = None
    end_ms: Millis | None = None
    rules: Document | None = Field(default=None, description="The rules of the fills.")

    @property
    def options(self) -> dict[str, Any]:
        """What was given, by the names of `TrainSpec`."""
        return self.model_dump(exclude_none=True, include=set(TrainingOptions.model_fields))


class NewTrainingJob(TrainingOptions):
    """What to train. The exchange may be left out where only one keeps bars of the symbol."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_JOB]})

    strategy: str
    exchange: str | None = None
    symbol: str
    interval: str


class NewTrainingJobs(TrainingOptions):
    """A job for every strategy on every symbol at every interval."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_SEVERAL]})

    strategies: list[str] = Field(min_length=1)
    symbols: list[str] = Field(min_length=1)
    intervals: list[str] = Field(min_length=1)
    exchange: str | None = None


class JobAccepted(Shape):
    """Accepted; a worker reports the rest as `job.progress` events."""

    id: str
    state: JobState


class JobsAccepted(Shape):
    """The jobs, in the order of strategies, then symbols, then intervals."""

    job_ids: list[str]


class JobShape(Shape):
    """A job and how far it is. `best` is the best score of its first objective so far."""

    id: str
    kind: str
    state: JobState
    phase: str | None = None
    message: str | None = None
    trials_done: int = 0
    trials_total: int | None = None
    best: float | None = None
    eta_s: float | None = None
    configuration_ids: list[str] = Field(default_factory=list)
    error: str | None
    wish: str | None = Field(description="`pause` or `cancel`, asked for and not heeded yet.")
    owner: str | None = Field(description="Who runs it.")
    attempt: int = Field(description="How often somebody began to run it.")
    created_at: Millis
    started_at: Millis | None
    finished_at: Millis | None
    spec: Document

    @model_validator(mode="before")
    @classmethod
    def _from_record(cls, value: Any) -> Any:
        if not isinstance(value, Job):
            return value
        told = {k: v for k, v in value.progress.items() if k in cls.model_fields}
        return {**vars(value), **told}


class TrialShape(Shape):
    """A parameter set that was tried, and what it earned over its window."""

    job_id: str
    number: int
    segment: str
    parameters: Document
    metrics: Document
    window_start: Millis
    window_end: Millis
    configuration_hash: str
    data_fingerprint: str
    returns_hash: str


class StudyShape(Shape):
    """Folds, statistics and series behind a configuration."""

    configuration_id: str
    job_id: str
    document: Document
