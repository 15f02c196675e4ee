"""The kill switch: close everything, and let nothing enter until it is reset.

It is a file in the home, which engines find by themselves: so it works while the database is away.
"""

from __future__ import annotations

from fastapi import APIRouter

from tradepulse.api.context import Context, Here
from tradepulse.api.shapes.risk import (
    AskedKill,
    AskedKillReset,
    KillResetShape,
    KillSwitchShape,
    ReceiptShape,
)
from tradepulse.bootstrap.killing import keep_reset, kill_all
from tradepulse.engine.kill_file import KillFile

router = APIRouter(prefix="/kill-switch", tags=["risk"])
_BY = "api"


@router.get("")
def show_kill_switch(here: Here) -> KillSwitchShape:
    """Whether it stands, and the receipt as far as there is one."""
    file = _file(here)
    request = file.read()
    if request is None:
        return KillSwitchShape(
            standing=False, reason=None, requested_by=None, requested_at=None, receipt=None
        )
    receipt = file.receipt(request.id)
    return KillSwitchShape(
        standing=True, reason=request.reason, requested_by=request.requested_by,
        requested_at=request.requested_at,
        receipt=None if receipt is None else ReceiptShape.model_validate(receipt),
    )  # fmt: skip


@router.post("")
def kill(here: Here, body: AskedKill) -> ReceiptShape:
    """Cancel every order, close every position, take no entry any more. Answers with the receipt
    when the exchange has said what is left; asked again while it stands, with the same."""
    if body.wallet_id is not None:
        with here.database.reading() as tx:
            tx.wallets.get(body.wallet_id)
    request = _file(here).ask(body.reason, _BY, here.now_ms(), body.wallet_id)
    return ReceiptShape.model_validate(kill_all(here.app, request))


@router.post("/reset")
def reset(here: Here, body: AskedKillReset) -> KillResetShape:
    """Let engines of this home enter again."""
    stood = _file(here).reset()
    if stood:
        keep_reset(here.app, body.reason, _BY)
    return KillResetShape(reset=stood)


def _file(here: Context) -> KillFile:
    return KillFile(here.app.home.path)
