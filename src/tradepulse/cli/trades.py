"""`tradepulse trades`: round trips of the ledger."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from tradepulse.cli.options import (
    ConfigOption,
    CursorOption,
    HomeOption,
    JsonOption,
    LimitOption,
    PairsOption,
    TimerangeOption,
    only_pair,
    read_timerange,
)
from tradepulse.cli.output import as_text, emit, plain, show_lines, show_page, time_text

if TYPE_CHECKING:
    from tradepulse.domain.ledger import TradeRecord
    from tradepulse.storage.transaction import Transaction

app = typer.Typer(help="List and export trades.")

ActivationOption = Annotated[
    str | None, typer.Option("--activation", help="Trades of one activation: its id.")
]
ConfigurationOption = Annotated[
    str | None, typer.Option("--configuration", help="Trades of one configuration: its id.")
]
_COLUMNS = (
    "exit", "pair", "side", "quantity", "entry", "price in", "price out", "reason", "fees", "pnl",
    "pnl %", "configuration",
)  # fmt: skip
EXPORT_PAGE = 1000


class Format(StrEnum):
    """What an export is written as."""

    CSV = "csv"
    JSON = "json"


@app.command("list")
def list_trades(
    pairs: PairsOption = None,
    activation: ActivationOption = None,
    configuration: ConfigurationOption = None,
    timerange: TimerangeOption = None,
    limit: LimitOption = 50,
    cursor: CursorOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List closed trades, newest first."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        wanted = _wanted(tx, pairs, activation, configuration, timerange)
        page = tx.trades.page(**wanted, cursor=cursor, limit=limit)
    document = {"items": page.items, "next_cursor": page.next_cursor}
    emit(document, as_json, lambda: _show(page.items, page.next_cursor))


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write: FILE.csv or FILE.json.")],
    pairs: PairsOption = None,
    activation: ActivationOption = None,
    configuration: ConfigurationOption = None,
    timerange: TimerangeOption = None,
    output: Annotated[Format | None, typer.Option("--format", help="If not by name.")] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export closed trades, oldest first, amounts as exact decimals."""
    from tradepulse.bootstrap import open_home

    kind = output or (Format.JSON if file.suffix == ".json" else Format.CSV)
    with open_home(home, config).database.reading() as tx:
        wanted = _wanted(tx, pairs, activation, configuration, timerange)
        # Written beside the target and moved: a full disk leaves no half a file behind.
        partial = file.with_name(f".{file.name}.part")
        try:
            with partial.open("w", newline="") as stream:
                count = _WRITERS[kind](stream, _all(tx, wanted))
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    emit(
        {"file": file, "trades": count}, as_json, lambda: show_lines([f"{count} trades in {file}"])
    )


def _wanted(
    tx: Transaction,
    pairs: list[str] | None,
    activation: str | None,
    configuration: str | None,
    timerange: str | None,
) -> dict[str, Any]:
    span = read_timerange(timerange)
    return {
        "pair": only_pair(pairs),
        "activation_id": tx.activations.resolve(activation).id if activation else None,
        "configuration_id": tx.configurations.resolve(configuration).id if configuration else None,
        "since_ms": span.start,
        "until_ms": span.end,
    }


def _all(tx: Transaction, wanted: dict[str, Any]) -> Iterator[TradeRecord]:
    cursor = None
    while True:
        page = tx.trades.page(**wanted, sort="exit_time", cursor=cursor, limit=EXPORT_PAGE)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _write_csv(stream: TextIO, trades: Iterator[TradeRecord]) -> int:
    from tradepulse.domain.ledger import TradeRecord

    names = [field.name for field in fields(TradeRecord)]
    writer = csv.writer(stream)
    writer.writerow(names)
    count = 0
    for trade in trades:
        values = (getattr(trade, name) for name in names)
        writer.writerow("" if value is None else as_text(value) for value in values)
        count += 1
    return count


def _write_json(stream: TextIO, trades: Iterator[TradeRecord]) -> int:
    count = 0
    for trade in trades:
        stream.write(",\n" if count else "[\n")
        stream.write(json.dumps(asdict(trade), default=plain))
        count += 1
    stream.write("\n]\n" if count else "[]\n")
    return count


_WRITERS = {Format.CSV: _write_csv, Format.JSON: _write_json}


def _show(trades: tuple[TradeRecord, ...], next_cursor: str | None) -> None:
    # As floats: twenty exact digits a cell are for --json and `export`, not for eyes.
    rows = [
        (
            time_text(t.exit_time), t.pair, t.side.value, float(t.quantity),
            time_text(t.entry_time), float(t.entry_price), float(t.exit_price),
            t.exit_reason.value, f"{t.fees:.2f}", f"{t.pnl:.2f}", f"{t.pnl_pct:.2f}",
            t.configuration_id[:8],
        )
        for t in trades
    ]  # fmt: skip
    show_page(_COLUMNS, rows, next_cursor, right=("quantity", *_COLUMNS[5:7], *_COLUMNS[8:11]))
