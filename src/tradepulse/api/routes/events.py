"""The event log: read once, or followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from tradepulse.api.asking import read_time
from tradepulse.api.context import Context, Here
from tradepulse.api.event_stream import EventStream
from tradepulse.api.identity import StillIn
from tradepulse.api.shapes.journal import Changes, EventShape
from tradepulse.domain.errors import UsageError
from tradepulse.domain.event import Event
from tradepulse.storage.paging import MAX_LIMIT
from tradepulse.storage.repositories.events import is_of, is_seen

router = APIRouter(tags=["events"])
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "`id:` the sequence, `event:` the type, `data:` the event as JSON.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@router.get("/changes/since")
def changes_since(
    here: Here,
    timestamp: Annotated[str | None, Query(description="Milliseconds or ISO 8601.")] = None,
    sequence: Annotated[int | None, Query(ge=0, description="The last one read.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 500,
) -> Changes:
    """Events after `sequence`, or at and after `timestamp`.

    The answer's `sequence` is where to go on from: with no changes left, the end of the log.
    """
    if (timestamp is None) == (sequence is None):
        raise UsageError(
            "bad_since", "say since when",
            expected="either timestamp or sequence",
            found="neither" if timestamp is None else "both",
        )  # fmt: skip
    time_ms = read_time(timestamp)
    with here.database.reading() as tx:
        found = tx.events.since(sequence, time_ms=time_ms, limit=limit + 1)
        last = tx.events.last_sequence()
    has_more = len(found) > limit
    changes = [EventShape.model_validate(event) for event in found[:limit]]
    return Changes(
        sequence=changes[-1].sequence if has_more else last, changes=changes, has_more=has_more
    )


@router.get("/events/stream", responses=_STREAM, response_class=Response)
async def stream(
    here: Here,
    last_event_id: Annotated[str | None, Header(description="Go on after this one.")] = None,
    sequence: Annotated[
        int | None, Query(ge=0, description="The same, for a first connection. Default: from now.")
    ] = None,
    types: Annotated[
        list[str] | None, Query(description="Only these types; `order.*` is every one of them.")
    ] = None,
) -> EventStream:
    """Events as they are written, each once and in order, as server-sent events.

    A client that lost its connection sends Last-Event-ID and misses nothing.
    """
    resumed = _resumed(last_event_id)
    after = resumed if resumed is not None else sequence
    last = await run_in_threadpool(_last_sequence, here)
    # A number that was never given belongs to another log: such a reader starts from now.
    after = last if after is None or after > last else after

    still_in = None if here.identity is None else StillIn(here.identities, here.identity)

    def read(sequence: int, limit: int) -> Sequence[Event]:
        if still_in is not None:
            still_in.check()
        with here.database.reading() as tx:
            return tx.events.since(sequence, limit=limit, types=types)

    owner = here.user.id

    def wants(event: Event) -> bool:
        return is_seen(event, owner) and is_of(event, types)

    return EventStream(here.tail, read, after, wants=wants)


def _last_sequence(here: Context) -> int:
    with here.database.reading() as tx:
        return tx.events.last_sequence()


def _resumed(last_event_id: str | None) -> int | None:
    if last_event_id is None or not last_event_id.strip():
        return None
    if not last_event_id.strip().isdecimal():
        raise UsageError(
            "bad_last_event_id", "Last-Event-ID is not an event's number",
            expected="the id of an event of this stream", found=repr(last_event_id[:80]),
        )  # fmt: skip
    return int(last_event_id)
