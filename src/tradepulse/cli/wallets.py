"""`tradepulse wallets`: accounts that can hold positions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.options import ConfigOption, CursorOption, HomeOption, JsonOption, LimitOption
from tradepulse.cli.output import emit, show_page, time_text, wall_clock_ms
from tradepulse.domain.errors import UsageError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.ledger import Wallet

app = typer.Typer(help="List and create wallets.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What to call it.")]
BalanceOption = Annotated[
    str | None,
    typer.Option(
        "--balance", help="What activations may allot of it (default on paper: the settings').",
        show_default=False,
    ),
]  # fmt: skip
QuoteOption = Annotated[
    str | None,
    typer.Option(
        "--quote", help="Its currency (default: the settings').", show_default=False,
        callback=lambda text: text and text.upper(),
    ),
]  # fmt: skip
ConnectionOption = Annotated[
    str | None,
    typer.Option(
        "--connection", help="The exchange connection whose account it is: its name or id.",
        show_default=False,
    ),
]  # fmt: skip
_COLUMNS = ("id", "name", "mode", "balance", "allotted", "quote", "connection", "created")


@app.command("list")
def list_wallets(
    limit: LimitOption = 50,
    cursor: CursorOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List wallets, oldest first, with what their activations hold."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        page = tx.wallets.page(limit=limit, cursor=cursor)
        allotted = {wallet.id: tx.wallets.allotted(wallet.id) for wallet in page.items}
    items = [{**vars(wallet), "allotted": allotted[wallet.id]} for wallet in page.items]
    document = {"items": items, "next_cursor": page.next_cursor}
    emit(document, as_json, lambda: _show(page.items, allotted, page.next_cursor))


@app.command()
def create(
    name: NameArgument,
    balance: BalanceOption = None,
    quote: QuoteOption = None,
    connection: ConnectionOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a wallet: on paper, or as a share of an exchange connection's account."""
    from tradepulse.bootstrap import open_home

    opened = open_home(home, config)
    amount = None if balance is None else read_amount(balance)
    made = _create(opened, name, amount, quote or opened.current.settings.paper.quote, connection)
    emit(made, as_json, lambda: _show((made,), {}, None))


def _create(
    opened: App, name: str, balance: Decimal | None, quote: str, connection: str | None
) -> Wallet:
    from tradepulse.cli.connections import find_connection
    from tradepulse.storage.connecting import connection_wallet
    from tradepulse.storage.paper_wallet import own_wallet

    now = wall_clock_ms()
    with opened.database.transaction() as tx:
        if connection is None:
            return own_wallet(tx, name, quote, balance or opened.current.settings.paper.cash, now)
        if balance is None:
            raise UsageError(
                "missing_option", "--balance is missing",
                expected="how much of the account this wallet may use", found="nothing",
            )  # fmt: skip
        found = find_connection(tx, connection)
        return connection_wallet(tx, found.id, name, quote, balance, now_ms=now)


def read_amount(text: str) -> Decimal:
    """The exact amount above 0 written as `text`. Error `bad_balance`."""
    try:
        amount = Decimal(text)
    except ArithmeticError:
        amount = Decimal("NaN")
    if not (amount.is_finite() and amount > 0):
        raise UsageError(
            "bad_balance", "that is not a balance", expected="an amount above 0", found=repr(text)
        )
    return amount


def _show(items: tuple[Wallet, ...], allotted: dict[str, Decimal], next_cursor: str | None) -> None:
    rows = [
        (
            w.id[:8], w.name, w.mode.value, w.balance, allotted.get(w.id, Decimal(0)), w.quote,
            w.connection_id and w.connection_id[:8], time_text(w.created_at),
        )
        for w in items
    ]  # fmt: skip
    show_page(_COLUMNS, rows, next_cursor, right=("balance", "allotted"))
