"""Wishes to run or to leave, written before anybody acts on them.

The row and its event are one transaction; an engine reads them at its start, on a reload, or when
it is told. So a wish survives a crash between being accepted and being acted on.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import RefusedError, UsageError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.ledger import Activation, Wallet
from tradepulse.domain.lifecycle import ActivationState, Feed, Mode
from tradepulse.domain.money import money, to_text
from tradepulse.signals.jit import code_version
from tradepulse.storage.paper_wallet import quote_of
from tradepulse.storage.transaction import Transaction
from tradepulse.storage.venue_rules import Consent, live_cap, venue_feed


def request_activation(
    tx: Transaction,
    configuration_id: str,
    wallet_id: str,
    *,
    now_ms: int,
    mode: Mode = Mode.PAPER,
    feed: Feed | None = None,
    allotment: Decimal | None = None,
    session_start: int | None = None,
    consent: Consent | None = None,
) -> Activation:
    """A new activation in the state STARTING.

    `feed` None: a replay on paper; at a venue what its connection gives. `allotment` None: the
    initial cash of the configuration's rules, or what the wallet has left, or the cap of real
    money, whichever is least. `session_start` None: the engine begins with the next bar it sees.
    `consent`: a person's word, without which real money is not risked on less than MATURE.

    Errors: `configuration_not_found`, `wallet_not_found`, `connection_not_found`; `bad_allotment`,
    `bad_feed`, `bad_session_start` (UsageError); `wrong_wallet`, `already_active`,
    `instrument_taken`, `connection_unchecked`, `stage_refused`, `confirmation_needed`,
    `admin_needed`, `live_cap`, `allotment_exceeds_wallet` (RefusedError).
    """
    # Held to the commit: two requests at once cannot both find the wallet's last free amount.
    wallet = tx.wallets.lock(wallet_id)
    configuration = tx.configurations.get(configuration_id)
    _check_mode(mode, wallet)
    _check_quote(configuration, wallet)
    _check_allotment(allotment)
    _check_not_running(tx, configuration, wallet)
    told: dict[str, Any] = {}
    cap = None
    if mode is not Mode.PAPER:
        feed = venue_feed(tx, configuration, wallet, feed)
    if mode is Mode.LIVE:
        _check_from_now(session_start)
        cap, told = live_cap(tx, configuration, wallet, consent or Consent())
    activation = Activation(
        id=str(uuid4()), configuration_id=configuration.id, wallet_id=wallet.id, mode=mode,
        feed=feed or Feed.REPLAY, state=ActivationState.STARTING,
        allotment=_allotment(tx, configuration, wallet, allotment, cap),
        session_start=session_start, last_bar=None, code_version=code_version(), created_at=now_ms,
        user_id=wallet.user_id,
    )  # fmt: skip
    tx.activations.insert(activation)
    told["allotment"] = to_text(activation.allotment)
    tx.events.append(state_event(activation, now_ms, told))
    return activation


def request_deactivation(
    tx: Transaction, configuration_id: str, *, now_ms: int, flatten: bool = False
) -> tuple[Activation, ...]:
    """The configuration's running activations, now DRAINING: exits only, and gone when flat.

    `flatten` asks the engine to close the position at once; the event carries the wish.
    Errors: `configuration_not_found`; `not_active` (RefusedError).
    """
    configuration = tx.configurations.get(configuration_id)
    running = [a for a in tx.activations.of_configuration(configuration.id) if not a.state.is_over]
    if not running:
        raise RefusedError(
            "not_active", "the configuration is not running",
            expected="an activation that is neither STOPPED nor FAULTED", found="none",
        )  # fmt: skip
    return tuple(request_leave(tx, a, now_ms=now_ms, flatten=flatten) for a in running)


def request_leave(
    tx: Transaction, activation: Activation, *, now_ms: int, flatten: bool = False
) -> Activation:
    """The activation, now DRAINING. Error `not_active` (RefusedError) when it is over."""
    if activation.state.is_over:
        raise RefusedError(
            "not_active", "the activation is over",
            expected="an activation that is neither STOPPED nor FAULTED",
            found=str(activation.state),
        )  # fmt: skip
    draining = tx.activations.set_state(activation.id, ActivationState.DRAINING)
    tx.events.append(state_event(draining, now_ms, {"flatten": flatten}))
    return draining


def state_event(
    activation: Activation, now_ms: int, more: Mapping[str, Any] | None = None
) -> NewEvent:
    """The event `activation.state` of an activation as it is now."""
    payload = {
        "state": str(activation.state),
        "configuration_id": activation.configuration_id,
        "wallet_id": activation.wallet_id,
        "mode": str(activation.mode),
        **(more or {}),
    }
    return NewEvent(
        now_ms, "activation.state", "activation", activation.id, payload, activation.user_id
    )


def _check_mode(mode: Mode, wallet: Wallet) -> None:
    if wallet.mode is not mode:
        raise RefusedError(
            "wrong_wallet", f"wallet {wallet.name!r} cannot hold {mode} positions",
            expected=f"a {mode} wallet", found=f"a {wallet.mode} wallet",
        )  # fmt: skip


def _check_quote(configuration: Configuration, wallet: Wallet) -> None:
    """A dollar is not a tether: money of one currency never pays for positions in another."""
    needed = quote_of(configuration)
    if wallet.quote != needed:
        raise RefusedError(
            "wrong_wallet", f"wallet {wallet.name!r} holds no {needed}",
            expected=f"a wallet in {needed}, the currency of {configuration.pair}",
            found=f"a wallet in {wallet.quote}",
        )  # fmt: skip


def _check_allotment(allotment: Decimal | None) -> None:
    """Less than nothing would free what others of the wallet hold."""
    if allotment is not None and not (allotment.is_finite() and allotment > 0):
        raise UsageError(
            "bad_allotment", "the allotment is not an amount to trade with",
            expected="an amount above 0", found=str(allotment),
        )  # fmt: skip


def _check_from_now(session_start: int | None) -> None:
    """Orders of real money are never made on bars of the past."""
    if session_start is not None:
        raise UsageError(
            "bad_session_start", "real money begins with the next bar",
            expected="no session_start", found=str(session_start),
        )  # fmt: skip


def _check_not_running(tx: Transaction, configuration: Configuration, wallet: Wallet) -> None:
    for activation in tx.activations.of_configuration(configuration.id):
        if activation.wallet_id == wallet.id and not activation.state.is_over:
            raise RefusedError(
                "already_active", f"the configuration runs on wallet {wallet.name!r} already",
                expected="one activation per configuration and wallet",
                found=f"{activation.id} is {activation.state}",
            )  # fmt: skip


def _allotment(
    tx: Transaction, configuration: Configuration, wallet: Wallet, asked: Decimal | None,
    cap: Decimal | None,
) -> Decimal:  # fmt: skip
    """What was asked for, or the default, within the cap."""
    if asked is None:
        amount = _default_allotment(configuration, wallet, tx.wallets.allotted(wallet.id))
        return amount if cap is None else min(amount, cap)
    if cap is not None and asked > cap:
        raise RefusedError(
            "live_cap", f"{configuration.lifecycle_stage} may not risk that much real money yet",
            expected=f"at most {to_text(cap)} {wallet.quote}", found=to_text(asked),
            hint="The cap ends with its thirtieth live trade, or when it is MATURE.",
        )  # fmt: skip
    return asked


def _default_allotment(configuration: Configuration, wallet: Wallet, allotted: Decimal) -> Decimal:
    left = wallet.balance - allotted
    if left <= 0:
        raise RefusedError(
            "allotment_exceeds_wallet", f"wallet {wallet.name!r} has nothing left to allot",
            expected=f"some of its {to_text(wallet.balance)} {wallet.quote}",
            found=f"{to_text(allotted)} allotted",
            hint="Stop another activation, or make another wallet.",
        )  # fmt: skip
    asked = configuration.rules.get("initial_cash")
    if not isinstance(asked, (int, float)):
        raise UsageError(
            "bad_rules", "the configuration's rules name no initial cash",
            expected="initial_cash", found=repr(asked), hint="Give an allotment.",
        )  # fmt: skip
    return min(money(float(asked)), left)
