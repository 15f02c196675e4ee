"""Alerts: what somebody should look at, until somebody has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import Paging, Span
from tradepulse.api.context import Here
from tradepulse.api.shapes.alerts import AlertShape
from tradepulse.api.shapes.values import Listed

router = APIRouter(prefix="/alerts", tags=["alerts"])


@router.get("")
def list_alerts(
    here: Here,
    paging: Paging,
    span: Span,
    level: Annotated[str | None, Query(description="info, warning or critical.")] = None,
    code: str | None = None,
    entity_id: str | None = None,
    unread: Annotated[bool | None, Query(description="Those that nobody has read.")] = None,
) -> Listed[AlertShape]:
    """Alerts, newest first."""
    with here.database.reading() as tx:
        page = tx.alerts.page(
            level=level, code=code, entity_id=entity_id, unread=unread, **span, **paging
        )
    return Listed[AlertShape].model_validate(page)


@router.get("/{alert_id}")
def show_alert(here: Here, alert_id: str) -> AlertShape:
    """One alert."""
    with here.database.reading() as tx:
        return AlertShape.model_validate(tx.alerts.get(alert_id))


@router.post("/{alert_id}/read")
def read_alert(here: Here, alert_id: str) -> AlertShape:
    """It has been read; the first time counts, however often it is said."""
    with here.database.transaction() as tx:
        return AlertShape.model_validate(tx.alerts.mark_read(alert_id, here.now_ms()))
