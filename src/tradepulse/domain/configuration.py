"""A trading configuration: what was found, on which data, by which code, with which evidence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradepulse.domain.lifecycle import Stage

Json = Mapping[str, Any]


def canonical_json(value: object) -> str:
    """Compact JSON with sorted keys: equal values give equal text, so it can be hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def content_hash(value: object) -> str:
    """SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def hash_configuration(
    strategy_name: str, parameters: Json, graph_hash: str, exchange: str, pair: str,
    interval: str, rules: Json,
) -> str:  # fmt: skip
    """The configuration's hash: with data, code version and seed it fixes a run (law P3)."""
    return content_hash(
        {
            "strategy": strategy_name,
            "parameters": dict(parameters),
            "graph": graph_hash,
            "exchange": exchange,
            "pair": pair,
            "interval": interval,
            "rules": dict(rules),
        }
    )


@dataclass(frozen=True)
class Evidence:
    """One rule of the lifecycle decision, with what it asked for and what it saw.

    `note` says it in plain words. A rule that is not `required` is shown and decides nothing.
    """

    rule: str
    threshold: float | None
    value: float | None
    passed: bool
    note: str = ""
    required: bool = True


@dataclass(frozen=True)
class Configuration:
    """A row of `trained_configurations`.

    `graph` is the signal graph as JSON: an activation runs it, whatever the strategy file says by
    then. `rules` are the fill rules frozen with it. `data_range` is the first and last open time
    the metrics were measured on, so the row alone is enough to measure them again.
    """

    id: str
    strategy_name: str
    parameters: Json
    exchange: str
    pair: str
    interval: str
    rules: Json
    graph: Json
    lifecycle_stage: Stage
    metrics: Json
    evidence: tuple[Evidence, ...]
    trials: int
    data_fingerprint: str
    data_range: tuple[int, int]
    configuration_hash: str
    code_version: str
    created_at: int
    is_active: bool = False


@dataclass(frozen=True)
class Trial:
    """One parameter set that was tried, whether it won or not: the number of trials is evidence."""

    job_id: str
    number: int
    strategy_name: str
    exchange: str
    pair: str
    interval: str
    parameters: Json
    configuration_hash: str
    data_fingerprint: str
    metrics: Json
    # UTC-daily returns as little-endian float64 bytes: significance tests need the whole series.
    daily_returns: bytes
    returns_hash: str
    # Which part of the work tried it, and the stretch of bars it traded: [start, end) in UTC ms.
    segment: str = "sweep"
    window_start: int = 0
    window_end: int = 0
