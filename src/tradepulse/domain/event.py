"""Events and log lines: what every screen, stream and audit reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NewEvent:
    """An event about to be written in the transaction of the change it tells of."""

    time: int
    type: str
    entity: str
    entity_id: str
    payload: Mapping[str, Any]
    user_id: str = "local"


@dataclass(frozen=True)
class Event:
    """A written event. `sequence` rises without ever letting a reader miss a late committer."""

    sequence: int
    time: int
    type: str
    entity: str
    entity_id: str
    payload: Mapping[str, Any]
    user_id: str


@dataclass(frozen=True)
class LogLine:
    """A row of `trade_logs`. `metadata` is free-form JSON."""

    timestamp: int
    level: str
    message: str
    configuration_id: str | None
    trade_id: str | None
    metadata: Mapping[str, Any]
    id: int | None = None
    user_id: str = "local"
