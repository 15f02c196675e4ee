"""The first start makes the machine's owner an admin, and shows their password once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradepulse.cli.output import say, wall_clock_ms
from tradepulse.domain.errors import TradePulseError

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.storage.accounts import FirstAdmin

# Served all the same: `health/ready` says what is wrong, and the next start tries again.
_AWAY = frozenset({"database_unavailable", "database_outdated"})


def make_first_admin(app: App) -> FirstAdmin | None:
    """The admin made now; None when there was one. Errors: `weak_password` for an empty
    `auth.admin_password`; those of the database."""
    from tradepulse.storage.accounts import first_admin

    given = app.settings.auth.admin_password
    return first_admin(
        app.database, None if given is None else given.get_secret_value(), wall_clock_ms()
    )


def first_start(app: App, as_json: bool) -> dict[str, Any]:
    """What a command that serves has to add to the JSON document it prints: nothing, or the first
    admin. Without one people are told on stderr, so that a log of stdout keeps no password."""
    try:
        made = make_first_admin(app)
    except TradePulseError as error:
        if error.code not in _AWAY:
            raise
        say(f"no user can be looked up: {error}")
        return {}
    if made is None:
        return {}
    if not as_json:
        tell_first_admin(made)
    return {"first_admin": {"username": made.user.username, "password": made.password}}


def tell_first_admin(made: FirstAdmin) -> None:
    """Says how the first admin signs in."""
    if made.password is None:
        say(f"first start: sign in as {made.user.username} with the password of the settings")
        return
    say(f"first start: sign in as {made.user.username} with the password {made.password}")
    say("it is shown this once; change it with: tradepulse users password " + made.user.username)
