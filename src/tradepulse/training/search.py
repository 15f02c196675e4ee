"""A grid search that leaves a record: every trial, and the best set as a configuration."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import Configuration, Evidence, Trial, hash_configuration
from tradepulse.domain.errors import DataError, RefusedError, UsageError
from tradepulse.domain.lifecycle import Stage
from tradepulse.signals.jit import code_version
from tradepulse.simulation.funding import data_fingerprint
from tradepulse.simulation.metrics import METRICS, as_dict
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.grid import Grid
from tradepulse.training.sweep import Progress, SweepBatch, sweep

# Fewer trades than this say nothing about a rule; such a set is kept only if no other has more.
ENOUGH_TRADES = 10


@dataclass(frozen=True)
class SearchRequest:
    """What to search: a strategy's grid on one series, under frozen rules."""

    strategy: type[Strategy]
    exchange: str
    pair: str
    interval: str
    grid: Grid
    rules: Rules
    objective: str = "sharpe"
    workers: int | None = None


@dataclass(frozen=True)
class SearchResult:
    """The best configuration, and how many sets were tried to find it."""

    configuration: Configuration
    trials: int
    job_id: str


@dataclass(frozen=True)
class _Best:
    score: tuple[bool, float]
    batch: SweepBatch
    row: int


def grid_search(
    request: SearchRequest,
    bars: BarSeries,
    record: Callable[[Sequence[Trial]], None],
    now_ms: int,
    *,
    funding: Any = None,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> SearchResult:
    """The best set as a configuration in DISCOVERY; every trial is given to `record` in batches.

    A perpetual needs its `funding`. `record` is called before the next batch is awaited, so an
    interrupted search has stored all it finished. A set counts if it traded often enough
    (`ENOUGH_TRADES`), where any did. Errors: those of `sweep`, `unknown_objective`, `empty`,
    `no_trades` (the trials are recorded all the same).
    """
    if request.objective not in METRICS:
        raise UsageError("unknown_objective", f"there is no metric {request.objective!r}",
                         expected=", ".join(METRICS), found=request.objective)  # fmt: skip
    if len(bars) == 0:
        raise DataError("empty", "there are no bars to search on", expected="bars", found="none")
    job_id, tried, best = str(uuid.uuid4()), 0, None
    fingerprint = data_fingerprint(bars, funding)
    span = int(bars.open_time[0]), int(bars.open_time[-1]) + bars.interval_ms
    batches = sweep(
        request.strategy, bars, request.grid, request.rules, funding=funding,
        workers=request.workers, progress=progress, cancelled=cancelled,
    )  # fmt: skip
    for batch in batches:
        record(_trials(request, fingerprint, batch, job_id, span))
        tried += len(batch.parameters)
        best = _better(best, batch, request.objective)
    assert best is not None  # noqa: S101  (a sweep of no sets is refused)
    if not best.batch.metrics[best.row, METRICS.index("trade_count")]:
        raise RefusedError(
            "no_trades", f"none of the {tried} parameter sets traded",
            expected="at least one trade to judge by", found="none",
            hint="More bars, wider parameters, or a sizing that the strategy's stops allow.",
        )  # fmt: skip
    configuration = _configuration(request, bars, fingerprint, best, tried, now_ms)
    return SearchResult(configuration, tried, job_id)


def _better(best: _Best | None, batch: SweepBatch, objective: str) -> _Best:
    column, trades = METRICS.index(objective), METRICS.index("trade_count")
    for row, metrics in enumerate(batch.metrics):
        value = -np.inf if np.isnan(metrics[column]) else float(metrics[column])
        # First wins a tie: the answer must not depend on how sets were spread over threads.
        score = (bool(metrics[trades] >= ENOUGH_TRADES), value)
        if best is None or score > best.score:
            best = _Best(score, batch, row)
    assert best is not None  # noqa: S101  (a batch has at least one set)
    return best


def _hash(request: SearchRequest, batch: SweepBatch, row: int) -> str:
    return hash_configuration(
        request.strategy.name, batch.parameters[row], batch.graphs[row].hash, request.exchange,
        request.pair, request.interval, request.rules.as_json(),
    )  # fmt: skip


def _trials(
    request: SearchRequest, fingerprint: str, batch: SweepBatch, job_id: str, span: tuple[int, int]
) -> list[Trial]:
    found = []
    for row, parameters in enumerate(batch.parameters):
        series = batch.returns[row].astype("<f8").tobytes()
        found.append(
            Trial(
                job_id,
                batch.first + row,
                request.strategy.name,
                request.exchange,
                request.pair,
                request.interval,
                parameters,
                _hash(request, batch, row),
                fingerprint,
                as_dict(batch.metrics[row]),
                series,
                hashlib.sha256(series).hexdigest(),
                window_start=span[0],
                window_end=span[1],
            )
        )
    return found


def _configuration(
    request: SearchRequest, bars: BarSeries, fingerprint: str, best: _Best, tried: int, now_ms: int
) -> Configuration:
    batch, row = best.batch, best.row
    return Configuration(
        id=str(uuid.uuid4()),
        strategy_name=request.strategy.name,
        parameters=batch.parameters[row],
        exchange=request.exchange,
        pair=request.pair,
        interval=request.interval,
        rules=request.rules.as_json(),
        graph=batch.graphs[row].to_json(),
        lifecycle_stage=Stage.DISCOVERY,
        metrics=as_dict(batch.metrics[row]),
        evidence=(Evidence("searched", 1.0, float(tried), passed=True),),
        trials=tried,
        data_fingerprint=fingerprint,
        data_range=(int(bars.open_time[0]), int(bars.open_time[-1])),
        configuration_hash=_hash(request, batch, row),
        code_version=code_version(),
        created_at=now_ms,
    )
