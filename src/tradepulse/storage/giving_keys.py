"""API keys: given once, kept as a hash, taken back at any time."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from tradepulse.domain.errors import ForbiddenError, SignInError, UsageError
from tradepulse.domain.user import ApiKey, Scope, User, in_order, scopes_of
from tradepulse.storage.database import Database

PREFIX = "tp_"
_NOTE_MS = 60_000


class Given(NamedTuple):
    """A new key and what opens, which is shown here and never again."""

    key: ApiKey
    secret: str

    def __repr__(self) -> str:
        return f"Given({self.key.id})"


class Presented(NamedTuple):
    """A key that was presented, and whose it is."""

    key: ApiKey
    user: User


def give_key(
    database: Database, user: User, name: str, scopes: Iterable[Scope], now_ms: int,
    expires_at: int | None = None,
) -> Given:  # fmt: skip
    """A new key of a user; reading is in every scope.

    Errors: `bad_key` (UsageError) without a name, or with an end that is past; `scope_refused`
    (ForbiddenError) for what the user may not do.
    """
    wanted = in_order({Scope.READ, *scopes})
    if not name.strip():
        raise UsageError("bad_key", "a key needs a name", expected="what it is for")
    if expires_at is not None and expires_at <= now_ms:
        raise UsageError("bad_key", "the key would have run out", expected="a time to come")
    beyond = [scope for scope in wanted if scope not in scopes_of(user.role)]
    if beyond:
        raise ForbiddenError(
            "scope_refused", f"{user.username!r} may not give that away",
            expected=", ".join(in_order(scopes_of(user.role))), found=", ".join(beyond),
        )  # fmt: skip
    key = ApiKey(secrets.token_hex(8), user.id, name.strip(), " ".join(wanted), now_ms, expires_at)
    secret = f"{PREFIX}{key.id}_{secrets.token_urlsafe(32)}"
    with database.transaction() as tx:
        tx.api_keys.add(key, _hash(secret))
    return Given(key, secret)


def present_key(database: Database, secret: str, now_ms: int) -> Presented:
    """The key and its user. Error `bad_key` (SignInError), whatever is wrong with it."""
    key_id = secret.removeprefix(PREFIX).partition("_")[0]
    with database.reading() as tx:
        kept = tx.api_keys.with_hash(key_id)
        user = None if kept is None else tx.users.find(kept[0].user_id)
    right = compare_digest(kept[1] if kept else _hash(""), _hash(secret))
    if kept is None or user is None or not (right and kept[0].is_good(now_ms) and user.may_sign_in):
        raise SignInError(
            "bad_key", "that key opens nothing",
            expected="an API key that was neither revoked nor ran out",
        )  # fmt: skip
    key = kept[0]
    if key.last_used_at is None or now_ms - key.last_used_at >= _NOTE_MS:
        # To the minute: a program that asks a hundred times a second is not to write as often.
        with database.transaction() as tx:
            tx.api_keys.note_use(key.id, now_ms)
    return Presented(key, user)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
