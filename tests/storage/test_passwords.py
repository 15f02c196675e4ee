"""Passwords are hashed as they should be, and compared so that time tells nothing."""

from __future__ import annotations

import re
import time

import pytest

from tradepulse.domain.errors import UsageError
from tradepulse.storage import passwords


def test_hashes_are_argon2id_at_the_recommended_cost() -> None:
    hashed = passwords.hash_password("quite a good one")
    found = re.match(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$", hashed)
    assert found is not None
    memory_kib, rounds, _ = map(int, found.groups())
    # OWASP: 19 MiB with 2 rounds, or more of either.
    assert (memory_kib >= 19 * 1024, rounds >= 2) == (True, True)
    assert passwords.hash_password("quite a good one") != hashed
    assert passwords.matches(hashed, "quite a good one")
    assert not passwords.matches(hashed, "quite a good One")
    assert not passwords.matches("no hash at all", "quite a good one")
    assert not passwords.is_outdated(hashed)


def test_nobody_is_refused_as_slowly_as_somebody() -> None:
    hashed = passwords.hash_password("quite a good one")
    assert not passwords.matches(None, "x")  # made on first use

    def took(kept: str | None) -> float:
        began = time.process_time()
        assert not passwords.matches(kept, "another password")
        return time.process_time() - began

    ratio = min(took(None) for _ in range(3)) / min(took(hashed) for _ in range(3))
    assert 0.5 < ratio < 2.0


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("correct horse", True), ("x" * 9, False), ("1234567890", True), ("aaaaaaaaaaaa", False),
        ("my admin password", False), ("MyADMINpassword", False), ("abcdefghi\u00e9", True),
        ("long" + "x1y2z3" * 50, False),
    ],
)  # fmt: skip
def test_what_is_easy_to_guess_is_refused(password: str, is_good: bool) -> None:
    if is_good:
        passwords.check_strength(password, "admin")
        return
    with pytest.raises(UsageError) as refusal:
        passwords.check_strength(password, "admin")
    assert refusal.value.code == "weak_password"
    assert password not in str(refusal.value)


def test_made_passwords_are_long_and_never_the_same() -> None:
    made = {passwords.made_password() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[A-HJ-NP-Za-km-z2-9]{20}", password) for password in made)
    for password in made:
        passwords.check_strength(password, "admin")
