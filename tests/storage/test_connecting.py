"""Connections are added only with keys that are fit, tested again, shared by wallets, removed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from conformance import storage_records as make
from tradepulse.domain.connection import Connection, Credentials
from tradepulse.domain.errors import FailedError, RefusedError, TradePulseError
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import ActivationState, Mode
from tradepulse.storage.connecting import (
    CheckKeys,
    NewConnection,
    add_connection,
    check_connection,
    connection_wallet,
    open_credentials,
    remove_connection,
)
from tradepulse.storage.database import Database
from tradepulse.storage.secrets import Safe

D, T0 = Decimal, make.T0
KEYS = Credentials("AAAAAAAAAAAAcdef", "the-secret")
DESK = NewConnection("desk", "Binance", Market.SPOT, Mode.TESTNET, "http://127.0.0.1:8731")


class Seen(NamedTuple):
    can_trade: bool = True
    can_withdraw: bool = False
    permissions: tuple[str, ...] = ()


def venue(answer: Seen | TradePulseError) -> CheckKeys:
    """A venue that says this of any keys."""

    def check(connection: Connection, credentials: Credentials) -> Seen:
        if isinstance(answer, TradePulseError):
            raise answer
        return answer

    return check


FIT = venue(Seen())


@pytest.fixture
def safe(tmp_path: Path) -> Safe:
    return Safe(tmp_path / "connection.key")


def refused(code: str, act: Callable[[], object]) -> TradePulseError:
    with pytest.raises(TradePulseError) as caught:
        act()
    assert caught.value.code == code
    assert "the-secret" not in str(caught.value)
    return caught.value


def told(database: Database, kind: str) -> list[dict[str, object]]:
    with database.reading() as tx:
        return [dict(event.payload) for event in tx.events.since(types=[kind])]


def add(database: Database, safe: Safe, asked: NewConnection = DESK) -> Connection:
    return add_connection(database, safe, asked, KEYS, FIT, now_ms=T0)


def test_a_connection_is_added_with_its_keys_sealed(database: Database, safe: Safe) -> None:
    made = add(database, safe)
    assert (made.exchange, made.key_hint, made.checked_at) == ("binance", "cdef", T0)
    assert open_credentials(database, safe, made.id) == KEYS
    (event,) = told(database, "connection.created")
    assert event["name"] == "desk"
    assert "secret" not in repr(event)
    with database.reading() as tx:
        assert tx.connections.page().items == (made,)


AWAY = FailedError("exchange_unavailable", "no answer")
UNFIT = [
    (Seen(can_withdraw=True), "withdrawals_allowed"),
    (Seen(can_trade=False), "trading_not_allowed"),
    (RefusedError("auth", "Invalid API-key"), "auth"),
    (AWAY, "exchange_unavailable"),
]


@pytest.mark.parametrize(("answer", "code"), UNFIT)
def test_keys_that_are_not_fit_are_refused_and_not_kept(
    database: Database, safe: Safe, answer: Seen | TradePulseError, code: str
) -> None:
    refused(code, lambda: add_connection(database, safe, DESK, KEYS, venue(answer), now_ms=T0))
    with database.reading() as tx:
        assert tx.connections.page(removed=True).items == ()
        assert tx.events.since() == ()


@pytest.mark.parametrize(
    ("asked", "keys", "code"),
    [
        (NewConnection("x", "binance", Market.SPOT, Mode.PAPER), KEYS, "bad_connection"),
        (NewConnection(" ", "binance", Market.SPOT, Mode.LIVE), KEYS, "bad_connection"),
        (NewConnection("x", "binance", Market.SPOT, Mode.LIVE, "ftp://x"), KEYS, "bad_connection"),
        (NewConnection("x", "binance", Market.SPOT, Mode.LIVE, "host"), KEYS, "bad_connection"),
        (DESK, Credentials("", "the-secret"), "bad_keys"),
        (DESK, Credentials("key", ""), "bad_keys"),
    ],
)
def test_what_makes_no_sense_is_refused_before_the_venue_is_asked(
    database: Database, safe: Safe, asked: NewConnection, keys: Credentials, code: str
) -> None:
    asked_venue: list[Connection] = []

    def check(connection: Connection, _: Credentials) -> Seen:
        asked_venue.append(connection)
        return Seen()

    refused(code, lambda: add_connection(database, safe, asked, keys, check, now_ms=T0))
    assert asked_venue == []


def test_a_name_is_taken_until_the_connection_is_removed(database: Database, safe: Safe) -> None:
    first = add(database, safe)
    refused("connection_exists", lambda: add(database, safe))
    gone = remove_connection(database, first.id, now_ms=T0 + 1)
    assert gone.deleted_at == T0 + 1
    assert add(database, safe).id != first.id
    refused("connection_not_found", lambda: open_credentials(database, safe, first.id))
    refused("connection_not_found", lambda: remove_connection(database, first.id, now_ms=T0))
    assert [event["name"] for event in told(database, "connection.removed")] == ["desk"]


def test_a_test_notes_what_it_found(database: Database, safe: Safe) -> None:
    made = add(database, safe)
    away = venue(AWAY)
    refused(AWAY.code, lambda: check_connection(database, safe, made.id, away, now_ms=T0 + 1))
    with database.reading() as tx:
        assert tx.connections.get(made.id).fault == "exchange_unavailable: no answer"
    tested, seen = check_connection(database, safe, made.id, FIT, now_ms=T0 + 2)
    assert (tested.fault, tested.checked_at, seen.can_trade) == (None, T0 + 2, True)
    assert told(database, "alert.raised") == []


def test_keys_that_may_withdraw_by_now_raise_an_alert(database: Database, safe: Safe) -> None:
    made = add(database, safe)
    greedy = venue(Seen(can_withdraw=True))
    refused(
        "withdrawals_allowed",
        lambda: check_connection(database, safe, made.id, greedy, now_ms=T0 + 1),
    )
    with database.reading() as tx:
        (alert,) = tx.alerts.page(unread=True).items
    assert (alert.level, alert.code, alert.entity_id) == (
        "critical",
        "withdrawals_allowed",
        made.id,
    )
    (event,) = told(database, "alert.raised")
    assert event["code"] == "withdrawals_allowed"


def test_wallets_are_shares_of_the_account(database: Database, safe: Safe) -> None:
    made = add(database, safe)

    def share(amount: str, available: str | None = None) -> str:
        with database.transaction() as tx:
            wallet = connection_wallet(
                tx, made.id, f"share of {amount}", "USDT", D(amount), now_ms=T0,
                available=None if available is None else D(available),
            )  # fmt: skip
        assert (wallet.mode, wallet.connection_id) == (Mode.TESTNET, made.id)
        return wallet.id

    share("60", "100")
    error = refused("wallet_exceeds_connection", lambda: share("40.01", "100"))
    assert error.expected == "at most 40 USDT"
    share("40", "100")
    share("1000")
    for bad in ("0", "-1", "NaN"):
        refused("bad_balance", lambda bad=bad: share(bad))  # type: ignore[misc]
    remove_connection(database, made.id, now_ms=T0)
    refused("connection_not_found", lambda: share("1"))


def test_a_connection_in_use_is_not_removed(database: Database, safe: Safe) -> None:
    made = add(database, safe)
    with database.transaction() as tx:
        wallet = connection_wallet(tx, made.id, "share", "USDT", D(5000), now_ms=T0)
        tx.configurations.insert(make.configuration())
        tx.activations.insert(make.activation("a1", wallet_id=wallet.id, mode=Mode.TESTNET))
    refused("connection_in_use", lambda: remove_connection(database, made.id, now_ms=T0))
    assert open_credentials(database, safe, made.id) == KEYS
    with database.transaction() as tx:
        tx.activations.set_state("a1", ActivationState.STOPPED, at=T0)
    assert remove_connection(database, made.id, now_ms=T0).deleted_at == T0
