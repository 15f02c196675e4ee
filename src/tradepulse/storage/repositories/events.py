"""The event log: what every stream, screen and audit reads, resumed by number."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tradepulse.domain.event import Event, NewEvent
from tradepulse.storage.bulk import write_many
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.tables import event_sequence
from tradepulse.storage.tables import events as table

# Of these everybody reads: they belong to nobody.
COMMON = ("configuration", "hold_out", "feed", "kill_switch", "settings")
_CODEC = dataclass_codec(table, Event)


class Events:
    """Rows of `events`, written in the transaction of the change they tell of.

    Numbers are given last, when the transaction is about to commit, under the lock of the counter's
    row, which is held until the commit has ended. So numbers become visible in their order: who
    has read up to n never misses one below n. Giving them at `append` would be as right and would
    make every writer wait for the slowest; a number from a database sequence would not be right.

    With an `owner` all that is appended is theirs, and they read their own and what is of things
    that are common to all.
    """

    def __init__(self, connection: Connection, owner: str | None = None) -> None:
        self._connection = connection
        self._owner = owner
        self._pending: list[NewEvent] = []

    def append(self, *events: NewEvent) -> None:
        """Write these with the transaction, in this order."""
        self._pending += events

    def flush(self) -> tuple[Event, ...]:
        """The appended events with their numbers. From here to the end of the transaction no other
        one can number its own; the transaction calls this itself just before it commits."""
        pending, self._pending = self._pending, []
        if not pending:
            return ()
        last = self._take(len(pending))
        numbered = tuple(
            Event(
                number, e.time, e.type, e.entity, e.entity_id, e.payload, self._owner or e.user_id
            )
            for number, e in enumerate(pending, start=last - len(pending) + 1)
        )
        write_many(self._connection, _CODEC, numbered, "error")
        return numbered

    def since(
        self,
        sequence: int | None = None,
        *,
        time_ms: int | None = None,
        limit: int = 1000,
        types: Sequence[str] | None = None,
        entity_id: str | None = None,
        user_id: str | None = None,
    ) -> tuple[Event, ...]:
        """At most `limit` events by number: those numbered above `sequence`, at or after `time_ms`.

        `types` may end in `.*`: `order.*`. Resume with the last event's `sequence`.
        """
        conditions = self._seen()
        if sequence is not None:
            conditions.append(table.c.sequence > sequence)
        if time_ms is not None:
            conditions.append(table.c.time >= time_ms)
        if types is not None:
            conditions.append(sa.or_(sa.false(), *[_of_type(name) for name in types]))
        if entity_id is not None:
            conditions.append(table.c.entity_id == entity_id)
        if user_id is not None:
            conditions.append(table.c.user_id == user_id)
        query = sa.select(*_CODEC.columns).where(*conditions)
        rows = self._connection.execute(query.order_by(table.c.sequence).limit(limit))
        return tuple(_CODEC.decode(tuple(row)) for row in rows)

    def newest(self, entity_id: str, type_: str, limit: int) -> tuple[Event, ...]:
        """At most `limit` events of that type and entity, the newest first."""
        query = sa.select(*_CODEC.columns).where(
            table.c.entity_id == entity_id, table.c.type == type_, *self._seen()
        )
        rows = self._connection.execute(query.order_by(table.c.sequence.desc()).limit(limit))
        return tuple(_CODEC.decode(tuple(row)) for row in rows)

    def count_since(self, time_ms: int) -> int:
        """How many were written at or after `time_ms`."""
        query = sa.select(sa.func.count()).select_from(table).where(table.c.time >= time_ms)
        return int(self._connection.execute(query).scalar_one())

    def last_sequence(self) -> int:
        """The highest number given, 0 before the first."""
        query = sa.select(event_sequence.c.last)
        return int(self._connection.execute(query).scalar_one())

    def _seen(self) -> list[sa.ColumnElement[bool]]:
        if self._owner is None:
            return []
        return [sa.or_(table.c.user_id == self._owner, table.c.entity.in_(COMMON))]

    def _take(self, count: int) -> int:
        column = event_sequence.c.last
        statement = sa.update(event_sequence).values(last=column + count).returning(column)
        return int(self._connection.execute(statement).scalar_one())


def is_seen(event: Event, owner: str | None) -> bool:
    """What `since` of that owner's transaction asks of a row, asked of an event."""
    return owner is None or event.user_id == owner or event.entity in COMMON


def is_of(event: Event, types: Sequence[str] | None) -> bool:
    """What `since` asks of a row for these types, asked of an event."""
    if types is None:
        return True
    return any(
        event.type.startswith(name[:-1]) if name.endswith(".*") else event.type == name
        for name in types
    )


def _of_type(name: str) -> sa.ColumnElement[bool]:
    if name.endswith(".*"):
        return table.c.type.startswith(name[:-1], autoescape=True)
    return table.c.type == name
