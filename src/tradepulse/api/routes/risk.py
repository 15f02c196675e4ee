"""What wallets at exchanges may do: states, latches, locks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import AskedPair, Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Context, Here
from tradepulse.api.idempotency import IdempotencyKey, answered
from tradepulse.api.shapes.risk import (
    AskedReset,
    AskedState,
    LockShape,
    RiskStates,
    RiskStateShape,
)
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.risk_record import RiskStateRecord
from tradepulse.storage.risk_commands import (
    release_lock,
    request_state,
    reset_latches,
    state_of,
    wallets_at_venues,
)
from tradepulse.storage.transaction import Transaction

router = APIRouter(prefix="/risk", tags=["risk"], route_class=ConditionalRoute)


@router.get("/state")
def show_states(here: Here, wallet_id: str | None = None) -> RiskStates:
    """The trading state of every wallet at an exchange, with what holds it there."""
    with here.database.reading() as tx:
        return _states([state_of(tx, wallet) for wallet in wallets_at_venues(tx, wallet_id)])


@router.post("/state")
def ask_for_state(
    here: Here, body: AskedState, idempotency_key: IdempotencyKey = None
) -> RiskStates:
    """ACTIVE, REDUCING (exits only) or HALTED, of one wallet or all. ACTIVE takes back what a
    person asked for; what a limit latched needs a reset. Engines obey within two seconds."""

    def change(tx: Transaction, now_ms: int) -> list[RiskStateRecord]:
        return [
            request_state(tx, wallet, body.state, body.reason, by=here.user.username, now_ms=now_ms)
            for wallet in wallets_at_venues(tx, body.wallet_id)
        ]

    request = {"command": "risk_state", **body.model_dump(mode="json")}
    return _done(here, request, idempotency_key, change)


@router.post("/latches/reset")
def reset(here: Here, body: AskedReset, idempotency_key: IdempotencyKey = None) -> RiskStates:
    """Lifts latches of a wallet: a day's loss, a drawdown, a person's word. After a drawdown the
    peak is taken anew."""

    def change(tx: Transaction, now_ms: int) -> list[RiskStateRecord]:
        (wallet,) = wallets_at_venues(tx, body.wallet_id)
        return [
            reset_latches(tx, wallet, body.codes, body.reason, by=here.user.username, now_ms=now_ms)
        ]

    request = {"command": "reset_latches", **body.model_dump(mode="json")}
    return _done(here, request, idempotency_key, change)


@router.get("/locks")
def list_locks(
    here: Here,
    paging: Paging,
    pair: AskedPair,
    wallet_id: str | None = None,
    activation_id: str | None = None,
    code: str | None = None,
    in_force: Annotated[bool, Query(description="Only those that hold now.")] = False,
) -> Listed[LockShape]:
    """Pauses after bad trades, newest first."""
    with here.database.reading() as tx:
        page = tx.risk_locks.page(
            wallet_id=wallet_id, activation_id=activation_id, pair=pair, code=code,
            in_force_at=here.now_ms() if in_force else None, **paging,
        )  # fmt: skip
    return Listed[LockShape].model_validate(page)


@router.get("/locks/{lock_id}")
def show_lock(here: Here, lock_id: str) -> LockShape:
    """One pause."""
    with here.database.reading() as tx:
        return LockShape.model_validate(tx.risk_locks.get(lock_id))


@router.delete("/locks/{lock_id}")
def lift_lock(here: Here, lock_id: str) -> LockShape:
    """Lifts a pause before its time. Twice is once."""
    with here.database.transaction() as tx:
        lock = release_lock(tx, lock_id, by=here.user.username, now_ms=here.now_ms())
    return LockShape.model_validate(lock)


def _done(
    here: Context,
    request: dict[str, object],
    key: str | None,
    change: Callable[[Transaction, int], list[RiskStateRecord]],
) -> RiskStates:
    now_ms = here.now_ms()
    with here.database.transaction() as tx:

        def act() -> RiskStates:
            return _states(change(tx, now_ms))

        answer, _ = answered(tx, key, request, now_ms, RiskStates, act)
    return answer


def _states(records: list[RiskStateRecord]) -> RiskStates:
    return RiskStates(items=[RiskStateShape.model_validate(record) for record in records])
