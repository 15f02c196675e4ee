"""Alerts: what somebody should look at, until somebody has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import Paging, Span
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.idempotency import IdempotencyKey, answered
from tradepulse.api.shapes.alerts import (
    AcknowledgeBody,
    AlertRuleShape,
    AlertShape,
    AlertsShape,
)
from tradepulse.api.shapes.values import Listed
from tradepulse.storage.alerting import acknowledge_alert
from tradepulse.storage.views.alert_rules import alert_rules

router = APIRouter(prefix="/alerts", tags=["alerts"], route_class=ConditionalRoute)


@router.get("")
def list_alerts(
    here: Here,
    paging: Paging,
    span: Span,
    level: Annotated[str | None, Query(description="info, warning or critical.")] = None,
    code: str | None = None,
    entity_id: str | None = None,
    unread: Annotated[
        bool | None, Query(description="True: open ones. False: those acknowledged.")
    ] = None,
) -> Listed[AlertShape]:
    """Alerts, newest first."""
    with here.database.reading() as tx:
        page = tx.alerts.page(
            level=level, code=code, entity_id=entity_id, unread=unread, **span, **paging
        )
    return Listed[AlertShape].model_validate(page)


@router.get("/rules")
def list_rules(here: Here) -> Listed[AlertRuleShape]:
    """What raises alerts, with the thresholds of the settings, the gravest first."""
    items = []
    with here.database.reading() as tx:
        for code, rule in alert_rules(here.app.current.risk()).items():
            newest = tx.alerts.page(code=code, limit=1).items
            items.append(
                AlertRuleShape.model_validate(
                    {
                        **vars(rule), "open": tx.alerts.unread(code=code),
                        "last": newest[0].time if newest else None,
                    }
                )
            )  # fmt: skip
    return Listed[AlertRuleShape](items=items)


@router.get("/{alert_id}")
def show_alert(here: Here, alert_id: str) -> AlertShape:
    """One alert."""
    with here.database.reading() as tx:
        return AlertShape.model_validate(tx.alerts.get(alert_id))


@router.post("/acknowledge")
def acknowledge_alerts(
    here: Here, body: AcknowledgeBody, idempotency_key: IdempotencyKey = None
) -> AlertsShape:
    """Several at once: all of them, or where one is unknown none."""
    now_ms = here.now_ms()
    request = {"command": "acknowledge", "ids": sorted(set(body.ids))}
    with here.database.transaction() as tx:

        def act() -> AlertsShape:
            done = [
                acknowledge_alert(tx, alert_id, by=here.user.username, now_ms=now_ms)
                for alert_id in dict.fromkeys(body.ids)
            ]
            return AlertsShape(items=[AlertShape.model_validate(alert) for alert in done])

        answer, _ = answered(tx, idempotency_key, request, now_ms, AlertsShape, act)
    return answer


@router.post("/{alert_id}/read", operation_id="read_alert")
@router.post("/{alert_id}/acknowledge", operation_id="acknowledge_alert")
def acknowledge(here: Here, alert_id: str) -> AlertShape:
    """Somebody has seen it; the first time counts, however often it is said."""
    with here.database.transaction() as tx:
        done = acknowledge_alert(tx, alert_id, by=here.user.username, now_ms=here.now_ms())
        return AlertShape.model_validate(done)
