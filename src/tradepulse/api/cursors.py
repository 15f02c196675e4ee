"""Cursors of lists that no single table gives: where the page before ended, as opaque text."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from tradepulse.domain.errors import UsageError


def write_cursor(kind: str, place: tuple[Any, ...]) -> str:
    """The cursor that stands behind `place` in the list called `kind`."""
    text = json.dumps([kind, *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(kind: str, cursor: str, types: tuple[type, ...]) -> tuple[Any, ...]:
    """The place behind which the asked page begins. Error `bad_cursor`."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        written_for, *place = json.loads(text)
    except (binascii.Error, ValueError, TypeError) as error:
        raise bad_cursor(cursor) from error
    if written_for != kind or [type(part) for part in place] != list(types):
        raise bad_cursor(cursor)
    return tuple(place)


def bad_cursor(cursor: str) -> UsageError:
    """The error for a cursor of another list."""
    return UsageError(
        "bad_cursor", "the cursor does not belong to this list",
        expected="next_cursor of the page before", found=repr(cursor[:80]),
    )  # fmt: skip
