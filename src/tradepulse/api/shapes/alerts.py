"""Alerts as JSON."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Document, Millis, Shape

_ALERT: JsonDict = {
    "id": "5d2c…", "time": 1_748_961_000_000, "level": "critical", "code": "parity_lost",
    "message": "ema_cross on BTC/USDT goes back to paper (parity_lost): expected the signals of "
    "its replay, found bar 41",
    "entity": "activation", "entity_id": "8f7e…", "payload": {"configuration_id": "0b0e…"},
    "read_at": None, "user_id": "local",
}  # fmt: skip


class AlertShape(Shape):
    """What somebody should look at. `code` is stable and that of a rule; `message` is for people.
    `read_at`: when it was acknowledged; null while it is open."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ALERT]})

    id: str
    time: Millis
    level: str = Field(examples=["info", "warning", "critical"])
    code: str
    message: str
    entity: str
    entity_id: str
    payload: Document
    read_at: Millis | None
    user_id: str


class AcknowledgeBody(Shape):
    """Which alerts; those that were acknowledged before stay so."""

    model_config = ConfigDict(extra="forbid")

    ids: list[str] = Field(min_length=1, max_length=500)


class AlertsShape(Shape):
    items: list[AlertShape]


class AlertRuleShape(Shape):
    """What raises an alert. `trading`: whether orders and stops go on; `to_do`: what to do."""

    code: str
    level: str
    title: str
    when: str
    trading: str
    to_do: str
    setting: str | None = Field(description="Where its threshold is in the settings.")
    open: int = Field(description="Alerts of it that nobody has acknowledged.")
    last: Millis | None = Field(description="When it was raised last.")
