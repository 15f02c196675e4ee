"""Connections to venues: what everybody may see of them, and the sealed keys beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from tradepulse.domain.connection import Connection
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import Mode
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.paging import DEFAULT_LIMIT, Page, Sorting
from tradepulse.storage.repositories.rows import NamedRows, same
from tradepulse.storage.tables import exchange_connections as table


class Sealed(NamedTuple):
    """Encrypted keys: what `storage.secrets` makes and opens. `key_version` names the key they were
    sealed with."""

    secret: bytes
    nonce: bytes
    key_version: str


class Connections(NamedRows[Connection]):
    """Rows of `exchange_connections`. A `Connection` never carries its keys: they are written and
    read by `seal` and `sealed` alone."""

    _codec = dataclass_codec(table, Connection)
    _noun = "connection"
    _sorting = Sorting({"created_at": table.c.created_at, "name": table.c.name}, tie=table.c.id)

    def page(
        self,
        *,
        exchange: str | None = None,
        market: Market | str | None = None,
        mode: Mode | str | None = None,
        user_id: str | None = None,
        removed: bool = False,
        sort: str = "created_at",
        cursor: str | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> Page[Connection]:
        """Connections, oldest first unless sorted otherwise; removed ones only if asked for."""
        query = self._select(
            same(table.c.exchange, exchange),
            same(table.c.market, None if market is None else str(market)),
            same(table.c.mode, None if mode is None else str(mode)),
            same(table.c.user_id, user_id),
            None if removed else table.c.deleted_at.is_(None),
        )
        return self._page(query, sort, cursor, limit)

    def ids(self) -> frozenset[str]:
        """The ids of all, removed ones too."""
        mine = [condition for condition in [self._owned()] if condition is not None]
        return frozenset(self._connection.execute(sa.select(table.c.id).where(*mine)).scalars())

    def named(self, name: str, user_id: str = "local") -> Connection | None:
        """The user's connection of that name, or None; removed ones have lost theirs."""
        return self._first(
            self._select(
                table.c.name == name, table.c.user_id == user_id, table.c.deleted_at.is_(None)
            )
        )

    def lock(self, connection_id: str) -> Connection:
        """The connection, held to the commit. Error `connection_not_found`."""
        query = self._select(table.c.id == connection_id).with_for_update()
        found = self._first(query)
        if found is None:
            raise self._missing(connection_id)
        return found

    def seal(self, connection_id: str, sealed: Sealed) -> None:
        """Keep its keys. Error `connection_not_found`."""
        self._change(connection_id, sealed._asdict())

    def sealed(self, connection_id: str) -> Sealed | None:
        """Its keys as they are kept; None once it was removed. Error `connection_not_found`."""
        columns = (table.c.secret, table.c.nonce, table.c.key_version)
        query = self._select(table.c.id == connection_id).with_only_columns(*columns)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise self._missing(connection_id)
        return None if row.secret is None else Sealed(*row)

    def all_sealed(self) -> dict[str, Sealed]:
        """The kept keys of every connection by its id."""
        columns = (table.c.id, table.c.secret, table.c.nonce, table.c.key_version)
        query = sa.select(*columns).where(table.c.secret.is_not(None)).order_by(table.c.id)
        rows = self._connection.execute(query.with_for_update())
        return {row.id: Sealed(row.secret, row.nonce, row.key_version) for row in rows}

    def note_check(self, connection_id: str, at: int, fault: str | None) -> Connection:
        """The connection, tried at `at`, with what was wrong (None: it works)."""
        self._change(connection_id, {"checked_at": at, "fault": fault})
        return self.get(connection_id)

    def remove(self, connection_id: str, at: int) -> Connection:
        """The connection, removed: its keys are gone, its name is free, its row stays for the
        ledger."""
        gone = {"deleted_at": at, "secret": None, "nonce": None, "key_version": None}
        self._change(connection_id, gone)
        return self.get(connection_id)

    def _change(self, connection_id: str, values: Mapping[str, object]) -> None:
        statement = sa.update(table).where(table.c.id == connection_id).values(values)
        if self._connection.execute(statement).rowcount == 0:
            raise self._missing(connection_id)
