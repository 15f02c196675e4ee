"""Activations: what runs, on which wallet, since when; how to hold one, and how to end it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Context, Here
from tradepulse.api.engine_control import tell_changed, tell_deactivated
from tradepulse.api.idempotency import IdempotencyKey, answered
from tradepulse.api.shapes.configurations import (
    ActivationAccepted,
    HeldShape,
    RolledBackShape,
)
from tradepulse.api.shapes.gap import ActivationEquityShape, LiveGapShape, activation_equity_shape
from tradepulse.api.shapes.ledger import ActivationShape
from tradepulse.api.shapes.risk import ExecutionShape
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.ledger import Activation
from tradepulse.domain.lifecycle import ActivationState, Feed, Mode
from tradepulse.storage.activating import request_leave
from tradepulse.storage.pausing import request_pause, request_resume
from tradepulse.storage.rolling_back import rollback_activation
from tradepulse.storage.staged_shares import staged_shares
from tradepulse.storage.transaction import Transaction

router = APIRouter(prefix="/activations", tags=["activations"], route_class=ConditionalRoute)


@router.get("")
def list_activations(
    here: Here,
    paging: Paging,
    configuration_id: str | None = None,
    wallet_id: str | None = None,
    state: ActivationState | None = None,
    mode: Mode | None = None,
    feed: Feed | None = None,
    is_running: Annotated[bool | None, Query(description="Neither STOPPED nor FAULTED.")] = None,
) -> Listed[ActivationShape]:
    """Activations, newest first."""
    with here.database.reading() as tx:
        page = tx.activations.page(
            configuration_id=configuration_id, wallet_id=wallet_id, state=state, mode=mode,
            feed=feed, is_running=is_running, **paging,
        )  # fmt: skip
        items = _shown(here, tx, page.items)
    return Listed[ActivationShape](items=items, next_cursor=page.next_cursor)


@router.get("/{activation_id}")
def show_activation(here: Here, activation_id: str) -> ActivationShape:
    """One activation."""
    with here.database.reading() as tx:
        return _shown(here, tx, [tx.activations.get(activation_id)])[0]


@router.get("/{activation_id}/execution")
def show_execution(here: Here, activation_id: str) -> ExecutionShape:
    """How its orders were carried out: slippage, fill rate, latency, fees."""
    from tradepulse.storage.execution_quality import execution_quality

    with here.database.reading() as tx:
        return ExecutionShape.model_validate(execution_quality(tx, activation_id))


@router.get("/{activation_id}/gap")
def show_gap(here: Here, activation_id: str) -> LiveGapShape:
    """What it earned against the backtest of the same bars, split by cause: the parts sum to the
    gap exactly."""
    from tradepulse.storage.live_gap import live_gap

    return LiveGapShape.model_validate(
        live_gap(here.database, here.app.bars, activation_id).as_json()
    )


@router.get("/{activation_id}/equity")
def show_activation_equity(
    here: Here,
    activation_id: str,
    points: Annotated[int, Query(ge=10, le=20_000, description="At most about so many.")] = 600,
) -> ActivationEquityShape:
    """What its own ledger was worth over time, beside the backtest of the same bars."""
    from tradepulse.storage.views.activation_equity import activation_equity

    found = activation_equity(here.database, here.app.bars, activation_id, points)
    return activation_equity_shape(found)


@router.post("/{activation_id}/pause", status_code=202)
def pause(here: Here, activation_id: str, idempotency_key: IdempotencyKey = None) -> HeldShape:
    """Take no more entries until it is resumed; its exits go on."""
    return _hold(here, activation_id, idempotency_key, "pause", request_pause)


@router.post("/{activation_id}/resume", status_code=202)
def resume(here: Here, activation_id: str, idempotency_key: IdempotencyKey = None) -> HeldShape:
    """Enter again, whatever held it."""
    return _hold(here, activation_id, idempotency_key, "resume", request_resume)


@router.post("/{activation_id}/rollback", status_code=202)
def rollback(
    here: Here, activation_id: str, idempotency_key: IdempotencyKey = None
) -> RolledBackShape:
    """Leave its exchange by its own exits; a paper activation of the same goes on."""
    now_ms = here.now_ms()
    request = {"command": "rollback", "id": activation_id}
    with here.database.transaction() as tx:

        def act() -> RolledBackShape:
            done = rollback_activation(tx, activation_id, now_ms=now_ms, by=here.user.username)
            return RolledBackShape(left=_accepted(done.left), paper=_accepted(done.paper))

        answer, is_new = answered(tx, idempotency_key, request, now_ms, RolledBackShape, act)
    if is_new:
        # Of the same configuration one leaves and one starts: the engine is to see both.
        tell_changed(here)
    return answer


@router.post("/{activation_id}/drain", status_code=202)
def drain(
    here: Here, activation_id: str, idempotency_key: IdempotencyKey = None
) -> ActivationAccepted:
    """Stop entering; it stops when its own exits have made it flat."""
    return _leave(here, activation_id, idempotency_key, flatten=False)


@router.post("/{activation_id}/flatten", status_code=202)
def flatten(
    here: Here, activation_id: str, idempotency_key: IdempotencyKey = None
) -> ActivationAccepted:
    """Close its position at once, then stop it."""
    return _leave(here, activation_id, idempotency_key, flatten=True)


def _shown(here: Context, tx: Transaction, items: Iterable[Activation]) -> list[ActivationShape]:
    known = list(items)
    shares = staged_shares(tx, known, here.app.current.risk().staging)
    shapes = [ActivationShape.model_validate(a) for a in known]
    return [shape.model_copy(update={"staged_share": shares.get(shape.id)}) for shape in shapes]


def _hold(
    here: Context,
    activation_id: str,
    key: str | None,
    command: str,
    change: Callable[..., Activation],
) -> HeldShape:
    now_ms = here.now_ms()
    request = {"command": command, "id": activation_id}
    with here.database.transaction() as tx:
        activation = tx.activations.get(activation_id)

        def act() -> HeldShape:
            held = change(tx, activation, now_ms=now_ms)
            return HeldShape(activation_id=held.id, state=held.state, blocked=held.blocked)

        answer, is_new = answered(tx, key, request, now_ms, HeldShape, act)
    if is_new:
        tell_changed(here)
    return answer


def _accepted(activation: Activation) -> ActivationAccepted:
    return ActivationAccepted(activation_id=activation.id, state=activation.state)


def _leave(
    here: Context, activation_id: str, key: str | None, *, flatten: bool
) -> ActivationAccepted:
    now_ms = here.now_ms()
    request = {"command": "flatten" if flatten else "drain", "id": activation_id}
    with here.database.transaction() as tx:
        activation = tx.activations.get(activation_id)

        def act() -> ActivationAccepted:
            return _accepted(request_leave(tx, activation, now_ms=now_ms, flatten=flatten))

        answer, is_new = answered(tx, key, request, now_ms, ActivationAccepted, act)
    if is_new:
        tell_deactivated(here, activation.configuration_id)
    return answer
