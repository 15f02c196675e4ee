"""Wallets: accounts that can hold positions."""

from __future__ import annotations

from uuid import uuid4

from fastapi import APIRouter, Response

from tradepulse.api.asking import Paging
from tradepulse.api.context import Here
from tradepulse.api.shapes.ledger import NewWallet, TotalsShape, WalletShape
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.errors import RefusedError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import Mode
from tradepulse.domain.money import to_text
from tradepulse.storage.transaction import Transaction

router = APIRouter(prefix="/wallets", tags=["wallets"])


@router.get("")
def list_wallets(here: Here, paging: Paging, mode: Mode | None = None) -> Listed[WalletShape]:
    """Wallets, oldest first, with what their running activations hold."""
    with here.database.reading() as tx:
        page = tx.wallets.page(mode=mode, **paging)
        items = [_shape(tx, wallet) for wallet in page.items]
    return Listed[WalletShape](items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201)
def create_wallet(here: Here, body: NewWallet, response: Response) -> WalletShape:
    """A new paper wallet. Wallets of other modes belong to an exchange connection."""
    if body.mode is not Mode.PAPER:
        raise RefusedError(
            "mode_unavailable", "only paper wallets can be made",
            expected=str(Mode.PAPER), found=str(body.mode),
        )  # fmt: skip
    paper = here.app.settings.paper
    wallet = Wallet(
        id=str(uuid4()), name=body.name, quote=body.quote or paper.quote,
        balance=paper.cash if body.balance is None else body.balance,
        mode=body.mode, created_at=here.now_ms(),
    )  # fmt: skip
    payload = {"name": wallet.name, "balance": to_text(wallet.balance), "quote": wallet.quote}
    event = NewEvent(wallet.created_at, "wallet.created", "wallet", wallet.id, payload)
    with here.database.transaction() as tx:
        tx.wallets.insert(wallet)
        tx.events.append(event)
        made = _shape(tx, wallet)
    response.headers["location"] = f"wallets/{wallet.id}"
    return made


@router.get("/{wallet_id}")
def show_wallet(here: Here, wallet_id: str) -> WalletShape:
    """One wallet."""
    with here.database.reading() as tx:
        return _shape(tx, tx.wallets.get(wallet_id))


@router.get("/{wallet_id}/totals")
def wallet_totals(here: Here, wallet_id: str) -> TotalsShape:
    """Exact sums over all its closed trades."""
    with here.database.reading() as tx:
        tx.wallets.get(wallet_id)
        return TotalsShape.model_validate(tx.trades.totals(wallet_id=wallet_id))


def _shape(tx: Transaction, wallet: Wallet) -> WalletShape:
    shape = WalletShape.model_validate(wallet)
    return shape.model_copy(update={"allotted": tx.wallets.allotted(wallet.id)})
