"""The first screen in one answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import Span
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.overview import CurvePoint, CurveShape, OverviewShape
from tradepulse.domain.lifecycle import Mode

router = APIRouter(tags=["overview"], route_class=ConditionalRoute)


@router.get("/overview")
def show_overview(
    here: Here,
    mode: Annotated[Mode | None, Query(description="Only wallets of this mode.")] = None,
    wallet_id: str | None = None,
) -> OverviewShape:
    """Wallets, what runs on them, and what a person must decide. Amounts of different modes are
    never added."""
    from tradepulse.engine.kill_file import KillFile
    from tradepulse.storage.views.overview import overview

    now_ms = here.now_ms()
    with here.database.reading() as tx:
        found = overview(tx, now_ms, mode=mode, wallet_id=wallet_id)
    standing = KillFile(here.app.home.path).read() is not None
    return OverviewShape.model_validate({**vars(found), "as_of": now_ms, "kill_switch": standing})


@router.get("/wallets/{wallet_id}/equity")
def show_wallet_equity(
    here: Here,
    span: Span,
    wallet_id: str,
    points: Annotated[int, Query(ge=10, le=20_000, description="At most about so many.")] = 600,
) -> CurveShape:
    """What the wallet was worth over time: its balance and what its activations made by then."""
    from tradepulse.storage.views.wallet_curve import between, thinned, wallet_curve

    with here.database.reading() as tx:
        curve = wallet_curve(tx, tx.wallets.get(wallet_id))
    asked = between(curve, span["since_ms"], span["until_ms"])
    shown = thinned(asked, points)
    rows = zip(*(column.tolist() for column in shown), strict=True)
    items = [CurvePoint(time=time, equity=equity, drawdown=fall) for time, equity, fall in rows]
    return CurveShape(wallet_id=wallet_id, points=len(asked.time), items=items)
