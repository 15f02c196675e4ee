"""Exchange accounts against the ledger: compare them now, and what was found before."""

from __future__ import annotations

from fastapi import APIRouter

from tradepulse.api.asking import Paging, Span
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.risk import AskedReconcile, ReconciliationShape
from tradepulse.api.shapes.values import Document, Listed

router = APIRouter(tags=["risk"], route_class=ConditionalRoute)


@router.get("/reconciliations")
def list_reconciliations(
    here: Here,
    paging: Paging,
    span: Span,
    wallet_id: str | None = None,
    kind: str | None = None,
    entity_id: str | None = None,
) -> Listed[ReconciliationShape]:
    """Differences and the balances agreed on between them, newest first."""
    with here.database.reading() as tx:
        page = tx.reconciliations.page(
            wallet_id=wallet_id, kind=kind, entity_id=entity_id, **span, **paging
        )
    return Listed[ReconciliationShape].model_validate(page)


@router.post("/reconcile")
def reconcile(here: Here, body: AskedReconcile | None = None) -> Document:
    """Compare orders, fills, positions and balances with the ledger now. Nothing is sent and
    nothing set right; what differs is written down."""
    from tradepulse.bootstrap.reconciling import reconcile as compare

    asked = body or AskedReconcile()
    report = compare(
        here.app, asked.wallet_id, now_ms=here.now_ms, accept=asked.accept, user_id=here.user.id
    )
    return report.as_json()
