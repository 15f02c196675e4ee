"""What requests have in common: pages, times, pairs, as people and programs write them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, NotRequired, TypedDict

from fastapi import Depends, Query
from pydantic import AfterValidator

from tradepulse.domain.errors import UsageError
from tradepulse.domain.instrument import Pair
from tradepulse.storage.paging import DEFAULT_LIMIT, MAX_LIMIT

# In a query string the plus of +00:00 means a space.
_LOST_PLUS = re.compile(r" (\d\d:?\d\d)$")


class PageArguments(TypedDict):
    """Keyword arguments every repository's `page` takes."""

    limit: int
    cursor: str | None
    sort: NotRequired[str]


class SpanArguments(TypedDict):
    """Keyword arguments of those that list by time; UTC milliseconds."""

    since_ms: int | None
    until_ms: int | None


def read_time(text: str | None) -> int | None:
    """UTC milliseconds of `text`: whole milliseconds or ISO 8601 (UTC where no zone is given).

    Error `bad_time`. None stays None.
    """
    if text is None:
        return None
    word = text.strip()
    if re.fullmatch(r"-?\d{1,15}", word):
        return int(word)
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub(r"+\1", word))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(
            "bad_time", "that is not a time",
            expected="milliseconds since 1970 or ISO 8601, such as 2026-06-02T15:30:00Z",
            found=repr(text[:80]),
        ) from None  # fmt: skip
    return round(moment.timestamp() * 1000)


def read_object(text: str | None, name: str) -> dict[str, Any]:
    """The JSON object in a query parameter; empty for None. Error `bad_json`."""
    try:
        found = {} if text is None else json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UsageError(
            "bad_json", f"{name} is not a JSON object",
            expected='an object such as {"fast": 12}', found=repr(text)[:80],
        )  # fmt: skip
    return found


def _paging(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows a page.")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
    sort: Annotated[
        str | None, Query(description="A column, with `-` in front for the highest first.")
    ] = None,
) -> PageArguments:
    asked = PageArguments(limit=limit, cursor=cursor or None)
    if sort is not None:
        asked["sort"] = sort
    return asked


def _span(
    start: Annotated[
        str | None, Query(description="From this time on: milliseconds or ISO 8601.")
    ] = None,
    end: Annotated[str | None, Query(description="Before this time.")] = None,
) -> SpanArguments:
    since, until = read_time(start), read_time(end)
    if since is not None and until is not None and until < since:
        raise UsageError(
            "inverted_range", "the range ends before it starts",
            expected="start <= end", found=f"{start} to {end}",
        )  # fmt: skip
    return {"since_ms": since, "until_ms": until}


def _pair(
    pair: Annotated[str | None, Query(examples=["BTC/USDT"])] = None,
    symbol: Annotated[str | None, Query(description="The same as `pair`.")] = None,
) -> str | None:
    text = pair if pair is not None else symbol
    return None if text is None else str(Pair.parse(text))


# Strategies and exchanges are kept in lower case; people write HTF_SWEEP and Binance.
AskedName = Annotated[str, AfterValidator(str.lower)]
Paging = Annotated[PageArguments, Depends(_paging)]
Span = Annotated[SpanArguments, Depends(_span)]
AskedPair = Annotated[str | None, Depends(_pair)]
