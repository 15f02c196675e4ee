"""People who may sign in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from tradepulse.domain.user import Role, User
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same
from tradepulse.storage.tables import users


class Users(NamedRows[User]):
    """Rows of `users`. A `User` never carries the hash of a password: `password_hash` reads it."""

    _codec = dataclass_codec(users, User)
    _noun = "user"
    _sorting = Sorting({"created_at": users.c.created_at, "username": users.c.username}, users.c.id)

    def named(self, username: str) -> User | None:
        """The user of that name in any case, or None; deleted ones have lost theirs."""
        return self._first(
            self._select(users.c.username == username.lower(), users.c.deleted_at.is_(None))
        )

    def resolve(self, text: str) -> User:
        """The user of that name, else the one whose id begins so. Errors: `user_not_found`,
        `ambiguous_id`."""
        return self.named(text) or super().resolve(text)

    def lock(self, user_id: str) -> User:
        """The user, held to the commit. Error `user_not_found`."""
        found = self._first(self._select(users.c.id == user_id).with_for_update())
        if found is None:
            raise self._missing(user_id)
        return found

    def admins(self) -> int:
        """How many admins may sign in."""
        query = sa.select(sa.func.count()).where(
            users.c.role == str(Role.ADMIN), users.c.disabled_at.is_(None),
            users.c.deleted_at.is_(None),
        )  # fmt: skip
        return int(self._connection.execute(query).scalar_one())

    def change(self, user_id: str, **values: Any) -> User:
        """The user with these columns. Error `user_not_found`."""
        statement = sa.update(users).where(users.c.id == user_id).values(values)
        if self._connection.execute(statement).rowcount == 0:
            raise self._missing(user_id)
        return self.get(user_id)

    def password_hash(self, user_id: str) -> str | None:
        """What the password is checked against; None where there is none."""
        query = sa.select(users.c.password_hash).where(users.c.id == user_id)
        return self._connection.execute(query).scalar_one_or_none()

    def page(
        self,
        *,
        role: Role | str | None = None,
        deleted: bool = False,
        sort: str = "created_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[User]:
        """Users, oldest first unless sorted otherwise; deleted ones only if asked for."""
        query = self._select(
            same(users.c.role, None if role is None else str(role)),
            None if deleted else users.c.deleted_at.is_(None),
        )
        return self._page(query, sort, cursor, limit)
