"""Wallets: accounts that can hold positions."""

from __future__ import annotations

from decimal import Decimal

from fastapi import APIRouter, Response

from tradepulse.api.asking import Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.ledger import NewWallet, TotalsShape, WalletShape
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import Mode
from tradepulse.storage.connecting import connection_wallet
from tradepulse.storage.paper_wallet import own_wallet
from tradepulse.storage.transaction import Transaction

router = APIRouter(prefix="/wallets", tags=["wallets"], route_class=ConditionalRoute)


@router.get("")
def list_wallets(
    here: Here, paging: Paging, mode: Mode | None = None, connection_id: str | None = None
) -> Listed[WalletShape]:
    """Wallets, oldest first, with what their running activations hold."""
    with here.database.reading() as tx:
        page = tx.wallets.page(mode=mode, connection_id=connection_id, **paging)
        items = [_shape(tx, wallet) for wallet in page.items]
    return Listed[WalletShape](items=items, next_cursor=page.next_cursor)


@router.post("", status_code=201)
def create_wallet(here: Here, body: NewWallet, response: Response) -> WalletShape:
    """A new paper wallet, or one on an exchange connection, whose mode it then has."""
    paper = here.app.current.settings.paper
    quote, now_ms = body.quote or paper.quote, here.now_ms()
    with here.database.transaction() as tx:
        if body.connection_id is None:
            _check_paper(body.mode)
            balance = paper.cash if body.balance is None else body.balance
            wallet = own_wallet(tx, body.name, quote, balance, now_ms)
        else:
            balance = _given(body.balance)
            wallet = connection_wallet(
                tx, body.connection_id, body.name, quote, balance, now_ms=now_ms
            )
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


def _check_paper(mode: Mode | None) -> None:
    if mode not in (None, Mode.PAPER):
        raise RefusedError(
            "mode_unavailable", "a wallet without a connection is a paper wallet",
            expected="mode paper, or a connection_id", found=str(mode),
        )  # fmt: skip


def _given(balance: Decimal | None) -> Decimal:
    if balance is None:
        raise UsageError(
            "bad_balance", "how much of the account the wallet may use is not said",
            expected="balance", found="nothing",
        )  # fmt: skip
    return balance


def _shape(tx: Transaction, wallet: Wallet) -> WalletShape:
    shape = WalletShape.model_validate(wallet)
    return shape.model_copy(update={"allotted": tx.wallets.allotted(wallet.id)})
