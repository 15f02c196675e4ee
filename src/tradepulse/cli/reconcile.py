"""`tradepulse reconcile`: exchange accounts against the ledger."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, show_lines, show_table, time_text, wall_clock_ms
from tradepulse.domain.errors import FailedError, RefusedError, UsageError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.bootstrap.reconciling import AccountReport, ReconcileReport

WalletOption = Annotated[
    str | None,
    typer.Option("--wallet", help="Only this wallet's account: its id or name.",
                 show_default=False),
]  # fmt: skip
TransferOption = Annotated[
    str | None,
    typer.Option(
        "--transfer", metavar="CURRENCY=AMOUNT", show_default=False,
        help="Book a deposit (or, below 0, a withdrawal) of --wallet before comparing.",
    ),
]  # fmt: skip
AcceptOption = Annotated[
    str | None,
    typer.Option("--accept", metavar="REASON", show_default=False,
                 help="Take the balances as they are now as right from here on."),
]  # fmt: skip


def command(
    wallet: WalletOption = None,
    transfer: TransferOption = None,
    accept: AcceptOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Compare orders, fills, positions and balances at the exchange with the ledger.

    Nothing is sent and nothing is set right: a running engine does that by itself, every minute.
    What differs is written down. The profit of each UTC day is held against how the account's
    balances moved since they last agreed. Exit code 3 when something differs, 5 when an account
    could not be asked.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.bootstrap.reconciling import reconcile

    app = open_home(home, config)
    if transfer is not None:
        _book(app, wallet, transfer)
    report = reconcile(app, wallet, now_ms=wall_clock_ms, accept=accept)
    emit(report.as_json(), as_json, lambda: _show(report))
    if report.unread:
        return FailedError.exit_code
    return RefusedError.exit_code if report.differs else 0


def _book(app: App, wallet: str | None, transfer: str) -> None:
    from tradepulse.bootstrap.reconciling import book_transfer

    currency, _, text = transfer.partition("=")
    if wallet is None:
        raise UsageError(
            "missing_option", "a transfer belongs to a wallet", expected="--wallet", found="none"
        )
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise UsageError(
            "bad_transfer", "that is no transfer", expected="CURRENCY=AMOUNT, as in USDT=250",
            found=transfer,
        ) from None  # fmt: skip
    book_transfer(app, wallet, currency, amount, now_ms=wall_clock_ms())


def _show(report: ReconcileReport) -> None:
    if not report.accounts and not report.unread:
        show_lines(["no wallet of this home trades at an exchange"])
    for account in report.accounts:
        _show_account(account)
    for unread, error in report.unread:
        show_lines([f"{unread.connection.name}: could not be asked: {error}"])


def _show_account(report: AccountReport) -> None:
    about = report.as_json()
    balances = "noted for the next look"
    if report.since is not None:
        balances = f"since {time_text(report.since)}, {report.baseline}"
    verdict = f"{len(report.differences)} differences" if report.differences else "agrees"
    show_lines(
        [f"{about['connection']} ({about['exchange']} {about['market']}, {about['mode']}): "
         f"{verdict}; {report.open_orders} open orders, {report.fills} fills; balances "
         f"{balances}"]
    )  # fmt: skip
    if report.differences:
        found = [(d.what, d.pair, d.entity_id, d.expected, d.found) for d in report.differences]
        show_table(None, ("difference", "pair", "of", "ledger", "exchange"), found)
    if about["changes"]:
        columns = ("currency", "ledger", "exchange", "difference")
        values = [tuple(change.values()) for change in about["changes"]]
        show_table("Change of balances", columns, values, right=columns[1:])
    if about["days"]:
        shown = ("day", "currency", "trading", "fees", "funding", "transfers", "net")
        days = [(time_text(d["day"])[:10], *(d[name] for name in shown[1:])) for d in about["days"]]
        show_table("By UTC day, as the ledger has it", shown, days, right=shown[2:])
    if about["realised"]:
        results = [
            (time_text(r["day"])[:10], r["wallet_id"][:8], r["trades"], r["pnl"])
            for r in about["realised"]
        ]
        show_table("Closed trades", ("day", "wallet", "trades", "pnl"), results, right=("pnl",))
