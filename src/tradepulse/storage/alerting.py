"""Raising an alert: the row that is kept until it is read, and the event that tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tradepulse.domain.alert import Alert
from tradepulse.domain.event import NewEvent
from tradepulse.storage.transaction import Transaction

INFO, WARNING, CRITICAL = "info", "warning", "critical"


def raise_alert(
    tx: Transaction,
    level: str,
    code: str,
    message: str,
    *,
    entity: str,
    entity_id: str,
    now_ms: int,
    payload: Mapping[str, Any] | None = None,
    user_id: str = "local",
) -> Alert:
    """The alert, kept, with its event `alert.raised`, both in this transaction."""
    alert = Alert(
        str(uuid4()), now_ms, level, code, message, entity, entity_id, dict(payload or {}),
        user_id=user_id,
    )  # fmt: skip
    tx.alerts.insert(alert)
    told = {
        "level": level, "code": code, "message": message, "entity": entity,
        "entity_id": entity_id, **alert.payload,
    }  # fmt: skip
    tx.events.append(NewEvent(now_ms, "alert.raised", "alert", alert.id, told, user_id))
    return alert
