"""Holding an activation to exits only, and letting it enter again."""

from __future__ import annotations

from typing import Any

from tradepulse.domain.errors import RefusedError
from tradepulse.domain.ledger import Activation
from tradepulse.storage.activating import state_event
from tradepulse.storage.alerting import CRITICAL, raise_alert
from tradepulse.storage.transaction import Transaction

PAUSED, FALLBACK = "paused", "fallback"


def request_pause(tx: Transaction, activation: Activation, *, now_ms: int) -> Activation:
    """The activation, taking no entries until it is resumed; its exits go on.

    One that is held already stays held for its reason. Error `not_active` (RefusedError).
    """
    _check_active(activation)
    if activation.blocked is not None:
        return activation
    return _block(tx, activation, PAUSED, now_ms)


def request_resume(tx: Transaction, activation: Activation, *, now_ms: int) -> Activation:
    """The activation, free to enter again, whatever held it: a person says so. Limits of the wallet
    hold on. Errors (RefusedError): `not_active`; `not_paused`."""
    _check_active(activation)
    if activation.blocked is None:
        raise RefusedError(
            "not_paused", "the activation is not held",
            expected="one that is paused or has fallen back", found=str(activation.state),
        )  # fmt: skip
    return _block(tx, activation, None, now_ms, {"lifted": activation.blocked})


def fall_back(
    tx: Transaction, activation: Activation, code: str, message: str, *, now_ms: int
) -> Activation:
    """The activation, taking no entries because of `code`, with an alert that says why. What trades
    real money goes on leaving by its exits; `rollback_activation` makes a paper one of it.

    Error `not_active` (RefusedError).
    """
    _check_active(activation)
    if activation.blocked == FALLBACK:
        return activation
    raise_alert(
        tx, CRITICAL, code, message, entity="activation", entity_id=activation.id, now_ms=now_ms,
        payload={"configuration_id": activation.configuration_id, "mode": str(activation.mode)},
        user_id=activation.user_id,
    )  # fmt: skip
    return _block(tx, activation, FALLBACK, now_ms, {"code": code, "reason": message})


def _block(
    tx: Transaction, activation: Activation, reason: str | None, now_ms: int,
    more: dict[str, Any] | None = None,
) -> Activation:  # fmt: skip
    changed = tx.activations.block(activation.id, reason)
    tx.events.append(state_event(changed, now_ms, {"blocked": reason, **(more or {})}))
    return changed


def _check_active(activation: Activation) -> None:
    if activation.state.is_over:
        raise RefusedError(
            "not_active", "the activation is over",
            expected="an activation that is neither STOPPED nor FAULTED",
            found=str(activation.state),
        )  # fmt: skip
