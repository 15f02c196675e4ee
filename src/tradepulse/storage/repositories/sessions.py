"""Sign-ins, and the refresh tokens that follow one another in each."""

from __future__ import annotations

import sqlalchemy as sa

from tradepulse.domain.user import RefreshToken, Session
from tradepulse.storage.codec import dataclass_codec
from tradepulse.storage.repositories.rows import NamedRows
from tradepulse.storage.tables import refresh_tokens, user_sessions


class Sessions(NamedRows[Session]):
    """Rows of `user_sessions`."""

    _codec = dataclass_codec(user_sessions, Session)
    _noun = "session"

    def end(self, session_id: str, at: int, by: str) -> None:
        """It is over; the first to end it is remembered."""
        statement = sa.update(user_sessions).where(
            user_sessions.c.id == session_id, user_sessions.c.ended_at.is_(None)
        )
        self._connection.execute(statement.values(ended_at=at, ended_by=by))

    def end_of(self, user_id: str, at: int, by: str, besides: str | None = None) -> int:
        """How many sessions of a user are over now that were not; `besides` goes on."""
        statement = sa.update(user_sessions).where(
            user_sessions.c.user_id == user_id, user_sessions.c.ended_at.is_(None)
        )
        if besides is not None:
            statement = statement.where(user_sessions.c.id != besides)
        return self._connection.execute(statement.values(ended_at=at, ended_by=by)).rowcount

    def prolong(self, session_id: str, expires_at: int) -> None:
        """It lasts until then."""
        statement = sa.update(user_sessions).where(user_sessions.c.id == session_id)
        self._connection.execute(statement.values(expires_at=expires_at))

    def forget_before(self, time_ms: int) -> None:
        """Drop sessions that ran out before then, with their tokens."""
        old = sa.select(user_sessions.c.id).where(user_sessions.c.expires_at < time_ms)
        self._connection.execute(
            sa.delete(refresh_tokens).where(refresh_tokens.c.session_id.in_(old))
        )
        self._connection.execute(
            sa.delete(user_sessions).where(user_sessions.c.expires_at < time_ms)
        )


class RefreshTokens(NamedRows[RefreshToken]):
    """Rows of `refresh_tokens`."""

    _codec = dataclass_codec(refresh_tokens, RefreshToken)
    _noun = "refresh token"

    def use(self, token_id: str, at: int) -> bool:
        """Compare-and-set: whether it had not been used until now. Of two that come at once one
        gets True."""
        statement = sa.update(refresh_tokens).where(
            refresh_tokens.c.id == token_id, refresh_tokens.c.used_at.is_(None)
        )
        return self._connection.execute(statement.values(used_at=at)).rowcount == 1
