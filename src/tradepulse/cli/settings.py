"""`tradepulse settings`: what is in force, where it is from, and its versions."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradepulse.cli.options import ConfigOption, HomeOption, JsonOption
from tradepulse.cli.output import emit, show_lines, show_table, time_text, wall_clock_ms
from tradepulse.domain.errors import UsageError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.domain.settings_version import SettingsVersion
    from tradepulse.storage.transaction import Transaction

app = typer.Typer(help="List, change and roll back settings, while everything runs.")

SectionArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[SECTION]", help="Only those that begin so, such as risk.", show_default=False
    ),
]
ChangesArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME=VALUE...", help="none is a value: no limit.", show_default=False),
]
UnsetOption = Annotated[
    list[str] | None,
    typer.Option("--unset", help="Say nothing of NAME any more.", show_default=False),
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it is kept.", prompt="Why")]
ExpectedOption = Annotated[
    int | None,
    typer.Option("--if-version", help="Only if this is the version now.", show_default=False),
]
VersionArgument = Annotated[
    int, typer.Argument(metavar="VERSION", help="Back to what it said; 0: to nothing.")
]


@app.command("list")
def list_settings(
    section: SectionArgument = None, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """List the settings in force with the source of each: default, file, version, environment."""
    from tradepulse.bootstrap.settings_in_force import setting_rows
    from tradepulse.storage.settings_changes import current

    opened = _open(home, config)
    with opened.database.reading() as tx:
        force = current(tx, opened.current.layers)
    rows = [row for row in setting_rows(force) if row["name"].startswith(section or "")]
    columns = ("setting", "value", "source")
    shown = [(row["name"], _text(row["value"]), row["source"]) for row in rows]
    document = {"version": force.version, "items": rows}
    emit(document, as_json, lambda: show_table(f"Version {force.version}", columns, shown))


@app.command("set")
def set_settings(
    reason: ReasonOption, changes: ChangesArgument = None, unset: UnsetOption = None,
    if_version: ExpectedOption = None, home: HomeOption = None, config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Change settings; running engines obey new limits within two seconds."""
    from tradepulse.storage.settings_changes import Change, change_settings

    values = dict(_change(text) for text in changes or ())
    opened = _open(home, config)
    change = Change(
        reason, getpass.getuser(), wall_clock_ms(), values, tuple(unset or ()), if_version
    )
    _write(opened, as_json, lambda tx: change_settings(tx, opened.current.layers, change))


@app.command("history")
def history(
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> int:
    """List the versions, newest first. Exit code 3 when the chain of hashes is broken."""
    opened = _open(home, config)
    with opened.database.reading() as tx:
        versions, broken = tx.settings.history(), tx.settings.first_broken()
    newest = list(reversed(versions))
    document = {"items": [vars(version) for version in newest], "first_broken": broken}
    emit(document, as_json, lambda: _show_history(newest, broken))
    return 0 if broken is None else 3


@app.command("rollback")
def rollback(
    version: VersionArgument, reason: ReasonOption, if_version: ExpectedOption = None,
    home: HomeOption = None, config: ConfigOption = None, as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Make a new version that says what an earlier one said."""
    from tradepulse.storage.settings_changes import Change, roll_back

    opened = _open(home, config)
    change = Change(reason, getpass.getuser(), wall_clock_ms(), {}, (), if_version)
    _write(opened, as_json, lambda tx: roll_back(tx, opened.current.layers, version, change))


def _open(home: HomeOption, config: ConfigOption) -> App:
    from tradepulse.bootstrap import open_home

    return open_home(home, config)


def _write(
    opened: App, as_json: bool, act: Callable[[Transaction], SettingsVersion]
) -> None:  # fmt: skip
    with opened.database.transaction() as tx:
        made = act(tx)
    emit(made, as_json, lambda: show_lines([f"version {made.version}: {made.reason}"]))


def _change(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(
            "bad_change", f"{text!r} is no change", expected="NAME=VALUE", found=repr(text)
        )
    if value.lower() == "none":
        return name.strip(), None
    try:
        return name.strip(), json.loads(value)
    except json.JSONDecodeError:
        return name.strip(), value


def _text(value: Any) -> str:
    return "none" if value is None else str(value)


def _show_history(versions: list[SettingsVersion], broken: int | None) -> None:
    rows = [
        (v.version, time_text(v.changed_at), v.changed_by, v.reason, json.dumps(dict(v.settings)))
        for v in versions
    ]
    show_table("Versions", ("version", "changed", "by", "reason", "says"), rows)
    if broken is not None:
        show_lines([f"the chain is broken from version {broken} on"])
