"""A person's word on what wallets may do: asked for, reset, released; each with its event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tradepulse.domain.errors import RefusedError
from tradepulse.domain.event import NewEvent
from tradepulse.domain.ledger import Wallet
from tradepulse.domain.risk_record import KillReceipt, RiskLock, RiskStateRecord
from tradepulse.domain.user import OWNER_ID
from tradepulse.risk.risk_book import RiskBook
from tradepulse.risk.trading_state import TradingState, ask
from tradepulse.storage.alerting import CRITICAL, raise_alert
from tradepulse.storage.paging import MAX_LIMIT
from tradepulse.storage.transaction import Transaction


def wallets_at_venues(tx: Transaction, wallet_id: str | None = None) -> tuple[Wallet, ...]:
    """The wallets that have a trading state: all of connections, or the one that is named.

    Errors: `wallet_not_found`; `not_at_a_venue` for a paper wallet, whose activations are paused
    one by one.
    """
    if wallet_id is None:
        known = tx.wallets.page(limit=MAX_LIMIT).items
        return tuple(wallet for wallet in known if wallet.connection_id is not None)
    wallet = tx.wallets.get(wallet_id)
    if wallet.connection_id is None:
        raise RefusedError(
            "not_at_a_venue", f"wallet {wallet.name!r} is a paper wallet: it has no trading state",
            expected="a wallet of a connection", found=str(wallet.mode),
            hint="Pause its activations instead.",
        )  # fmt: skip
    return (wallet,)


def state_of(tx: Transaction, wallet: Wallet) -> RiskStateRecord:
    """The wallet's trading state; ACTIVE as long as nothing ever changed it."""
    found = tx.risk_states.find(wallet.id)
    if found is not None:
        return found
    return RiskStateRecord(wallet.id, str(TradingState.ACTIVE), "", wallet.created_at, {})


def request_state(
    tx: Transaction, wallet: Wallet, wanted: TradingState, reason: str, *, by: str, now_ms: int
) -> RiskStateRecord:
    """The wallet's state after a person's word; a running engine obeys within a second or two.

    Errors: `reason_missing` (UsageError); `latched`, `risk_state_changed` (RefusedError).
    """
    before = state_of(tx, wallet)
    book = RiskBook.from_json(before.latches)
    book = replace(book, state=ask(book.state, wanted, reason, by, now_ms))
    return _save(tx, before, book, now_ms, {"by": by, "reason": reason, "asked": str(wanted)})


def reset_latches(
    tx: Transaction, wallet: Wallet, codes: Iterable[str] | None, reason: str, *, by: str,
    now_ms: int,
) -> RiskStateRecord:  # fmt: skip
    """The wallet's state without the latches of `codes` (None: all). What they were for counts no
    more: after a drawdown the peak is taken anew.

    Errors: `reason_missing` (UsageError); `not_latched`, `risk_state_changed` (RefusedError).
    """
    before = state_of(tx, wallet)
    book = RiskBook.from_json(before.latches)
    asked = sorted({latch.code for latch in book.state.latches} if codes is None else set(codes))
    after = book.reset(reason, asked)
    return _save(tx, before, after, now_ms, {"by": by, "reason": reason, "reset": asked})


def release_lock(tx: Transaction, lock_id: str, *, by: str, now_ms: int) -> RiskLock:
    """The lock, lifted before its time. Error `lock_not_found`."""
    before = tx.risk_locks.get(lock_id)
    lock = tx.risk_locks.release(lock_id, now_ms, by)
    if before.released_at is None:
        told = {"wallet_id": lock.wallet_id, "code": lock.code, "reason": lock.reason, "by": by}
        owner = tx.wallets.get(lock.wallet_id).user_id
        tx.events.append(NewEvent(now_ms, "risk.lock_released", "lock", lock.id, told, owner))
    return lock


def save_receipt(tx: Transaction, receipt: KillReceipt, now_ms: int) -> None:
    """Keeps the receipt of a kill switch, with its event and an alert; once, however often it is
    told."""
    if tx.receipts.find(receipt.id) is not None:
        return
    tx.receipts.save(receipt)
    told = {
        "reason": receipt.reason, "requested_by": receipt.requested_by,
        "cancelled": receipt.cancelled, "flattened": receipt.flattened,
        "open_orders": receipt.open_orders, "open_positions": receipt.open_positions,
        "confirmed_by_exchange": receipt.confirmed_by_exchange,
    }  # fmt: skip
    owner = OWNER_ID if receipt.wallet_id is None else tx.wallets.get(receipt.wallet_id).user_id
    tx.events.append(NewEvent(now_ms, "risk.kill_switch", "receipt", receipt.id, told, owner))
    raise_alert(
        tx, CRITICAL, "kill_switch", f"kill switch: {receipt.reason}", entity="receipt",
        entity_id=receipt.id, now_ms=now_ms, payload=told, user_id=owner,
    )  # fmt: skip


def note_kill_reset(tx: Transaction, reason: str, *, by: str, now_ms: int) -> None:
    """The event that the kill switch was reset."""
    told = {"reason": reason, "by": by}
    tx.events.append(NewEvent(now_ms, "risk.kill_switch_reset", "kill_switch", "KILL", told))


def _save(
    tx: Transaction, before: RiskStateRecord, book: RiskBook, now_ms: int, told: dict[str, Any]
) -> RiskStateRecord:
    worst = book.state.worst(now_ms)
    state = str(book.state.at(now_ms))
    record = replace(
        before, state=state, reason="" if worst is None else worst.reason,
        since=now_ms if worst is None else worst.since_ms, latches=book.as_json(),
    )  # fmt: skip
    written = tx.risk_states.save(record)
    owner = tx.wallets.get(before.wallet_id).user_id
    tx.events.append(
        NewEvent(now_ms, "risk.state", "wallet", before.wallet_id, {"state": state, **told}, owner)
    )
    return written
