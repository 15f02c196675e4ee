"""`tradepulse kill`: close everything, now."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, say, show_lines, show_table, time_text, wall_clock_ms
from tradepulse.domain.errors import RefusedError

if TYPE_CHECKING:
    from tradepulse.domain.risk_record import KillReceipt

YesOption = Annotated[bool, typer.Option("--yes", help="Do it, without asking.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept.", show_default=False)]
WalletOption = Annotated[
    str | None, typer.Option("--wallet", help="Only this wallet.", show_default=False)
]
ResetOption = Annotated[
    bool, typer.Option("--reset", help="Let engines of this home enter again.")
]  # fmt: skip


def command(
    yes: YesOption = False,
    reason: ReasonOption = "asked for on the command line",
    wallet: WalletOption = None,
    reset: ResetOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> int:
    """Cancel every order, close every position, and take no entry until it is reset.

    Works while the API and the database are down, as long as an engine of this home runs: it finds
    the file KILL. Where none runs, this command does the work. The receipt says what the exchange
    itself showed afterwards; exit code 3 if anything is left or could not be confirmed.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.bootstrap.killing import keep_reset, kill_all
    from tradepulse.engine.kill_file import KillFile

    app = open_home(home, config)
    file = KillFile(app.home.path)
    if reset:
        stood = file.reset()
        if stood:
            keep_reset(app, reason, getpass.getuser())
        told = "engines of this home may enter again" if stood else "no kill switch stood"
        emit({"reset": stood}, as_json, lambda: show_lines([told]))
        return 0
    if not yes and not typer.confirm("Cancel every order and close every position?", err=True):
        raise RefusedError("not_confirmed", "nothing was done", expected="--yes", found="no")
    request = file.ask(reason, getpass.getuser(), wall_clock_ms(), wallet)
    receipt = kill_all(app, request, tell=say)
    emit(receipt, as_json, lambda: _show(receipt))
    left = receipt.open_orders or receipt.open_positions or not receipt.confirmed_by_exchange
    return RefusedError.exit_code if left else 0


def _show(receipt: KillReceipt) -> None:
    rows = [
        ("asked for", time_text(receipt.requested_at)),
        ("done", time_text(receipt.completed_at)),
        ("orders cancelled", receipt.cancelled),
        ("positions closed", receipt.flattened),
        ("orders left", receipt.open_orders),
        ("positions left", receipt.open_positions),
        ("the exchange says so itself", "yes" if receipt.confirmed_by_exchange else "no"),
    ]
    show_table("Kill switch", ("", ""), rows)
