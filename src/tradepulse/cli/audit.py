"""`tradepulse audit`: what was commanded, and whether anybody has changed the record of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tradepulse.cli.options import ConfigOption, CursorOption, HomeOption, JsonOption, LimitOption
from tradepulse.cli.output import emit, show_lines, show_table, time_text
from tradepulse.domain.errors import RefusedError

if TYPE_CHECKING:
    from tradepulse.domain.audit import AuditEntry
    from tradepulse.storage.auditing import ChainReport

app = typer.Typer(help="List audited commands, and verify the record of them.")

UserOption = Annotated[
    str | None, typer.Option("--user", help="Only this user's.", show_default=False)
]
_COLUMNS = ("number", "time", "user", "by", "from", "command", "about", "outcome")


@app.command("list")
def list_entries(
    user: UserOption = None,
    limit: LimitOption = 50,
    cursor: CursorOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List commands, newest first."""
    from tradepulse.bootstrap import open_home

    with open_home(home, config).database.reading() as tx:
        user_id = None if user is None else tx.users.resolve(user).id
        page = tx.audit.page(user_id=user_id, limit=limit, cursor=cursor)
    document = {"items": page.items, "next_cursor": page.next_cursor}
    emit(document, as_json, lambda: _show(page.items, page.next_cursor))


@app.command()
def verify(
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> int:  # fmt: skip
    """Check the hash chains of the audit and of the settings' versions, link by link.

    Exit code 3 names the first link that was changed, taken out or put in. That the newest were cut
    off cannot be seen: keep the hash of the last one elsewhere for that.
    """
    from tradepulse.bootstrap import open_home
    from tradepulse.storage.auditing import verify_chains

    found = verify_chains(open_home(home, config).database)
    broken = [report for report in found if report.first_broken is not None]
    document = {
        "verdict": "broken" if broken else "intact",
        "chains": [report._asdict() for report in found],
    }
    emit(document, as_json, lambda: show_lines(map(_told, found)))
    return RefusedError.exit_code if broken else 0


def _told(report: ChainReport) -> str:
    if report.first_broken is None:
        return f"{report.chain}: {report.links} links, intact"
    return f"{report.chain}: broken at number {report.first_broken}"


def _show(items: tuple[AuditEntry, ...], next_cursor: str | None) -> None:
    rows = [
        (
            e.number, time_text(e.time), e.username, e.credential[:16], e.address,
            f"{e.method} {e.route}", e.object, f"{e.outcome} {e.code}".strip(),
        )
        for e in items
    ]  # fmt: skip
    show_table(None, _COLUMNS, rows)
    if next_cursor is not None:
        show_lines([f"more: --cursor {next_cursor}"])
