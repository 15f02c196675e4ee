"""Passwords: hashed with Argon2id, compared in constant time, never kept.

A hash takes a tenth of a second and 64 MiB on purpose. So few are made at a time, and a name that
does not exist costs as much as one that does: how long the answer takes says nothing.
"""

from __future__ import annotations

import secrets
import string
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from tradepulse.domain.errors import UsageError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 10, 256
_AT_ONCE = BoundedSemaphore(2)
_LETTERS = string.ascii_letters.translate({ord(letter): None for letter in "lIO"}) + "23456789"
_MADE_LENGTH = 20
# Shorter names stand in many a good password.
_NAME_COUNTS_FROM = 4


def hash_password(password: str) -> str:
    """The Argon2id hash with its salt and parameters."""
    with _AT_ONCE:
        return _hasher().hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether `password` is the one that was hashed. None (nobody, or nobody's password) is as
    slow, and no."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _AT_ONCE:
        try:
            right = _hasher().verify(_of_nobody() if kept is None else kept, password)
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with weaker parameters than are used now."""
    return _hasher().check_needs_rehash(kept)


def check_strength(password: str, username: str) -> None:
    """Nothing, if the password may be used. Error `weak_password` (UsageError)."""
    fault = None
    if not SHORTEST <= len(password) <= LONGEST:
        fault = f"{len(password)} characters"
    elif len(username) >= _NAME_COUNTS_FROM and username.lower() in password.lower():
        fault = "one that contains the user's name"
    elif len(set(password)) < SHORTEST // 2:
        fault = "the same few characters over and over"
    if fault is not None:
        raise UsageError(
            "weak_password", "that password is too easy to guess",
            expected=f"{SHORTEST} to {LONGEST} characters, without the name", found=fault,
        )  # fmt: skip


def made_password() -> str:
    """A new random password of 20 letters and digits (over 110 bits), without those that look
    alike."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_MADE_LENGTH))


@cache
def _hasher() -> PasswordHasher:
    # A command that signs nobody in does without it.
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _of_nobody() -> str:
    return _hasher().hash(secrets.token_hex())
