"""The keys people gave to programs."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.domain.user import ApiKey
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same
from tradepulse.storage.tables import api_keys


class ApiKeys(NamedRows[ApiKey]):
    """Rows of `api_keys`."""

    _codec = dataclass_codec(api_keys, ApiKey)
    _noun = "key"
    _sorting = Sorting(
        {"created_at": api_keys.c.created_at, "name": api_keys.c.name}, api_keys.c.id
    )

    def add(self, key: ApiKey, hash_: str) -> None:
        """Write a key with the hash of what opens."""
        self._connection.execute(sa.insert(api_keys).values(**vars(key), hash=hash_))

    def with_hash(self, key_id: str) -> tuple[ApiKey, str] | None:
        """The key of that id and its hash, or None."""
        key = self.find(key_id)
        if key is None:
            return None
        query = sa.select(api_keys.c.hash).where(api_keys.c.id == key_id)
        return key, str(self._connection.execute(query).scalar_one())

    def note_use(self, key_id: str, at: int) -> None:
        """Note when it was last used."""
        statement = sa.update(api_keys).where(api_keys.c.id == key_id)
        self._connection.execute(statement.values(last_used_at=at))

    def revoke(self, key_id: str, at: int) -> ApiKey:
        """The key, good for nothing any more; one revoked before stays as it was. Error
        `key_not_found`."""
        self.get(key_id)
        statement = sa.update(api_keys).where(
            api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None)
        )
        self._connection.execute(statement.values(revoked_at=at))
        return self.get(key_id)

    def revoke_of(self, user_id: str, at: int) -> int:
        """How many keys of a user were good until now."""
        statement = sa.update(api_keys).where(
            api_keys.c.user_id == user_id, api_keys.c.revoked_at.is_(None)
        )
        return self._connection.execute(statement.values(revoked_at=at)).rowcount

    def page(
        self,
        *,
        user_id: str | None = None,
        revoked: bool = False,
        sort: str = "created_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[ApiKey]:
        """Keys, oldest first unless sorted otherwise; revoked ones only if asked for."""
        query = self._select(
            same(api_keys.c.user_id, user_id),
            None if revoked else api_keys.c.revoked_at.is_(None),
        )
        return self._page(query, sort, cursor, limit)
