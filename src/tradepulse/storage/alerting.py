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


def acknowledge_alert(tx: Transaction, alert_id: str, *, by: str, now_ms: int) -> Alert:
    """The alert, acknowledged; the first time counts and writes an event. Error
    `alert_not_found`."""
    before = tx.alerts.get(alert_id)
    if before.read_at is not None:
        return before
    told = {"code": before.code, "level": before.level, "by": by}
    tx.events.append(
        NewEvent(now_ms, "alert.acknowledged", "alert", alert_id, told, before.user_id)
    )
    return tx.alerts.mark_read(alert_id, now_ms)
