"""Users made, changed, disabled; and the first of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

from tradepulse.domain.errors import RefusedError, SignInError, UsageError
from tradepulse.domain.user import OWNER_ID, Role, User
from tradepulse.storage.database import Database
from tradepulse.storage.passwords import check_strength, hash_password, made_password, matches
from tradepulse.storage.throttling import subject_of
from tradepulse.storage.transaction import Transaction

FIRST_NAME = "admin"
_NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")
_HOLD = "users"


@dataclass(frozen=True)
class FirstAdmin:
    """The admin of the first start. `password` is known here and nowhere else; None where the
    settings gave it."""

    user: User
    password: str | None


def first_admin(database: Database, given: str | None, now_ms: int) -> FirstAdmin | None:
    """The machine's owner, made now as an admin; None when there was one. `given`: the password of
    the settings. Error `weak_password` for an empty one."""
    with database.reading() as tx:
        if tx.users.find(OWNER_ID) is not None:
            return None
    if given == "":
        # Anything else is the choice of whoever owns the machine.
        raise UsageError("weak_password", "auth.admin_password is empty", expected="a password")
    made = made_password() if given is None else None
    hashed = hash_password(given or made or "")
    user = User(OWNER_ID, FIRST_NAME, Role.ADMIN, now_ms, password_changed_at=now_ms)
    with database.transaction() as tx:
        tx.hold(_HOLD)
        if tx.users.find(OWNER_ID) is not None:
            return None
        tx.users.insert(user)
        tx.users.change(user.id, password_hash=hashed)
    return FirstAdmin(user, made)


def create_user(
    database: Database, username: str, password: str | None, role: Role, now_ms: int
) -> User:
    """A new user. Without a password they can only be given API keys.

    Errors: `bad_username`, `weak_password` (UsageError); `user_exists` (RefusedError).
    """
    name = _checked_name(username)
    hashed = None
    if password is not None:
        check_strength(password, name)
        hashed = hash_password(password)
    user = User(
        str(uuid4()), name, role, now_ms, password_changed_at=None if hashed is None else now_ms
    )
    with database.transaction() as tx:
        tx.hold(_HOLD)
        _check_free(tx, name)
        tx.users.insert(user)
        tx.users.change(user.id, password_hash=hashed)
    return user


def change_user(
    database: Database, user_id: str, now_ms: int, *, username: str | None = None,
    role: Role | None = None, disabled: bool | None = None,
) -> User:  # fmt: skip
    """The user as changed. Who is disabled is signed out everywhere, and their keys open nothing
    any more; what they have running goes on until somebody stops it.

    Errors: `user_not_found`, `bad_username`; `user_exists`, `last_admin` (RefusedError).
    """
    with database.transaction() as tx:
        tx.hold(_HOLD)
        user = _known(tx, user_id)
        values: dict[str, object] = {}
        if username is not None and _checked_name(username) != user.username:
            values["username"] = _checked_name(username)
            _check_free(tx, _checked_name(username))
        if role is not None:
            values["role"] = str(role)
        if disabled is not None and disabled != (user.disabled_at is not None):
            values["disabled_at"] = now_ms if disabled else None
        changed = tx.users.change(user_id, **values) if values else user
        _check_admin_left(tx, user, changed)
        if disabled:
            _shut_out(tx, user_id, now_ms, "disabled")
    return changed


def delete_user(database: Database, user_id: str, now_ms: int) -> User:
    """The user, deleted: their name is free, their row stays for the ledger that names it.

    Errors: `user_not_found`; `last_admin`, `owner_stays`, `user_has_activations` (RefusedError).
    """
    with database.transaction() as tx:
        tx.hold(_HOLD)
        user = _known(tx, user_id)
        if user_id == OWNER_ID:
            raise RefusedError(
                "owner_stays", "this user owns the machine and what the command line makes",
                expected="another user", found=user.username, hint="Disable it instead.",
            )  # fmt: skip
        running = [a for a in tx.activations.running() if a.user_id == user_id]
        if running:
            raise RefusedError(
                "user_has_activations", f"{len(running)} activations of {user.username!r} run",
                expected="none", found=", ".join(a.id[:8] for a in running[:5]),
                hint="Drain or flatten them first.",
            )  # fmt: skip
        gone = tx.users.change(user_id, deleted_at=now_ms, password_hash=None)
        _check_admin_left(tx, user, gone)
        _shut_out(tx, user_id, now_ms, "deleted")
    return gone


def set_password(
    database: Database, user_id: str, password: str, now_ms: int, *, besides: str | None = None
) -> User:
    """The user with a new password, signed out everywhere but in the session `besides`.

    Errors: `user_not_found`; `weak_password` (UsageError).
    """
    with database.reading() as tx:
        user = _known(tx, user_id)
    check_strength(password, user.username)
    hashed = hash_password(password)
    with database.transaction() as tx:
        _known(tx, user_id)
        changed = tx.users.change(user_id, password_hash=hashed, password_changed_at=now_ms)
        tx.sessions.end_of(user_id, now_ms, "password", besides)
        tx.attempts.forget(subject_of(user.username))
    return changed


def change_password(
    database: Database, user_id: str, current: str, password: str, now_ms: int, session: str
) -> User:
    """`set_password` for who knows the old one. Errors: `wrong_password` (SignInError), those of
    `set_password`."""
    with database.reading() as tx:
        kept = tx.users.password_hash(user_id)
    if not matches(kept, current):
        raise SignInError("wrong_password", "that is not the password", expected="the current one")
    return set_password(database, user_id, password, now_ms, besides=session)


def _known(tx: Transaction, user_id: str) -> User:
    user = tx.users.get(user_id)
    if user.deleted_at is not None:
        # As one that never was.
        return tx.users.get("")
    return user


def _checked_name(username: str) -> str:
    name = username.strip().lower()
    if not _NAME.fullmatch(name):
        raise UsageError(
            "bad_username", "that cannot be a user's name",
            expected="up to 64 letters, digits and . _ @ + -, beginning with a letter or digit",
            found=repr(username[:80]),
        )  # fmt: skip
    return name


def _check_free(tx: Transaction, name: str) -> None:
    if tx.users.named(name) is not None:
        raise RefusedError(
            "user_exists", f"there is a user called {name!r}",
            expected="a name of its own", found=name,
        )  # fmt: skip


def _check_admin_left(tx: Transaction, before: User, after: User) -> None:
    was = before.role is Role.ADMIN and before.may_sign_in
    stays = after.role is Role.ADMIN and after.may_sign_in
    if was and not stays and tx.users.admins() == 0:
        raise RefusedError(
            "last_admin", "nobody could administer this any more",
            expected="another admin who may sign in", found=before.username,
        )  # fmt: skip


def _shut_out(tx: Transaction, user_id: str, now_ms: int, why: str) -> None:
    tx.sessions.end_of(user_id, now_ms, why)
    tx.api_keys.revoke_of(user_id, now_ms)
