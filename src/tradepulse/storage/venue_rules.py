"""What an activation needs before its orders may leave the house: a connection that fits, an
instrument nobody else trades there, and for real money the evidence or a person's word."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.connection import Connection
from tradepulse.domain.errors import NotFoundError, RefusedError, UsageError
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.lifecycle import Feed, Mode, Stage
from tradepulse.domain.money import to_text
from tradepulse.storage.transaction import Transaction

CONFIRMATION = "LIVE"
# Until it has traded this often with real money, what is not MATURE risks no more than that.
PROVING_TRADES = 30
_SHARE_OF_WALLET = Decimal("0.02")
_MOST_QUOTE = Decimal(100)
_WITH_CONSENT = (Stage.DISCOVERY, Stage.VALIDATION, Stage.WATCH)


@dataclass(frozen=True)
class Consent:
    """A person's word for risking their own money. `confirm`: what they typed; `admin`: they may
    also answer for what is only in DISCOVERY; `by`: who it was."""

    confirm: str | None = None
    admin: bool = False
    by: str = "local"


def venue_feed(
    tx: Transaction, configuration: Configuration, wallet: Wallet, feed: Feed | None
) -> Feed:
    """The feed of an activation on a wallet of a connection: `sandbox` where its address was
    replaced, else `live`. The connection is held to the commit.

    Errors: `wrong_wallet`, `instrument_taken`, `connection_unchecked` (RefusedError),
    `connection_not_found`, `bad_feed` (UsageError).
    """
    connection = _connection_of(tx, wallet)
    _check_fits(configuration, wallet, connection)
    _check_free(tx, configuration, wallet, connection)
    given = Feed.LIVE if connection.base_url is None else Feed.SANDBOX
    if feed not in (None, given):
        # Days on another feed must never count as days on the real one.
        raise UsageError(
            "bad_feed", f"connection {connection.name!r} gives another feed",
            expected=str(given), found=str(feed),
        )  # fmt: skip
    return given


def live_cap(
    tx: Transaction, configuration: Configuration, wallet: Wallet, consent: Consent
) -> tuple[Decimal | None, dict[str, Any]]:
    """(the most real money the activation may be given, what to write down of the consent).

    MATURE needs none and has no cap. VALIDATION and WATCH need the word LIVE, DISCOVERY an admin's;
    until they have made thirty live trades the cap is 2 % of the wallet and 100 quote units.
    Errors (RefusedError): `stage_refused`, `confirmation_needed`, `admin_needed`.
    """
    stage = configuration.lifecycle_stage
    if stage is Stage.MATURE:
        return None, {}
    _check_consent(stage, consent)
    told: dict[str, Any] = {"stage": str(stage), "confirmed_by": consent.by}
    made = tx.trades.totals(configuration_id=configuration.id, mode=Mode.LIVE).trade_count
    if made >= PROVING_TRADES:
        return None, told
    cap = min(wallet.balance * _SHARE_OF_WALLET, _MOST_QUOTE).normalize()
    return cap, {**told, "cap": to_text(cap), "live_trades": made}


def _connection_of(tx: Transaction, wallet: Wallet) -> Connection:
    if wallet.connection_id is None:
        raise RefusedError(
            "wrong_wallet", f"wallet {wallet.name!r} is no account at a venue",
            expected="a wallet of an exchange connection", found="a wallet without one",
        )  # fmt: skip
    # Held: on a venue that nets positions, two wallets of it must not take one instrument at once.
    connection = tx.connections.lock(wallet.connection_id)
    if connection.deleted_at is not None:
        raise NotFoundError(
            "connection_not_found", f"the connection of wallet {wallet.name!r} was removed",
            found=connection.name,
        )  # fmt: skip
    return connection


def _check_fits(configuration: Configuration, wallet: Wallet, connection: Connection) -> None:
    needed = (configuration.exchange, Pair.parse(configuration.pair).market, wallet.mode)
    found = (connection.exchange, connection.market, connection.mode)
    if needed != found:
        raise RefusedError(
            "wrong_wallet", f"wallet {wallet.name!r} is an account elsewhere",
            expected=" ".join(needed), found=" ".join(found),
        )  # fmt: skip
    if wallet.mode is Mode.LIVE and (connection.checked_at is None or connection.fault):
        raise RefusedError(
            "connection_unchecked", f"the keys of {connection.name!r} are not known to be fit",
            expected="a connection whose last test passed",
            found=connection.fault or "one that was never tested",
            hint=f"Test it: tradepulse connections test {connection.name}",
        )  # fmt: skip


def _check_free(
    tx: Transaction, configuration: Configuration, wallet: Wallet, connection: Connection
) -> None:
    """Contracts net over the whole account, coins lie in one wallet's share of it."""
    nets = connection.market is Market.PERPETUAL
    taken = tx.activations.running_on(
        pair=configuration.pair,
        wallet_id=None if nets else wallet.id,
        connection_id=connection.id if nets else None,
    )
    if taken:
        where = f"connection {connection.name!r}" if nets else f"wallet {wallet.name!r}"
        raise RefusedError(
            "instrument_taken", f"{configuration.pair} is traded on {where} already",
            expected="one activation per instrument there",
            found=f"{taken[0].id} is {taken[0].state}",
            hint="Stop it, or use another account.",
        )  # fmt: skip


def _check_consent(stage: Stage, consent: Consent) -> None:
    if stage not in _WITH_CONSENT:
        raise RefusedError(
            "stage_refused", f"{stage} does not trade real money",
            expected="MATURE, or VALIDATION with your consent", found=str(stage),
        )  # fmt: skip
    if consent.confirm != CONFIRMATION:
        raise RefusedError(
            "confirmation_needed", f"{stage} is no proof: real money needs your word for it",
            expected=f"confirm = {CONFIRMATION}", found=repr(consent.confirm),
            hint="It is capped at 2 % of the wallet and 100 quote units until 30 live trades.",
        )  # fmt: skip
    if stage is Stage.DISCOVERY and not consent.admin:
        raise RefusedError(
            "admin_needed", "only an admin may risk real money on DISCOVERY",
            expected="an admin", found=consent.by,
        )  # fmt: skip
