"""Sign-ins: begun with a password, carried on by refresh tokens that are good for one use each.

A token that comes a second time was stolen, or its successor was: the whole session ends. The
browser may send its cookie twice in one moment (two tabs); that is answered with "look again", for
a few seconds, and never with a token.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from uuid import uuid4

from tradepulse.domain.errors import RefusedError, SignInError
from tradepulse.domain.interval import DAY_MS
from tradepulse.domain.user import RefreshToken, Session, User
from tradepulse.storage.database import Database
from tradepulse.storage.passwords import hash_password, is_outdated, matches
from tradepulse.storage.throttling import count_attempt, note_success
from tradepulse.storage.transaction import Transaction

# However often it is refreshed, a session ends then.
LONGEST_MS = 90 * DAY_MS
TWICE_MS = 10_000
_PREFIX = "tr"


@dataclass(frozen=True)
class SignedIn:
    """A session that holds, and the token that carries it on: shown here and never again."""

    user: User
    session: Session
    refresh_token: str

    def __repr__(self) -> str:
        return f"SignedIn({self.user.username}, {self.session.id})"


def sign_in(
    database: Database, username: str, password: str, address: str, now_ms: int, lasts_ms: int
) -> SignedIn:
    """A new session. Errors: `bad_credentials` (SignInError), whatever was wrong;
    `too_many_attempts` (ThrottledError)."""
    name = username.strip().lower()
    count_attempt(database, name, address, now_ms)
    with database.reading() as tx:
        user = tx.users.named(name)
        kept = None if user is None else tx.users.password_hash(user.id)
    right = matches(kept, password)
    if not right or user is None or kept is None or not user.may_sign_in:
        raise SignInError(
            "bad_credentials", "the name or the password is wrong", expected="a user's own"
        )
    renewed = hash_password(password) if is_outdated(kept) else None
    with database.transaction() as tx:
        held = tx.users.lock(user.id)
        if not held.may_sign_in or tx.users.password_hash(user.id) != kept:
            raise SignInError("bad_credentials", "the user was changed meanwhile")
        note_success(tx, name, address)
        if renewed is not None:
            tx.users.change(user.id, password_hash=renewed)
        tx.sessions.forget_before(now_ms - LONGEST_MS)
        session = Session(str(uuid4()), user.id, now_ms, now_ms + lasts_ms, address)
        tx.sessions.insert(session)
        return SignedIn(held, session, _next_token(tx, session.id, now_ms))


def refresh(
    database: Database, token: str, now_ms: int, lasts_ms: int, *, from_browser: bool = False
) -> SignedIn:
    """The session with a new token; the old one is used up.

    Errors (SignInError): `refresh_invalid`; `refresh_expired`; `refresh_reused`, and the session is
    over. `refresh_superseded` (RefusedError): a browser's cookie came twice within seconds, and its
    jar holds the next one by now.
    """
    with database.transaction() as tx:
        found = _found(tx, token)
        session, user = tx.sessions.get(found.session_id), None
        fault = _fault(session, now_ms)
        if fault is None:
            user = tx.users.lock(session.user_id)
            fault = None if user.may_sign_in else _ended("the user may not sign in any more")
        if fault is None and not tx.refresh_tokens.use(found.id, now_ms):
            at_once = now_ms - (tx.refresh_tokens.get(found.id).used_at or 0) <= TWICE_MS
            if from_browser and at_once:
                fault = _twice()
            else:
                # Written although the answer is an error: so it is raised outside of the unit.
                tx.sessions.end(session.id, now_ms, "reuse")
                fault = _reused()
        if fault is None and user is not None:
            until = min(now_ms + lasts_ms, session.created_at + LONGEST_MS)
            tx.sessions.prolong(session.id, until)
            return SignedIn(user, tx.sessions.get(session.id), _next_token(tx, session.id, now_ms))
    raise fault or _ended("it is over")


def sign_out(database: Database, session_id: str, now_ms: int) -> None:
    """End a session; twice is once."""
    with database.transaction() as tx:
        tx.sessions.end(session_id, now_ms, "signed out")


def session_of(database: Database, token: str) -> str | None:
    """The session a refresh token belongs to, used up or not; None for what is none."""
    with database.reading() as tx:
        try:
            return _found(tx, token).session_id
        except SignInError:
            return None


def _found(tx: Transaction, token: str) -> RefreshToken:
    prefix, _, rest = token.partition("_")
    token_id, _, secret = rest.partition("_")
    found = tx.refresh_tokens.find(token_id) if prefix == _PREFIX and secret else None
    # Compared although the id was found by its index: the secret is what must not leak by time.
    if found is None or not compare_digest(found.hash, _hash(token)):
        raise SignInError("refresh_invalid", "that is no refresh token of this server")
    return found


def _next_token(tx: Transaction, session_id: str, now_ms: int) -> str:
    token_id = secrets.token_hex(12)
    token = f"{_PREFIX}_{token_id}_{secrets.token_urlsafe(32)}"
    tx.refresh_tokens.insert(RefreshToken(token_id, session_id, _hash(token), now_ms))
    return token


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _fault(session: Session, now_ms: int) -> SignInError | RefusedError | None:
    if session.ended_at is not None:
        return _ended(f"ended: {session.ended_by}")
    return _ended("it ran out") if now_ms >= session.expires_at else None


def _ended(found: str) -> SignInError:
    return SignInError(
        "refresh_expired", "the session is over", expected="a session that holds", found=found,
        hint="Sign in again.",
    )  # fmt: skip


def _reused() -> SignInError:
    return SignInError(
        "refresh_reused", "the refresh token was used before, so its session is over",
        expected="each token once", found="one a second time", hint="Sign in again.",
    )  # fmt: skip


def _twice() -> RefusedError:
    return RefusedError(
        "refresh_superseded", "another window has just refreshed this session",
        expected="the cookie it was given", found="the one before", hint="Try again.",
    )  # fmt: skip
