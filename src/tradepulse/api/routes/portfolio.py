"""What wallets were worth over time."""

from __future__ import annotations

from fastapi import APIRouter

from tradepulse.api.asking import Paging, Span
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.ledger import PortfolioPointShape
from tradepulse.api.shapes.values import Listed

router = APIRouter(prefix="/portfolio", tags=["portfolio"], route_class=ConditionalRoute)


@router.get("/history")
def history(
    here: Here,
    paging: Paging,
    span: Span,
    wallet_id: str | None = None,
    activation_id: str | None = None,
    configuration_id: str | None = None,
) -> Listed[PortfolioPointShape]:
    """Equity of each activation's own ledger, on fills and hourly, newest first."""
    with here.database.reading() as tx:
        page = tx.portfolio.page(
            wallet_id=wallet_id, activation_id=activation_id, configuration_id=configuration_id,
            **span, **paging,
        )  # fmt: skip
    return Listed[PortfolioPointShape].model_validate(page)
