"""Log lines: what was done, refused, or went wrong."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import Paging, Span
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.ledger import LogShape
from tradepulse.api.shapes.values import Listed

router = APIRouter(tags=["logs"], route_class=ConditionalRoute)


@router.get("/trades/logs", operation_id="list_trade_logs")
@router.get("/logs", operation_id="list_logs")
def list_logs(
    here: Here,
    paging: Paging,
    span: Span,
    level: str | None = None,
    configuration_id: str | None = None,
    trade_id: str | None = None,
    containing: Annotated[str | None, Query(description="Text within the message.")] = None,
) -> Listed[LogShape]:
    """Log lines, newest first."""
    with here.database.reading() as tx:
        page = tx.logs.page(
            level=None if level is None else level.lower(), configuration_id=configuration_id,
            trade_id=trade_id, containing=containing, **span, **paging,
        )  # fmt: skip
    return Listed[LogShape].model_validate(page)
