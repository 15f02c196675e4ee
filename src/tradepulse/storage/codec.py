"""Records to rows and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import sqlalchemy as sa

from tradepulse.domain.money import to_text
from tradepulse.storage.column_types import json_text

R = TypeVar("R")
# A row as the driver takes it: numbers, text, bytes; decimals and documents as text.
DriverRow = tuple[object, ...]
_Step = Callable[[Any], object] | None


@dataclass(frozen=True, eq=False)
class Codec(Generic[R]):
    """How records of one type become rows of `table` and come back.

    `encode` gives a `DriverRow` in the order of `written`; `decode` takes values as a select of
    `columns` gives them (decimals and documents already read).
    """

    table: sa.Table
    columns: tuple[sa.Column[Any], ...]
    written: tuple[str, ...]
    encode: Callable[[R], DriverRow]
    decode: Callable[[tuple[Any, ...]], R]


def dataclass_codec(table: sa.Table, record: type[R], *, leave_out: str | None = None) -> Codec[R]:
    """The codec of a dataclass whose fields are named as the columns are.

    `leave_out` names a column that the database fills: it is read, never written.
    """
    names = [field.name for field in fields(record)]  # type: ignore[arg-type]
    hints = get_type_hints(record)
    written = [name for name in names if name != leave_out]
    writers = [(name, _writer(hints[name])) for name in written]
    readers = [_reader(hints[name]) for name in names]

    def encode(value: R) -> DriverRow:
        held = vars(value)
        return tuple([
            held[name] if step is None or held[name] is None else step(held[name])
            for name, step in writers
        ])  # fmt: skip

    def decode(row: tuple[Any, ...]) -> R:
        return record(*[
            cell if step is None or cell is None else step(cell)
            for cell, step in zip(row, readers, strict=True)
        ])  # fmt: skip

    columns = tuple(table.c[name] for name in names)
    return Codec(table, columns, tuple(written), encode, decode)


def amount_text(value: Decimal) -> str:
    """The decimal as the driver takes it. Infinite or not a number: ValueError."""
    if not value.is_finite():
        # Both databases would store it, and every sum over it would be lost.
        raise ValueError(f"{value} is not an amount of money")
    return to_text(value)


def _bare(hint: object) -> object:
    """The type without `| None`."""
    if get_origin(hint) is UnionType:
        return next(part for part in get_args(hint) if part is not NoneType)
    return hint


def _writer(hint: object) -> _Step:
    kind = _bare(hint)
    if kind is Decimal:
        return amount_text
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        # psycopg would write an enum's name, not its value.
        return str
    return json_text if get_origin(kind) is Mapping else None


def _reader(hint: object) -> _Step:
    kind = _bare(hint)
    return kind if isinstance(kind, type) and issubclass(kind, StrEnum) else None
