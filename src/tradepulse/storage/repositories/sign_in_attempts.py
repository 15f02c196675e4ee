"""What was tried in vain, under one name or from one address."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tradepulse.storage.tables import sign_in_attempts


@dataclass(frozen=True)
class Attempts:
    """What was tried in vain under one name, or from one address."""

    failures: int
    last_at: int
    blocked_until: int


class SignInAttempts:
    """Rows of `sign_in_attempts`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, subject: str) -> Attempts | None:
        """What is noted of a subject, held to the commit; None where nothing is."""
        table = sign_in_attempts
        query = sa.select(table.c.failures, table.c.last_at, table.c.blocked_until)
        row = self._connection.execute(
            query.where(table.c.subject == subject).with_for_update()
        ).one_or_none()
        return None if row is None else Attempts(*row)

    def put(self, subject: str, attempts: Attempts) -> None:
        """Note these in the place of what was noted."""
        self.forget(subject)
        self._connection.execute(
            sa.insert(sign_in_attempts).values(subject=subject, **vars(attempts))
        )

    def forget(self, subject: str) -> None:
        """Note nothing of a subject any more."""
        self._connection.execute(
            sa.delete(sign_in_attempts).where(sign_in_attempts.c.subject == subject)
        )

    def forget_before(self, time_ms: int) -> None:
        """Drop what nobody tried again since; strangers must not fill the table."""
        table = sign_in_attempts
        self._connection.execute(
            sa.delete(table).where(table.c.last_at < time_ms, table.c.blocked_until < time_ms)
        )
