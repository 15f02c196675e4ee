"""The newest events, read and put into words once for all who follow the log.

Three hundred screens that each ask the database for the same event ask three hundred times; what
differs between them is only what they may see.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from tradepulse.api.shapes.journal import EventShape
from tradepulse.domain.event import Event

# About a screen's absence of half a minute in a busy time; who was away longer reads the log.
KEPT = 2_000


class Told(NamedTuple):
    """An event, and as it goes over the wire."""

    event: Event
    wire: bytes


class RecentEvents:
    """Every event above a number, in order, of all users. Belongs to one loop."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._told: list[Told] = []
        self._numbers: list[int] = []
        self._from = 0

    def restart(self, sequence: int) -> None:
        """Nothing is held; what comes after `sequence` will be."""
        self._told, self._numbers, self._from = [], [], sequence

    def add(self, events: Sequence[Event]) -> None:
        """The next events of the log: all there are after the last one held."""
        self._told += [Told(event, encode(event)) for event in events]
        self._numbers += [event.sequence for event in events]
        # Let go of in one piece and seldom: moving the rest up by one each time costs more.
        if len(self._told) > 2 * self._kept:
            self._from = self._numbers[-self._kept - 1]
            self._told, self._numbers = self._told[-self._kept :], self._numbers[-self._kept :]

    def above(self, sequence: int, limit: int) -> Sequence[Told] | None:
        """At most `limit` events after `sequence`; None: some of them are not held any more."""
        if sequence < self._from:
            return None
        first = bisect_right(self._numbers, sequence)
        return self._told[first : first + limit]


def encode(event: Event) -> bytes:
    """An event on the wire: `id:` its number, `event:` its type, `data:` one line of JSON."""
    data = EventShape.model_validate(event).model_dump_json()
    # A type is one word by contract; a line break in it would forge the next field.
    kind = "".join(event.type.split())
    return f"id: {event.sequence}\nevent: {kind}\ndata: {data}\n\n".encode()
