"""How configurations do against what was tested."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.tracking import TrackingShape, tracking_shape
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import Feed, Mode

router = APIRouter(prefix="/performance", tags=["performance"], route_class=ConditionalRoute)


@router.get("/{configuration_id}/tracking")
def show_tracking(
    here: Here,
    configuration_id: str,
    feed: Annotated[
        Feed | None,
        Query(description="Whose results. Default: the best feed that it ran on."),
    ] = None,
    mode: Annotated[Mode | None, Query(description="Only what ran in this mode.")] = None,
) -> TrackingShape:
    """CUSUM with its two lines, the live drawdown against the 95 and 99 % paths of the backtest,
    and slippage measured against modelled. The backtest is run again for it."""
    from tradepulse.storage.views.tracking import tracking

    def belongs(activation: Activation) -> bool:
        return mode is None or activation.mode is mode

    return tracking_shape(tracking(here.database, here.app.bars, configuration_id, feed, belongs))
