"""What the repositories share: insert, look up, list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tradepulse.domain.errors import NotFoundError, UsageError
from tradepulse.storage.bulk import OnConflict, write_many
from tradepulse.storage.codec import Codec
from tradepulse.storage.paging import Page, Sorting, page_of
from tradepulse.storage.tables import activations, wallets

R = TypeVar("R")
_MINIMUM_PREFIX = 4


class Rows(Generic[R]):
    """Rows of one table as records of type R. With an `owner` those of this user alone: nothing
    else is found, listed or summed, as if it were not there."""

    _codec: Codec[R]
    _sorting: ClassVar[Sorting]

    def __init__(self, connection: Connection, owner: str | None = None) -> None:
        self._connection = connection
        self._owner = owner

    def insert_many(self, records: Iterable[R], on_conflict: OnConflict = "error") -> int:
        """How many were written. On a primary key that exists already: `error` raises
        `already_exists`, `ignore` keeps the old row, `replace` overwrites it."""
        return write_many(self._connection, self._codec, records, on_conflict)

    def insert(self, record: R) -> None:
        """Write one. Errors: `already_exists`, `broken_reference` (RefusedError)."""
        self.insert_many([record])

    def _select(self, *conditions: sa.ColumnElement[bool] | None) -> sa.Select[Any]:
        query = sa.select(*self._codec.columns)
        wanted = (self._owned(), *conditions)
        return query.where(*[condition for condition in wanted if condition is not None])

    def _owned(self) -> sa.ColumnElement[bool] | None:
        return owned(self._codec.table, self._owner)

    def _fetch(self, query: sa.Select[Any]) -> tuple[R, ...]:
        decode = self._codec.decode
        return tuple([decode(tuple(row)) for row in self._connection.execute(query)])

    def _first(self, query: sa.Select[Any]) -> R | None:
        row = self._connection.execute(query.limit(1)).first()
        return None if row is None else self._codec.decode(tuple(row))

    def _page(self, query: sa.Select[Any], sort: str, cursor: str | None, limit: int) -> Page[R]:
        return page_of(
            self._connection, self._codec, query, self._sorting,
            sort=sort, cursor=cursor, limit=limit,
        )  # fmt: skip


class NamedRows(Rows[R]):
    """Rows with an id, and a word for what is not found: `configuration_not_found`."""

    _noun: ClassVar[str]

    def find(self, record_id: str) -> R | None:
        """The record of that id, or None."""
        return self._first(self._select(self._codec.table.c.id == record_id))

    def get(self, record_id: str) -> R:
        """The record of that id. Error: `<noun>_not_found`."""
        found = self.find(record_id)
        if found is None:
            raise self._missing(record_id)
        return found

    def of_ids(self, ids: Iterable[str]) -> dict[str, R]:
        """The records of these ids, as far as there are any, in one query."""
        column = self._codec.table.c.id
        query = self._select(column.in_(list(ids))).with_only_columns(column, *self._codec.columns)
        decode = self._codec.decode
        return {row[0]: decode(tuple(row)[1:]) for row in self._connection.execute(query)}

    def resolve(self, text: str) -> R:
        """The record whose id is `text` or begins with it, as people type ids.

        Errors: `<noun>_not_found`; `ambiguous_id` when several begin so.
        """
        found = self.find(text)
        if found is not None:
            return found
        if len(text) < _MINIMUM_PREFIX:
            raise self._missing(text, f"an id, or at least its first {_MINIMUM_PREFIX} characters")
        column = self._codec.table.c.id
        several = self._fetch(self._select(column.startswith(text, autoescape=True)).limit(2))
        if len(several) > 1:
            raise UsageError(
                "ambiguous_id",
                f"several ids begin with {text!r}",
                expected=f"enough of a {self._noun}'s id to tell it from the others",
                found=repr(text),
            )
        return several[0] if several else self.get(text)

    def _missing(self, record_id: str, expected: str | None = None) -> NotFoundError:
        return NotFoundError(
            f"{self._noun}_not_found", f"there is no such {self._noun}",
            expected=expected, found=repr(record_id),
        )  # fmt: skip


def owned(table: sa.Table, owner: str | None) -> sa.ColumnElement[bool] | None:
    """The condition that a row of `table` is the owner's; None where everybody's are wanted, or
    where the table is common to all.

    Decided by the columns, so that a table of tomorrow which names a user, a wallet or an
    activation is kept apart without anybody having to think of it.
    """
    if owner is None:
        return None
    columns = table.c
    if "user_id" in columns:
        return columns.user_id == owner
    if "wallet_id" in columns:
        mine = sa.select(wallets.c.id).where(wallets.c.user_id == owner)
        return columns.wallet_id.in_(mine)
    if "activation_id" in columns:
        mine = sa.select(activations.c.id).where(activations.c.user_id == owner)
        return columns.activation_id.in_(mine)
    return None


def same(column: sa.ColumnElement[Any], value: object) -> sa.ColumnElement[bool] | None:
    """`column = value`; None where no value was asked for."""
    return None if value is None else column == value


def within(
    column: sa.ColumnElement[Any], since_ms: int | None, until_ms: int | None
) -> list[sa.ColumnElement[bool] | None]:
    """Conditions for since_ms <= column < until_ms; None leaves that side open."""
    return [
        None if since_ms is None else column >= since_ms,
        None if until_ms is None else column < until_ms,
    ]
