"""The trades of a run as a table: the first and the last of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tradepulse.pages import figures as f
from tradepulse.pages.markup import Child, Html, join, tag
from tradepulse.pages.tables import Cell, Column, table

# At each end; the whole list is the business of `trades export` and `.trades`.
SHOWN = 50

_COLUMNS = (
    "Entry, UTC", "Side", Column("Quantity"), Column("Price in"), "Exit, UTC", Column("Price out"),
    "Reason", Column("Bars"), Column("Worst\u202f%"), Column("Best\u202f%"), Column("Fees"),
    Column("Profit"), Column("%"),
)  # fmt: skip


def trade_table(trades: Mapping[str, Sequence[Any]], shown: int = SHOWN) -> Html:
    """All trades, or the first and last `shown` with a line that says how many lie between."""
    total = len(trades["entry_time"])
    if total <= 2 * shown:
        return table(_COLUMNS, [_row(trades, k) for k in range(total)])
    first = table(_COLUMNS, [_row(trades, k) for k in range(shown)])
    last = table(_COLUMNS, [_row(trades, k) for k in range(total - shown, total)])
    between = tag(
        "p", f"{total - 2 * shown:,} trades between are left out here; all of them count above.",
        class_="remark",
    )  # fmt: skip
    return join((first, between, last))


def _row(trades: Mapping[str, Sequence[Any]], k: int) -> list[Child]:
    at = {name: values[k] for name, values in trades.items()}
    reason = at["exit_reason"] if not at.get("tag") else Cell(at["exit_reason"], under=at["tag"])
    return [
        f.minute(at["entry_time"]), at["side"], f.quantity(at["quantity"]),
        f.price(at["entry_price"]), f.minute(at["exit_time"]), f.price(at["exit_price"]), reason,
        f.count(at["bars_held"]), f.decimal(at["mae_pct"]), f.decimal(at["mfe_pct"], sign=True),
        f.decimal(at["fees"]), Cell(f.decimal(at["pnl"], sign=True), f.tone(at["pnl"])),
        Cell(f.decimal(at["pnl_pct"], sign=True), f.tone(at["pnl_pct"])),
    ]  # fmt: skip
