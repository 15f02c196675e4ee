"""Guessing passwords is made slow: by name and by address, whichever process is asked.

An attempt counts before its password is looked at, so that many at once gain nothing. A name that
is under attack is answered again after a minute at the latest: strangers must not lock out whoever
it belongs to. An address has no such right.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

from tradepulse.domain.errors import ThrottledError
from tradepulse.storage.database import Database
from tradepulse.storage.repositories.sign_in_attempts import Attempts
from tradepulse.storage.transaction import Transaction

FORGET_MS = 3_600_000


class Patience(NamedTuple):
    """`free` failures cost nothing; each one more doubles the wait, from a second to `longest`."""

    free: int
    longest_ms: int

    def wait_ms(self, failures: int) -> int:
        """How long nothing is answered after that many failures."""
        over = failures - self.free
        return 0 if over < 0 else min(1000 << min(over, 20), self.longest_ms)


BY_NAME = Patience(free=5, longest_ms=60_000)
BY_ADDRESS = Patience(free=25, longest_ms=900_000)


def count_attempt(database: Database, username: str, address: str, now_ms: int) -> None:
    """Nothing, if the attempt may be looked at; it counts as failed until `note_success`. Error
    `too_many_attempts` (ThrottledError), and it does not count."""
    subjects = _subjects(username, address)
    with database.transaction() as tx:
        for subject in subjects:
            tx.hold(subject)
        tx.attempts.forget_before(now_ms - FORGET_MS)
        known = {subject: tx.attempts.of(subject) for subject in subjects}
        until = max((a.blocked_until for a in known.values() if a is not None), default=0)
        if until > now_ms:
            raise _too_many(until - now_ms)
        for subject, patience in subjects.items():
            tx.attempts.put(subject, _one_more(known[subject], patience, now_ms))


def note_success(tx: Transaction, username: str, address: str) -> None:
    """The attempt that was counted was a good one. The name begins anew; the address only gets this
    one back, or whoever has an account could go on guessing others'."""
    by_name, by_address = _subjects(username, address)
    tx.attempts.forget(by_name)
    noted = tx.attempts.of(by_address)
    if noted is not None:
        failures = max(0, noted.failures - 1)
        tx.attempts.put(by_address, Attempts(failures, noted.last_at, 0))


def subject_of(username: str) -> str:
    """Under what the attempts on a name are noted: its hash, as people type passwords there too."""
    return f"user:{sha256(username.lower().encode()).hexdigest()}"


def _one_more(known: Attempts | None, patience: Patience, now_ms: int) -> Attempts:
    is_old = known is None or now_ms - known.last_at > FORGET_MS
    failures = 1 if known is None or is_old else known.failures + 1
    return Attempts(failures, now_ms, now_ms + patience.wait_ms(failures))


def _subjects(username: str, address: str) -> dict[str, Patience]:
    return {subject_of(username): BY_NAME, f"address:{address}": BY_ADDRESS}


def _too_many(wait_ms: int) -> ThrottledError:
    seconds = -(-wait_ms // 1000)
    error = ThrottledError(
        "too_many_attempts", "too many sign-ins failed",
        expected=f"the next attempt after {seconds} s", found="one before",
    )  # fmt: skip
    error.retry_after_s = seconds
    return error
