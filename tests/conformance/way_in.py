"""A way into the API of a home for tests that are about something else: a user and their key."""

from __future__ import annotations

from dataclasses import replace

from tradepulse.bootstrap import App
from tradepulse.domain.user import OWNER_ID, Role, Scope, User, scopes_of
from tradepulse.storage.database import Database
from tradepulse.storage.giving_keys import give_key


def user_of(
    home: App | Database, user_id: str = OWNER_ID, role: Role = Role.ADMIN
) -> User:  # fmt: skip
    """The user of that id, made if need be; without a password."""
    name = "admin" if user_id == OWNER_ID else user_id
    with _database(home).transaction() as tx:
        found = tx.users.find(user_id)
        if found is None:
            found = User(user_id, name, role, 0)
            tx.users.insert(found)
    return found


def key_of(
    home: App | Database, user_id: str = OWNER_ID, role: Role = Role.ADMIN, *scopes: Scope
) -> str:  # fmt: skip
    """A key of that user, for all that the role allows or only for `scopes`."""
    user = replace(user_of(home, user_id, role), role=role)
    return give_key(_database(home), user, "test", scopes or scopes_of(role), 0).secret


def headers_of(
    home: App | Database, user_id: str = OWNER_ID, role: Role = Role.ADMIN, *scopes: Scope
) -> dict[str, str]:  # fmt: skip
    """What a request of that user carries."""
    return {"authorization": f"Bearer {key_of(home, user_id, role, *scopes)}"}


def _database(home: App | Database) -> Database:
    return home if isinstance(home, Database) else home.database
