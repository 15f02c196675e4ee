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
from tradepulse.domain.errors import ForbiddenError, RefusedError
from tradepulse.domain.user import Role
from tradepulse.engine.kill_file import KillFile, KillRequest
from tradepulse.storage.paging import MAX_LIMIT

router = APIRouter(prefix="/kill-switch", tags=["risk"])


@router.get("")
def show_kill_switch(here: Here) -> KillSwitchShape:
    """Whether it stands, and the receipt as far as there is one. What is closed of others is their
    business."""
    file = _file(here)
    request = file.read()
    if request is None or not _concerns(here, request):
        return KillSwitchShape(
            standing=False, reason=None, requested_by=None, requested_at=None, receipt=None
        )
    receipt = file.receipt(request.id) if _is_own(here, request) else None
    return KillSwitchShape(
        standing=True, reason=request.reason, requested_by=request.requested_by,
        requested_at=request.requested_at,
        receipt=None if receipt is None else ReceiptShape.model_validate(receipt),
    )  # fmt: skip


@router.post("")
def kill(here: Here, body: AskedKill) -> ReceiptShape:
    """Cancel every order, close every position, take no entry any more: on one's own wallets, and
    if an admin asks on everybody's. Answers with the receipt when the exchange has said what is
    left; asked again while it stands, with the same."""
    own = None
    if body.wallet_id is not None:
        with here.database.reading() as tx:
            tx.wallets.get(body.wallet_id)
    elif not _is_admin(here):
        own = _own_wallets(here)
        if not own:
            raise RefusedError(
                "no_wallets", "nothing of yours could be closed",
                expected="a wallet of your own", found="none",
            )  # fmt: skip
    by = here.user.username
    request = _file(here).ask(body.reason, by, here.now_ms(), body.wallet_id, own)
    return ReceiptShape.model_validate(kill_all(here.app, request))


@router.post("/reset")
def reset(here: Here, body: AskedKillReset) -> KillResetShape:
    """Let engines of this home enter again. What also holds others' wallets only an admin lifts."""
    request = _file(here).read()
    if request is not None and not _is_own(here, request):
        raise ForbiddenError(
            "role_needed", "the kill switch holds wallets that are not yours",
            expected=str(Role.ADMIN), found=str(here.user.role),
        )  # fmt: skip
    stood = _file(here).reset()
    if stood:
        keep_reset(here.app, body.reason, here.user.username)
    return KillResetShape(reset=stood)


def _is_admin(here: Context) -> bool:
    return here.user.role is Role.ADMIN


def _own_wallets(here: Context) -> frozenset[str]:
    with here.database.reading() as tx:
        return frozenset(wallet.id for wallet in tx.wallets.page(limit=MAX_LIMIT).items)


def _is_own(here: Context, request: KillRequest) -> bool:
    """Whether it means no wallet but the asker's; to an admin all are theirs."""
    if _is_admin(here):
        return True
    return request.meant is not None and request.meant <= _own_wallets(here)


def _concerns(here: Context, request: KillRequest) -> bool:
    """Whether it means any wallet of the asker's. One for all concerns everybody."""
    if _is_admin(here) or request.meant is None:
        return True
    return not request.meant.isdisjoint(_own_wallets(here))


def _file(here: Context) -> KillFile:
    return KillFile(here.app.home.path)
