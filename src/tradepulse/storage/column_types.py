"""Column types that keep a value exactly, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from tradepulse.domain.money import to_text


class Money(TypeDecorator[Decimal]):
    """An exact decimal: NUMERIC on PostgreSQL, text on SQLite.

    SQLite has no decimal type: its NUMERIC turns 0.123456789012345678 into a float and loses the
    last digit, so text it is, and sums are taken by `exact_sum`, never by SUM over a cast.
    """

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Numeric())
        return dialect.type_descriptor(sa.Text())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | Decimal | None:
        if value is None or dialect.name == "postgresql":
            return value
        return to_text(value)

    def process_result_value(self, value: str | Decimal | None, _: Dialect) -> Decimal | None:
        return Decimal(value) if isinstance(value, str) else value


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON: give text for amounts, ms for times")


# Made once: `json.dumps` with options builds an encoder a call, which costs more than the encoding.
_ENCODE = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_plain).encode


def json_text(value: object) -> str:
    """Compact JSON text of `value`; NaN is refused, as it would come back as null elsewhere."""
    return _ENCODE(value)
