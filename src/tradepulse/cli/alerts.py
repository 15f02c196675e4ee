"""`tradepulse alerts`: what somebody should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.options import ConfigOption, CursorOption, HomeOption, JsonOption, LimitOption
from tradepulse.cli.output import emit, show_page, time_text, wall_clock_ms

if TYPE_CHECKING:
    from tradepulse.domain.alert import Alert

app = typer.Typer(help="List alerts, and mark them read.")

UnreadOption = Annotated[bool, typer.Option("--unread", help="Only those nobody has read.")]
LevelOption = Annotated[
    str | None, typer.Option("--level", help="info, warning or critical.", show_default=False)
]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="An id, or how it begins.")]
_COLUMNS = ("id", "time", "level", "code", "about", "read", "message")


@app.command("list")
def list_alerts(
    unread: UnreadOption = False,
    level: LevelOption = None,
    limit: LimitOption = 50,
    cursor: CursorOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List alerts, newest first."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        page = tx.alerts.page(level=level, unread=unread or None, limit=limit, cursor=cursor)
    document = {"items": page.items, "next_cursor": page.next_cursor}
    emit(document, as_json, lambda: _show(page.items, page.next_cursor))


@app.command()
def read(
    alert: IdArgument, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Mark an alert as read."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.transaction() as tx:
        found = tx.alerts.mark_read(tx.alerts.resolve(alert).id, wall_clock_ms())
    emit(found, as_json, lambda: _show((found,)))


def _show(items: tuple[Alert, ...], next_cursor: str | None = None) -> None:
    rows = [
        (
            a.id[:8], time_text(a.time), a.level, a.code, f"{a.entity} {a.entity_id[:8]}",
            time_text(a.read_at), a.message,
        )
        for a in items
    ]  # fmt: skip
    show_page(_COLUMNS, rows, next_cursor)
