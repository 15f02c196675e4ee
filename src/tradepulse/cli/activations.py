"""`tradepulse activations`: what runs, how to hold it, and how to end it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
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
from tradepulse.cli.output import emit, show_page, time_text, wall_clock_ms

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.ledger import Activation

app = typer.Typer(help="List activations; pause, drain, flatten and roll them back.")

FlattenOption = Annotated[
    bool, typer.Option("--flatten", help="Close its position at once instead of by its exits.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, for the log.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")]
_COLUMNS = (
    "id", "configuration", "mode", "feed", "state", "held", "allotment", "staged", "session start",
    "last bar", "fault",
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
    from tradepulse.storage.staged_shares import staged_shares

    app = open_home(home, config)
    with app.database.reading() as tx:
        page = tx.activations.page(is_running=active, limit=limit, cursor=cursor)
        shares = staged_shares(tx, page.items, app.current.risk().staging)
    items = [{**asdict(a), "staged_share": shares.get(a.id)} for a in page.items]
    document = {"items": items, "next_cursor": page.next_cursor}
    emit(document, as_json, lambda: show_activations(page.items, page.next_cursor, shares))


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


@app.command()
def pause(
    activation: IdArgument, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Let an activation take no more entries until it is resumed; its exits go on."""
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.pausing import request_pause

    with open_home(home, config).database.transaction() as tx:
        found = tx.activations.resolve(activation)
        held = request_pause(tx, found, now_ms=wall_clock_ms())
    emit(held, as_json, lambda: show_activations((held,)))


@app.command()
def resume(
    activation: IdArgument, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Let a held activation enter again, whatever held it."""
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.pausing import request_resume

    with open_home(home, config).database.transaction() as tx:
        found = tx.activations.resolve(activation)
        free = request_resume(tx, found, now_ms=wall_clock_ms())
    emit(free, as_json, lambda: show_activations((free,)))


@app.command()
def rollback(
    activation: IdArgument,
    flatten: FlattenOption = False,
    reason: ReasonOption = "",
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take an activation from its exchange back to paper: it leaves, a paper one goes on."""
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.rolling_back import rollback_activation

    with open_home(home, config).database.transaction() as tx:
        found = tx.activations.resolve(activation)
        done = rollback_activation(
            tx, found.id, now_ms=wall_clock_ms(), by="cli", reason=reason, flatten=flatten
        )
    emit(done._asdict(), as_json, lambda: show_activations(tuple(done)))


def _leave(app: App, activation: str, *, flatten: bool, as_json: bool) -> None:
    from tradepulse.storage.activating import request_leave

    with app.database.transaction() as tx:
        found = tx.activations.resolve(activation)
        left = request_leave(tx, found, now_ms=wall_clock_ms(), flatten=flatten)
    emit(left, as_json, lambda: show_activations((left,)))


def show_activations(
    items: tuple[Activation, ...],
    next_cursor: str | None = None,
    shares: Mapping[str, float] | None = None,
) -> None:
    """Prints activations as a table, and how to see the next page. `shares`: what those with real
    money may use of their allotment."""
    staged = {name: f"{100.0 * share:g} %" for name, share in (shares or {}).items()}
    rows = [
        (
            a.id[:8], a.configuration_id[:8], a.mode.value, a.feed.value, a.state.value, a.blocked,
            a.allotment, staged.get(a.id), time_text(a.session_start), time_text(a.last_bar),
            a.fault,
        )
        for a in items
    ]  # fmt: skip
    show_page(_COLUMNS, rows, next_cursor, right=("allotment", "staged"))
