"""`tradepulse activations`: what runs, and how to end it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.options import (
    ActiveOption,
    ConfigOption,
    CursorOption,
    HomeOption,
    JsonOption,
    LimitOption,
)
from tradepulse.cli.output import emit, show_lines, show_table, time_text, wall_clock_ms

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.ledger import Activation

app = typer.Typer(help="List activations, drain and flatten them.")

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")]
_COLUMNS = (
    "id", "configuration", "mode", "feed", "state", "allotment", "session start", "last bar",
    "fault",
)  # fmt: skip


@app.command("list")
def list_activations(
    active: ActiveOption = None,
    limit: LimitOption = 50,
    cursor: CursorOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List activations, newest first."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        page = tx.activations.page(is_running=active, limit=limit, cursor=cursor)
    document = {"items": page.items, "next_cursor": page.next_cursor}
    emit(document, as_json, lambda: show_activations(page.items, page.next_cursor))


@app.command()
def drain(
    activation: IdArgument, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Let an activation leave by its own exits: no more entries, gone when flat."""
    from tradepulse.bootstrap import open_home

    _leave(open_home(home, config), activation, flatten=False, as_json=as_json)


@app.command()
def flatten(
    activation: IdArgument, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Close an activation's position at once and stop it."""
    from tradepulse.bootstrap import open_home

    _leave(open_home(home, config), activation, flatten=True, as_json=as_json)


def _leave(app: App, activation: str, *, flatten: bool, as_json: bool) -> None:
    from tradepulse.storage.activating import request_leave

    with app.database.transaction() as tx:
        found = tx.activations.resolve(activation)
        left = request_leave(tx, found, now_ms=wall_clock_ms(), flatten=flatten)
    emit(left, as_json, lambda: show_activations((left,)))


def show_activations(items: tuple[Activation, ...], next_cursor: str | None = None) -> None:
    """Prints activations as a table, and how to see the next page."""
    rows = [
        (
            a.id[:8], a.configuration_id[:8], a.mode.value, a.feed.value, a.state.value,
            a.allotment, time_text(a.session_start), time_text(a.last_bar), a.fault,
        )
        for a in items
    ]  # fmt: skip
    show_table(None, _COLUMNS, rows, right=("allotment",))
    if next_cursor is not None:
        show_lines([f"more: --cursor {next_cursor}"])
