"""`tradepulse gap`: what an activation earned against the backtest of the same bars."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, show_lines, show_table, time_text

IdArgument = Annotated[str, typer.Argument(metavar="ACTIVATION", help="An id, or how it begins.")]
ArchiveOption = Annotated[
    Path | None,
    typer.Option("--archive", show_default=False,
                 help="A folder of bars that are the truth; what they change is the part `data`."),
]  # fmt: skip
_SHOWN = 20


def command(
    activation: IdArgument,
    archive: ArchiveOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Split what an activation earned less than its backtest, or more, into its causes: data,
    timing, price, size, fees, funding, missed and extra trades. The parts sum to the whole, to the
    cent."""
    from tradepulse.bootstrap import open_home, open_store
    from tradepulse.storage.live_gap import live_gap

    app = open_home(home, config)
    with app.database.reading() as tx:
        found = tx.activations.resolve(activation)
    store = None if archive is None else open_store(archive)
    document = live_gap(app.database, app.bars, found.id, store).as_json()
    emit(document, as_json, lambda: _show(document))


def _show(about: dict[str, Any]) -> None:
    show_lines(
        [
            f"{about['pair']}, {about['mode']}: {about['bars']:,} bars, "
            f"{time_text(about['start'])} to {time_text(about['end'])} UTC; "
            f"{about['found_trades']} trades, the backtest has {about['expected_trades']}",
            f"earned {about['found_pnl']}, the backtest {about['expected_pnl']}",
        ]
    )
    rows = [(c["part"], c["amount"], c["trades"]) for c in about["cents"]]
    show_table(
        "Gap in the quote currency", ("part", "amount", "trades"), rows, right=("amount", "trades")
    )
    if about["missed"]:
        missed = [
            (time_text(m["entry_time"]), m["side"], m["pnl"], m["verdict"], m["reason"])
            for m in about["missed"][:_SHOWN]
        ]
        columns = ("entry", "side", "pnl", "verdict", "reason")
        show_table("Missed", columns, missed, right=("pnl",))
