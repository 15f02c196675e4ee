"""The board of configurations: the figures of many at once, and taking one off it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.idempotency import IdempotencyKey, answered
from tradepulse.api.shapes.board import FiguresShape, RetireBody
from tradepulse.api.shapes.configurations import ConfigurationShape
from tradepulse.api.shapes.values import Listed
from tradepulse.storage.retiring import retire as take_off

router = APIRouter(
    prefix="/training/configurations", tags=["configurations"], route_class=ConditionalRoute
)


@router.get("/stats/figures")
def list_figures(
    here: Here,
    paging: Paging,
    points: Annotated[int, Query(ge=10, le=400, description="Of a curve, about.")] = 40,
) -> Listed[FiguresShape]:
    """What the board shows of each configuration, in the order and the pages of their list."""
    from tradepulse.storage.views.board_figures import board_figures

    with here.database.reading() as tx:
        page = tx.configurations.page(**paging)
        items = board_figures(tx, page.items, points)
    return Listed[FiguresShape](
        items=[FiguresShape.model_validate(item) for item in items], next_cursor=page.next_cursor
    )


@router.post("/{configuration_id}/retire")
def retire(
    here: Here, configuration_id: str, body: RetireBody, idempotency_key: IdempotencyKey = None
) -> ConfigurationShape:
    """Archive it for good: nothing leads back but a new training. Refused while it trades."""
    now_ms = here.now_ms()
    request = {"command": "retire", "id": configuration_id, **body.model_dump(mode="json")}
    with here.database.transaction() as tx:

        def act() -> ConfigurationShape:
            retired = take_off(
                tx, configuration_id, body.reason, by=here.user.username, now_ms=now_ms
            )
            return ConfigurationShape.model_validate(retired)

        answer, _ = answered(tx, idempotency_key, request, now_ms, ConfigurationShape, act)
    return answer
