"""Lists a page at a time: a cursor names the last row seen, so nothing is skipped or repeated
while rows are added."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tradepulse.domain.errors import UsageError
from tradepulse.storage.codec import Codec

R = TypeVar("R")
DEFAULT_LIMIT = 50
MAX_LIMIT = 1000


@dataclass(frozen=True)
class Page(Generic[R]):
    """Some rows of a list; `next_cursor` asks for those that follow, None at the end."""

    items: tuple[R, ...]
    next_cursor: str | None


@dataclass(frozen=True, eq=False)
class Sorting:
    """What a list may be sorted by. `tie` is unique among rows of equal key.

    A key must be text, whole number or float, never NULL.
    """

    keys: Mapping[str, sa.ColumnElement[Any]]
    tie: sa.ColumnElement[Any]


def page_of(
    connection: Connection,
    codec: Codec[R],
    query: sa.Select[Any],
    sorting: Sorting,
    *,
    sort: str,
    cursor: str | None,
    limit: int,
) -> Page[R]:
    """A page of `query` (a select of `codec.columns`) in the order `sort`, `-` for descending.

    Errors (UsageError): `unknown_sort`, `bad_cursor`, `bad_limit`.
    """
    _check_limit(limit)
    descending = sort.startswith("-")
    key = _key(sorting, sort.removeprefix("-"))
    if cursor is not None:
        query = query.where(_after(key, sorting.tie, _read_cursor(cursor, sort), descending))
    way = sa.desc if descending else sa.asc
    query = query.add_columns(key.label("sort_key"), sorting.tie.label("sort_tie"))
    rows = connection.execute(query.order_by(way(key), way(sorting.tie)).limit(limit + 1)).all()
    items = tuple(codec.decode(tuple(row)[:-2]) for row in rows[:limit])
    more = len(rows) > limit
    return Page(items, _write_cursor(sort, *tuple(rows[limit - 1])[-2:]) if more else None)


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        raise UsageError(
            "bad_limit",
            "a page cannot be that long",
            expected=f"1 to {MAX_LIMIT}",
            found=str(limit),
        )


def _key(sorting: Sorting, name: str) -> sa.ColumnElement[Any]:
    key = sorting.keys.get(name)
    if key is None:
        raise UsageError(
            "unknown_sort",
            "the list cannot be sorted by that",
            expected=", ".join(sorted(sorting.keys)),
            found=repr(name),
        )
    return key


def _after(
    key: sa.ColumnElement[Any], tie: sa.ColumnElement[Any], last: tuple[Any, Any], descending: bool
) -> sa.ColumnElement[bool]:
    value, unique = last
    if descending:
        return sa.or_(key < value, sa.and_(key == value, tie < unique))
    return sa.or_(key > value, sa.and_(key == value, tie > unique))


def _write_cursor(sort: str, value: object, unique: object) -> str:
    text = json.dumps([sort, value, unique], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str) -> tuple[Any, Any]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        written_for, value, unique = json.loads(text)
    except (binascii.Error, ValueError, TypeError) as error:
        raise _bad_cursor(cursor) from error
    scalar = (str, int, float)
    if written_for != sort or not (isinstance(value, scalar) and isinstance(unique, scalar)):
        raise _bad_cursor(cursor)
    return value, unique


def _bad_cursor(cursor: str) -> UsageError:
    return UsageError(
        "bad_cursor",
        "the cursor does not belong to this list",
        expected="next_cursor of the page before, asked for with the same sort",
        found=repr(cursor[:80]),
    )
