"""The audit of commands, for those who administer."""

from __future__ import annotations

from fastapi import APIRouter

from tradepulse.api.access import ADMIN
from tradepulse.api.asking import Paging, Span
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.access import AuditShape
from tradepulse.api.shapes.values import Listed

router = APIRouter(
    prefix="/audit", tags=["access"], dependencies=[ADMIN], route_class=ConditionalRoute
)


@router.get("")
def list_audit(
    here: Here,
    paging: Paging,
    span: Span,
    user_id: str | None = None,
    route: str | None = None,
    object_id: str | None = None,
) -> Listed[AuditShape]:
    """Every command, newest first: who, when, from where, what, and what came of it. `tradepulse
    audit verify` checks that none was changed since."""
    with here.app.database.reading() as tx:
        page = tx.audit.page(user_id=user_id, route=route, object_id=object_id, **span, **paging)
    return Listed[AuditShape].model_validate(page)
