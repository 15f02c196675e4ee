"""Refresh tokens: whatever is tried with them in whatever order, one opens and each only once."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.user import Role, User
from tradepulse.storage import passwords, signing_in
from tradepulse.storage.accounts import change_user, create_user, set_password
from tradepulse.storage.database import Database
from tradepulse.storage.signing_in import refresh, sign_in

T0, DAY = 1_700_000_000_000, 86_400_000
LASTS = 14 * DAY
PASSWORD = "quite a good one"


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: quick)
    passwords._of_nobody.cache_clear()


@pytest.fixture
def user(database: Database) -> User:
    return create_user(database, f"u{uuid4().hex[:8]}", PASSWORD, Role.OPERATOR, T0)


def code_of(database: Database, token: str, now_ms: int, **more: bool) -> str:
    try:
        refresh(database, token, now_ms, LASTS, **more)
    except TradePulseError as error:
        return error.code
    return "ok"


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("newest"), st.just(0)),
        st.tuples(st.just("old"), st.integers(0, 5)),
        st.tuples(st.just("wrong"), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.sampled_from([1, 5 * DAY, 13 * DAY, 15 * DAY])),
        st.tuples(st.just("browser"), st.integers(0, 5)),
    ),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_only_the_newest_token_opens_and_an_old_one_closes(
    one_database: Database, steps: list[tuple[str, int]]
) -> None:
    database, now = one_database, T0
    name = f"u{uuid4().hex[:10]}"
    create_user(database, name, PASSWORD, Role.VIEWER, T0)
    first = sign_in(database, name, PASSWORD, "here", now, LASTS)
    tokens, is_open, until = [first.refresh_token], True, now + LASTS
    last_use: dict[int, int] = {}
    for step, value in steps:
        is_open = is_open and now < until
        place = min(value, len(tokens) - 1)
        if step == "wait":
            now += value
        elif step == "wrong":
            assert code_of(database, tokens[place][:-1] + "?", now) == "refresh_invalid"
        elif step == "newest" or place == len(tokens) - 1:
            if not is_open:
                assert code_of(database, tokens[-1], now) == "refresh_expired"
                continue
            last_use[len(tokens) - 1] = now
            found = refresh(database, tokens[-1], now, LASTS)
            assert found.session.id == first.session.id
            tokens.append(found.refresh_token)
            until = min(now + LASTS, T0 + signing_in.LONGEST_MS)
        elif not is_open:
            assert code_of(database, tokens[place], now) == "refresh_expired"
        elif step == "browser" and now - last_use[place] <= signing_in.TWICE_MS:
            told = code_of(database, tokens[place], now, from_browser=True)
            assert told == "refresh_superseded"
        else:
            assert code_of(database, tokens[place], now, from_browser=step == "browser") == (
                "refresh_reused"
            )
            is_open = False
    assert len(set(tokens)) == len(tokens)


@pytest.fixture(scope="module")
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    url = f"sqlite:///{tmp_path_factory.mktemp('rotation') / 'x.sqlite'}"
    return Database.open(url, upgrade=True)


def test_of_two_at_once_one_gets_the_next(database: Database, user: User) -> None:
    token = sign_in(database, user.username, PASSWORD, "here", T0, LASTS).refresh_token
    told: list[str] = []
    threads = [
        threading.Thread(target=lambda: told.append(code_of(database, token, T0))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    # The others are a second use, so whoever won is out as well.
    assert told.count("ok") <= 1
    assert set(told) <= {"ok", "refresh_reused", "refresh_expired"}
    assert told.count("refresh_reused") >= 1


def test_what_opens_is_nowhere_in_the_database(database: Database, user: User) -> None:
    signed_in = sign_in(database, user.username, PASSWORD, "here", T0, LASTS)
    secret = signed_in.refresh_token.rsplit("_", 1)[1]
    with database.reading() as tx:
        token_id = signed_in.refresh_token.split("_")[1]
        kept = tx.refresh_tokens.get(token_id)
        assert secret not in str(vars(kept))
        assert len(kept.hash) == 64
        assert PASSWORD not in str(tx.users.password_hash(user.id))
    assert secret not in repr(signed_in)


def test_whoever_is_shut_out_is_so_everywhere(database: Database, user: User) -> None:
    first = sign_in(database, user.username, PASSWORD, "here", T0, LASTS)
    change_user(database, user.id, T0, disabled=True)
    assert code_of(database, first.refresh_token, T0) == "refresh_expired"
    change_user(database, user.id, T0, disabled=False)
    # Let in again is not signed in again.
    assert code_of(database, first.refresh_token, T0) == "refresh_expired"
    second = sign_in(database, user.username, PASSWORD, "here", T0, LASTS)
    third = sign_in(database, user.username, PASSWORD, "here", T0, LASTS)
    set_password(database, user.id, "another good one", T0, besides=third.session.id)
    assert code_of(database, second.refresh_token, T0) == "refresh_expired"
    assert code_of(database, third.refresh_token, T0) == "ok"


def test_old_sessions_are_dropped(database: Database, user: User) -> None:
    first = sign_in(database, user.username, PASSWORD, "here", T0, LASTS)
    later = T0 + signing_in.LONGEST_MS + LASTS + 1
    sign_in(database, user.username, PASSWORD, "here", later, LASTS)
    with database.reading() as tx:
        assert tx.sessions.find(first.session.id) is None
    assert code_of(database, first.refresh_token, later) == "refresh_invalid"


def test_a_changed_secret_is_compared_in_constant_time(
    database: Database, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every look-up of what opens goes through `compare_digest`, right or wrong."""
    compared: list[bool] = []
    real = signing_in.compare_digest

    def counted(left: str, right: str) -> bool:
        compared.append(real(left, right))
        return compared[-1]

    monkeypatch.setattr(signing_in, "compare_digest", counted)
    token = sign_in(database, user.username, PASSWORD, "here", T0, LASTS).refresh_token
    assert code_of(database, token[:-1] + "?", T0) == "refresh_invalid"
    assert code_of(database, token, T0) == "ok"
    assert compared == [False, True]
