"""Alerts as JSON."""

from __future__ import annotations

from pydantic import Field

from tradepulse.api.shapes.values import Document, Millis, Shape


class AlertShape(Shape):
    """What somebody should look at. `code` is stable, `message` is for people."""

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
