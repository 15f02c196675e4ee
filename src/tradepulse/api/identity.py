"""Who asks: found from what a request presents, looked up anew for each."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tradepulse.api.tokens import AccessTokens, Claims
from tradepulse.domain.errors import SignInError, TradePulseError
from tradepulse.domain.user import Scope, User, scopes_of
from tradepulse.storage.database import Database
from tradepulse.storage.giving_keys import PREFIX, present_key

_log = logging.getLogger(__name__)
# The database is away, not the user: what must work without it does.
_AWAY = frozenset({"database_unavailable"})


@dataclass(frozen=True)
class Identity:
    """A user who has shown who they are, and what that allows: all of their role for a person in a
    session, the scopes of the key for a program."""

    user: User
    scopes: frozenset[Scope]
    session_id: str | None = None
    key_id: str | None = None

    @property
    def is_person(self) -> bool:
        return self.session_id is not None

    @property
    def credential(self) -> str:
        """By what they were let in, for the audit; nothing that opens."""
        return f"key {self.key_id}" if self.session_id is None else f"session {self.session_id}"


@dataclass(frozen=True)
class Identities:
    """Looks up who presents a token or a key. `database`: opened when first needed."""

    database: Callable[[], Database]
    tokens: AccessTokens
    now_ms: Callable[[], int]

    def of(self, presented: str) -> Identity:
        """Who presents that. Errors (SignInError): `bad_token`, `token_expired`, `session_over`,
        `bad_key`."""
        now_ms = self.now_ms()
        if presented.startswith(PREFIX):
            key, user = present_key(self.database(), presented, now_ms)
            return Identity(user, key.allows & scopes_of(user.role), key_id=key.id)
        claims = self.tokens.read(presented, now_ms)
        user = self._user_of(claims)
        return Identity(user, scopes_of(user.role), session_id=claims.session_id)

    def check_holds(self, identity: Identity) -> None:
        """Nothing, if who was let in would be let in still: for answers that do not end. Error
        `session_over` (SignInError)."""
        with self.database().reading() as tx:
            user = tx.users.find(identity.user.id)
            session = None if identity.session_id is None else tx.sessions.find(identity.session_id)
            key = None if identity.key_id is None else tx.api_keys.find(identity.key_id)
        by_session = session is not None and session.ended_at is None
        by_key = key is not None and key.is_good(self.now_ms())
        if user is None or not user.may_sign_in or not (by_session or by_key):
            raise _over()

    def _user_of(self, claims: Claims) -> User:
        try:
            with self.database().reading() as tx:
                user, session = tx.users.find(claims.user_id), tx.sessions.find(claims.session_id)
        except TradePulseError as error:
            if error.code not in _AWAY:
                raise
            _log.warning("the database is away: %s is taken at their token's word", claims.username)
            return User(claims.user_id, claims.username, claims.role, 0)
        good = user is not None and user.may_sign_in and session is not None
        if not good or session is None or user is None or session.ended_at is not None:
            raise _over()
        return user


class StillIn:
    """Whether somebody who was let in once may stay, looked up every `EVERY_MS` at most."""

    EVERY_MS = 10_000

    def __init__(self, identities: Identities, identity: Identity) -> None:
        self._identities = identities
        self._identity = identity
        self._checked_at = identities.now_ms()

    def check(self) -> None:
        """Nothing, or error `session_over` (SignInError)."""
        now_ms = self._identities.now_ms()
        if now_ms - self._checked_at >= self.EVERY_MS:
            self._identities.check_holds(self._identity)
            self._checked_at = now_ms


def _over() -> SignInError:
    return SignInError(
        "session_over", "the session is over", expected="one that holds", hint="Sign in again."
    )
