"""What a chart shows beside its bars."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import Span
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.cursors import read_cursor, write_cursor
from tradepulse.api.shapes.chart import MarkerShape
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.errors import UsageError
from tradepulse.storage.views.markers import Asked, MarkerKind, markers

router = APIRouter(prefix="/chart", tags=["chart"], route_class=ConditionalRoute)
MOST_MARKERS = 5000


@router.get("/markers")
def list_markers(
    here: Here,
    span: Span,
    activation_id: str | None = None,
    configuration_id: Annotated[
        str | None, Query(description="All its activations; or one of these by activation_id.")
    ] = None,
    kinds: Annotated[
        list[MarkerKind] | None, Query(description="Only these kinds. Default: all.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_MARKERS)] = 1000,
    cursor: str | None = None,
) -> Listed[MarkerShape]:
    """Signals, orders, fills, stops, targets, trades and open positions, oldest first."""
    if activation_id is None and configuration_id is None:
        raise UsageError(
            "nothing_asked", "say whose markers",
            expected="activation_id or configuration_id", found="neither",
        )  # fmt: skip
    after = read_cursor("marker", cursor, (int, str, str)) if cursor else None
    with here.database.reading() as tx:
        if activation_id is not None:
            tx.activations.get(activation_id)
        if configuration_id is not None:
            tx.configurations.get(configuration_id)
        asked = Asked(
            activation_id, configuration_id, span["since_ms"], span["until_ms"],
            frozenset(kinds or ()), after, limit,
        )  # fmt: skip
        found, more = markers(tx, asked)
    items = [MarkerShape.model_validate(marker) for marker in found]
    return Listed[MarkerShape](
        items=items, next_cursor=write_cursor("marker", found[-1].place) if more else None
    )
