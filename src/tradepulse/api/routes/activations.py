"""Activations: what runs, on which wallet, since when; and how to end one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tradepulse.api.asking import Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Context, Here
from tradepulse.api.engine_control import tell_deactivated
from tradepulse.api.idempotency import IdempotencyKey, answered
from tradepulse.api.shapes.configurations import ActivationAccepted
from tradepulse.api.shapes.ledger import ActivationShape
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.lifecycle import ActivationState, Feed, Mode
from tradepulse.storage.activating import request_leave

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
    return Listed[ActivationShape].model_validate(page)


@router.get("/{activation_id}")
def show_activation(here: Here, activation_id: str) -> ActivationShape:
    """One activation."""
    with here.database.reading() as tx:
        return ActivationShape.model_validate(tx.activations.get(activation_id))


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


def _leave(
    here: Context, activation_id: str, key: str | None, *, flatten: bool
) -> ActivationAccepted:
    now_ms = here.now_ms()
    request = {"command": "flatten" if flatten else "drain", "id": activation_id}
    with here.database.transaction() as tx:
        activation = tx.activations.get(activation_id)

        def act() -> ActivationAccepted:
            left = request_leave(tx, activation, now_ms=now_ms, flatten=flatten)
            return ActivationAccepted(activation_id=left.id, state=left.state)

        answer, is_new = answered(tx, key, request, now_ms, ActivationAccepted, act)
    if is_new:
        tell_deactivated(here, activation.configuration_id)
    return answer
