"""`tradepulse users`: who may sign in, and the API keys of programs."""

from __future__ import annotations

import getpass
import os
import sys
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from tradepulse.cli.first_start import make_first_admin, tell_first_admin
from tradepulse.cli.options import ConfigOption, CursorOption, HomeOption, JsonOption, LimitOption
from tradepulse.cli.output import emit, say, show_lines, show_table, time_text, wall_clock_ms
from tradepulse.domain.errors import UsageError
from tradepulse.domain.user import Role, Scope

if TYPE_CHECKING:
    from pathlib import Path

    from tradepulse.bootstrap import App
    from tradepulse.domain.user import User
    from tradepulse.storage.giving_keys import Given

app = typer.Typer(help="Create users, give API keys, change passwords, shut users out.")

PASSWORD_VARIABLE = "TRADEPULSE_USER_PASSWORD"  # noqa: S105  (its name, not a password)

UserArgument = Annotated[
    str, typer.Argument(metavar="USER", help="The user's name, or how the id begins.")
]
OwnerArgument = Annotated[
    str, typer.Argument(metavar="[USER]", help="The user's name (default: the first admin).")
]
NewNameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What they sign in as.")]
RoleOption = Annotated[
    Role, typer.Option("--role", help="viewer: looks. operator: commands too. admin: all.")
]
StdinOption = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from a pipe, one line.")
]
NoPasswordOption = Annotated[
    bool, typer.Option("--no-password", help="None: they are only given API keys.")
]
KeyNameOption = Annotated[str, typer.Option("--name", help="What the key is for.")]
ScopeOption = Annotated[
    list[Scope],
    typer.Option("--scope", help="read, train, trade or admin; repeat it. Every one may read."),
]
DaysOption = Annotated[
    int | None,
    typer.Option("--days", min=1, help="How long it is good (default: for ever).",
                 show_default=False),
]  # fmt: skip
UndoOption = Annotated[bool, typer.Option("--undo", help="Let them in again.")]
_COLUMNS = ("id", "name", "role", "created", "disabled")


class _Opened(NamedTuple):
    app: App
    now_ms: int


@app.command("list")
def list_users(
    limit: LimitOption = 50,
    cursor: CursorOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List users, oldest first."""
    opened = _open(home, config)
    with opened.app.database.reading() as tx:
        page = tx.users.page(limit=limit, cursor=cursor)
    document = {"items": page.items, "next_cursor": page.next_cursor}
    emit(document, as_json, lambda: _show(page.items))


@app.command()
def create(
    name: NewNameArgument,
    role: RoleOption = Role.VIEWER,
    password_stdin: StdinOption = False,
    no_password: NoPasswordOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a user. The password is asked for, read from TRADEPULSE_USER_PASSWORD or from a pipe;
    else one is made and shown once. It is never an option: other users of a machine see each
    other's command lines.
    """
    from tradepulse.storage.accounts import create_user

    opened = _open(home, config)
    given, made = (None, None) if no_password else _read_password(password_stdin)
    user = create_user(opened.app.database, name, given or made, role, opened.now_ms)
    _audit(opened, "users create", user.id)
    document = {**vars(user), "password": made}
    emit(document, as_json, lambda: _show_new((user,), made))


@app.command()
def token(
    user: OwnerArgument = "",
    name: KeyNameOption = "command line",
    scope: ScopeOption = [Scope.READ],  # noqa: B006  (Typer copies it)
    days: DaysOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give an API key: stdout is the key alone, which is shown this once.

    curl -H "Authorization: Bearer $(tradepulse users token --scope trade)" …
    """
    from tradepulse.domain.interval import DAY_MS
    from tradepulse.storage.giving_keys import give_key

    opened = _open(home, config)
    expires_at = None if days is None else opened.now_ms + days * DAY_MS
    given = give_key(
        opened.app.database, _find(opened, user), name, scope, opened.now_ms, expires_at
    )
    _audit(opened, "users token", given.key.id)
    document = {**vars(given.key), "scopes": given.key.scopes.split(), "secret": given.secret}
    emit(document, as_json, lambda: _show_key(given))


@app.command()
def password(
    user: UserArgument,
    password_stdin: StdinOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set a user's password, read as `create` reads it. They are signed out everywhere."""
    from tradepulse.storage.accounts import set_password

    opened = _open(home, config)
    found = _find(opened, user)
    given, made = _read_password(password_stdin)
    changed = set_password(opened.app.database, found.id, given or made or "", opened.now_ms)
    _audit(opened, "users password", changed.id)
    document = {**vars(changed), "password": made}
    emit(document, as_json, lambda: _show_new((changed,), made))


@app.command()
def disable(
    user: UserArgument,
    undo: UndoOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Shut a user out: signed out, every key revoked. What they have running goes on; drain or
    flatten it first."""
    from tradepulse.storage.accounts import change_user

    opened = _open(home, config)
    found = _find(opened, user)
    changed = change_user(opened.app.database, found.id, opened.now_ms, disabled=not undo)
    _audit(opened, "users disable", changed.id)
    emit(changed, as_json, lambda: _show((changed,)))


def _open(home: Path | None, config: Path | None) -> _Opened:
    """The home, with its first admin: whoever is at the machine owns it."""
    from tradepulse.bootstrap import open_home

    opened = open_home(home, config)
    made = make_first_admin(opened)
    if made is not None:
        tell_first_admin(made)
    return _Opened(opened, wall_clock_ms())


def _find(opened: _Opened, text: str) -> User:
    from tradepulse.domain.user import OWNER_ID

    with opened.app.database.reading() as tx:
        return tx.users.resolve(text or OWNER_ID)


def _read_password(from_stdin: bool) -> tuple[str | None, str | None]:
    """(the one that was given, the one that was made): one of them is None."""
    from tradepulse.storage.passwords import made_password

    if PASSWORD_VARIABLE in os.environ:
        return os.environ[PASSWORD_VARIABLE], None
    if from_stdin:
        return sys.stdin.readline().rstrip("\n"), None
    if not sys.stdin.isatty():
        return None, made_password()
    typed = getpass.getpass("New password (empty: one is made): ")
    if not typed:
        return None, made_password()
    if getpass.getpass("Once more: ") != typed:
        raise UsageError("passwords_differ", "the two are not the same", expected="one, twice")
    return typed, None


def _audit(opened: _Opened, command: str, object_id: str) -> None:
    from tradepulse.domain.audit import AuditEntry
    from tradepulse.domain.user import OWNER_ID
    from tradepulse.storage.auditing import record

    by = getpass.getuser()
    record(
        opened.app.database,
        AuditEntry(
            0, opened.now_ms, OWNER_ID, by, "terminal", "", "CLI", command, object_id, 0, "", ""
        ),
    )


def _show(items: tuple[User, ...]) -> None:
    rows = [
        (u.id[:8], u.username, u.role.value, time_text(u.created_at), time_text(u.disabled_at))
        for u in items
    ]
    show_table(None, _COLUMNS, rows)


def _show_new(items: tuple[User, ...], made: str | None) -> None:
    _show(items)
    if made is not None:
        show_lines([f"password: {made}  (shown this once)"])


def _show_key(given: Given) -> None:
    say(f"key {given.key.id} may {given.key.scopes}; it is shown this once")
    show_lines([given.secret])
