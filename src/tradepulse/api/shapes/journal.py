"""Events and health as JSON."""

from __future__ import annotations

from pydantic import ConfigDict
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Document, Millis, Shape

_EVENT: JsonDict = {
    "sequence": 4711,
    "time": 1_748_961_000_000,
    "type": "trade.closed",
    "user_id": "local",
    "entity": "trade",
    "entity_id": "9a1c…",
    "payload": {"pair": "BTC/USDT", "pnl": "12.5"},
}


class EventShape(Shape):
    """A written event. Numbers rise in the order of commits: resume after the last one read."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EVENT]})

    sequence: int
    time: Millis
    type: str
    user_id: str
    entity: str
    entity_id: str
    payload: Document


class Changes(Shape):
    """Events since the asked point. Ask again with `sequence`; `has_more` says do so at once."""

    sequence: int
    changes: list[EventShape]
    has_more: bool


class Live(Shape):
    """The process answers."""

    status: str
    version: str


class FeedHealth(Shape):
    """`late_s`: how long its next bar is overdue."""

    activation_id: str
    late_s: float


class Ready(Shape):
    """Whether work can be done, and what stands in the way. `engine`: in this process or not."""

    status: str
    version: str
    time: Millis
    database: str
    engine: str
    activations: int
    feeds: list[FeedHealth]
    problems: list[str]
