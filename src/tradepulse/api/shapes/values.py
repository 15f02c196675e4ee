"""What every answer is made of: exact amounts, times, lists with a cursor."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from tradepulse.domain.money import to_text

T = TypeVar("T")

# str() would write 1E+2 for a normalised hundred, which readers of money do not expect.
Money = Annotated[
    Decimal,
    PlainSerializer(to_text, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "decimal", "examples": ["10000", "-12.5"]}),
]
Millis = Annotated[int, Field(description="UTC milliseconds", examples=[1_748_961_000_000])]
Document = dict[str, Any]


class Shape(BaseModel):
    """An answer. Built from a record's attributes; numbers that are not numbers become null."""

    model_config = ConfigDict(from_attributes=True, frozen=True, ser_json_inf_nan="null")


class Listed(Shape, Generic[T]):
    """A page of a list. `next_cursor` asks for the rows that follow; null at the end."""

    items: list[T]
    next_cursor: str | None = None
