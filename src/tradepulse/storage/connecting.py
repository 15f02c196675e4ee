"""Connections to venues: added only when their keys are fit, tested, removed; and their wallets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.connection import Connection, Credentials
from tradepulse.domain.errors import NotFoundError, RefusedError, TradePulseError, UsageError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import Mode
from tradepulse.domain.money import to_text
from tradepulse.storage.alerting import CRITICAL, raise_alert
from tradepulse.storage.database import Database
from tradepulse.storage.paper_wallet import quote_of
from tradepulse.storage.secrets import HOLD, Safe
from tradepulse.storage.transaction import Transaction

_HINT_CHARACTERS = 4


class KeysSeen(Protocol):
    """What a venue says of a pair of keys."""

    @property
    def can_trade(self) -> bool: ...

    @property
    def can_withdraw(self) -> bool: ...

    @property
    def permissions(self) -> tuple[str, ...]: ...


# Asks the venue; raises its errors (`auth`, `exchange_unavailable`, ...).
CheckKeys = Callable[[Connection, Credentials], KeysSeen]


@dataclass(frozen=True)
class NewConnection:
    """A connection that is asked for."""

    name: str
    exchange: str
    market: Market
    mode: Mode
    base_url: str | None = None


def add_connection(
    database: Database, safe: Safe, asked: NewConnection, credentials: Credentials,
    check: CheckKeys, *, now_ms: int, user_id: str = "local",
) -> Connection:  # fmt: skip
    """A new connection, its keys tried at the venue and sealed; nothing is kept of one that fails.

    Errors: `bad_connection`, `bad_keys` (UsageError); `connection_exists`, `withdrawals_allowed`,
    `trading_not_allowed` (RefusedError); those of `check` and of `Safe.seal`.
    """
    _check_asked(asked, credentials)
    connection = Connection(
        str(uuid4()), asked.name.strip(), asked.exchange.lower(), asked.market, asked.mode,
        credentials.api_key[-_HINT_CHARACTERS:], now_ms, asked.base_url, user_id=user_id,
    )  # fmt: skip
    with database.reading() as tx:
        _check_name(tx, connection)
    # The venue is asked outside of any transaction: it may take seconds, and others write.
    _refuse_unfit(check(connection, credentials))
    connection = replace(connection, checked_at=now_ms)
    with database.transaction() as tx:
        tx.hold(HOLD)
        _check_name(tx, connection)
        tx.connections.insert(connection)
        tx.connections.seal(connection.id, safe.seal(credentials, connection.id))
        tx.events.append(_event("connection.created", connection, now_ms))
    return connection


def open_credentials(database: Database, safe: Safe, connection_id: str) -> Credentials:
    """The keys of a connection, for the adapter alone. Errors: `connection_not_found`,
    `secret_unreadable`, `key_file`."""
    with database.reading() as tx:
        sealed = tx.connections.sealed(connection_id)
    if sealed is None:
        raise NotFoundError(
            "connection_not_found", "the connection was removed", found=repr(connection_id)
        )
    return safe.open(sealed, connection_id)


def check_connection(
    database: Database, safe: Safe, connection_id: str, check: CheckKeys, *, now_ms: int
) -> tuple[Connection, KeysSeen]:
    """The connection as it was found now, and what the venue said of its keys.

    What is wrong is noted in the row before it is raised; keys that may withdraw by now raise an
    alert besides. Errors: those of `open_credentials` and of `check`; `withdrawals_allowed`,
    `trading_not_allowed` (RefusedError).
    """
    with database.reading() as tx:
        connection = tx.connections.get(connection_id)
    try:
        seen = check(connection, open_credentials(database, safe, connection.id))
        _refuse_unfit(seen)
    except TradePulseError as error:
        _note(database, connection, now_ms, error)
        raise
    return _note(database, connection, now_ms, None), seen


def remove_connection(database: Database, connection_id: str, *, now_ms: int) -> Connection:
    """The connection, removed: its keys are destroyed, its row stays for the ledger that names it.

    Errors: `connection_not_found`; `connection_in_use` (RefusedError) while something runs on it.
    """
    with database.transaction() as tx:
        connection = tx.connections.lock(connection_id)
        if connection.deleted_at is not None:
            raise NotFoundError(
                "connection_not_found", "the connection was removed before", found=connection.name
            )
        running = tx.activations.running_on(connection_id=connection.id)
        if running:
            raise RefusedError(
                "connection_in_use", f"{len(running)} activations run on {connection.name!r}",
                expected="none that is neither STOPPED nor FAULTED",
                found=", ".join(a.id[:8] for a in running[:5]),
                hint="Drain or flatten them first.",
            )  # fmt: skip
        removed = tx.connections.remove(connection.id, now_ms)
        tx.events.append(_event("connection.removed", removed, now_ms))
    return removed


def connection_wallet(
    tx: Transaction, connection_id: str, name: str, quote: str, balance: Decimal, *,
    now_ms: int, available: Decimal | None = None,
) -> Wallet:  # fmt: skip
    """A new wallet on a connection: `balance` of its account is what activations may allot.

    An account may be split over several wallets. `available`: what the account holds of `quote`,
    where the caller has asked; all its wallets together then stay within it.
    Errors: `connection_not_found`; `bad_balance` (UsageError); `wallet_exceeds_connection`.
    """
    connection = tx.connections.lock(connection_id)
    if connection.deleted_at is not None:
        raise NotFoundError(
            "connection_not_found", "the connection was removed", found=connection.name
        )
    if not (balance.is_finite() and balance > 0):
        raise UsageError(
            "bad_balance", "a wallet needs something to trade with",
            expected="an amount above 0", found=str(balance),
        )  # fmt: skip
    _check_share(tx, connection, quote, balance, available)
    wallet = Wallet(
        str(uuid4()), name, quote, balance, connection.mode, now_ms, connection.user_id,
        connection.id,
    )  # fmt: skip
    tx.wallets.insert(wallet)
    payload = {
        "name": name, "balance": to_text(balance), "quote": quote, "mode": str(wallet.mode),
        "connection_id": connection.id,
    }  # fmt: skip
    tx.events.append(
        NewEvent(now_ms, "wallet.created", "wallet", wallet.id, payload, wallet.user_id)
    )
    return wallet


def venue_wallet(tx: Transaction, configuration: Configuration, mode: Mode) -> Wallet:
    """The oldest wallet of that mode on a connection to the configuration's exchange and market,
    in its quote currency. Error `wallet_not_found`."""
    market = Pair.parse(configuration.pair).market
    fitting = tx.connections.page(
        exchange=configuration.exchange, market=market, mode=mode, user_id=tx.user_id, limit=1000
    )
    ids, quote = {c.id for c in fitting.items}, quote_of(configuration)
    for wallet in tx.wallets.page(mode=mode, limit=1000).items:
        if wallet.connection_id in ids and wallet.quote == quote:
            return wallet
    raise NotFoundError(
        "wallet_not_found", f"there is no {mode} wallet for {configuration.pair}",
        expected=f"a wallet in {quote} on a {mode} connection to {configuration.exchange} {market}",
        found=f"{len(ids)} such connections",
        hint="Make one: tradepulse wallets create NAME --connection NAME --balance AMOUNT",
    )  # fmt: skip


def _check_share(
    tx: Transaction, connection: Connection, quote: str, balance: Decimal,
    available: Decimal | None,
) -> None:  # fmt: skip
    if available is None:
        return
    shared = tx.wallets.shared(connection.id, quote)
    if shared + balance > available:
        raise RefusedError(
            "wallet_exceeds_connection", f"{connection.name!r} does not hold that much {quote}",
            expected=f"at most {to_text(available - shared)} {quote}",
            found=f"{to_text(balance)} {quote}",
            hint=f"Its other wallets have {to_text(shared)} of {to_text(available)}.",
        )  # fmt: skip


def _check_asked(asked: NewConnection, credentials: Credentials) -> None:
    if asked.mode is Mode.PAPER:
        raise _bad("mode", "testnet or live: paper wallets need no keys", "paper")
    if not asked.name.strip():
        raise _bad("name", "a name to tell it by", "nothing")
    if asked.base_url is not None:
        parts = urlsplit(asked.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _bad("base_url", "http://host:port or https://host", repr(asked.base_url))
    if not credentials.api_key or not credentials.secret:
        raise UsageError(
            "bad_keys", "the keys are not complete",
            expected="an API key and its secret", found="one of them is empty",
        )  # fmt: skip


def _bad(what: str, expected: str, found: str) -> UsageError:
    return UsageError(
        "bad_connection", f"the {what} of the connection is wrong", expected=expected, found=found
    )


def _check_name(tx: Transaction, connection: Connection) -> None:
    if tx.connections.named(connection.name, connection.user_id) is not None:
        raise RefusedError(
            "connection_exists", f"there is a connection called {connection.name!r}",
            expected="a name of its own", found=connection.name,
        )  # fmt: skip


def _refuse_unfit(seen: KeysSeen) -> None:
    if seen.can_withdraw:
        raise RefusedError(
            "withdrawals_allowed", "these keys may withdraw money from the account",
            expected="keys that may read and trade, and nothing else",
            found="keys with withdrawal rights",
            hint="Make new keys at the exchange, with withdrawals switched off.",
        )  # fmt: skip
    if not seen.can_trade:
        raise RefusedError(
            "trading_not_allowed", "these keys may not trade",
            expected="keys that may read and trade", found="keys without trading rights",
            hint="Allow trading in the keys' settings at the exchange.",
        )  # fmt: skip


def _note(
    database: Database, connection: Connection, now_ms: int, error: TradePulseError | None
) -> Connection:
    fault = None if error is None else f"{error.code}: {error.message}"
    with database.transaction() as tx:
        noted = tx.connections.note_check(connection.id, now_ms, fault)
        tx.events.append(_event("connection.tested", noted, now_ms))
        if error is not None and error.code == "withdrawals_allowed":
            raise_alert(
                tx, CRITICAL, error.code, f"{noted.name}: {error.message}", entity="connection",
                entity_id=noted.id, now_ms=now_ms, user_id=noted.user_id,
            )  # fmt: skip
    return noted


def _event(type_: str, connection: Connection, now_ms: int) -> NewEvent:
    payload = {
        "name": connection.name, "exchange": connection.exchange,
        "market": str(connection.market), "mode": str(connection.mode), "fault": connection.fault,
    }  # fmt: skip
    return NewEvent(now_ms, type_, "connection", connection.id, payload, connection.user_id)
