"""Trading by hand: close, move a stop, order, cancel. Written first, then done by an engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter

from tradepulse.api.access import OPERATOR
from tradepulse.api.asking import Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Context, Here
from tradepulse.api.engine_control import tell_commanded
from tradepulse.api.idempotency import IdempotencyKey, answered
from tradepulse.api.shapes.manual import (
    AskedOrder,
    AskedStop,
    CommandShape,
    PreviewShape,
    preview_shape,
)
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.manual_command import CommandState, ManualCommand
from tradepulse.storage.manual_wishes import (
    Asker,
    WishedOrder,
    request_cancel,
    request_close,
    request_order,
    request_stop,
)
from tradepulse.storage.transaction import Transaction

router = APIRouter(tags=["by hand"], route_class=ConditionalRoute)
_NOT_THERE: dict[int | str, dict[str, Any]] = {404: {"description": "There is no such thing."}}
_REFUSED: dict[int | str, dict[str, Any]] = {
    **_NOT_THERE, 409: {"description": "Refused; `code` says why."},
}  # fmt: skip


@router.post(
    "/positions/{position_id}/close", status_code=202, dependencies=[OPERATOR], responses=_REFUSED
)
def close_position(
    here: Here, position_id: str, idempotency_key: IdempotencyKey = None
) -> CommandShape:
    """Close the position at the market; its activation goes on."""
    request = {"command": "close_position", "id": position_id}
    return _asked(
        here, idempotency_key, request, lambda tx, asker: request_close(tx, position_id, asker)
    )


@router.put(
    "/positions/{position_id}/stop", status_code=202, dependencies=[OPERATOR], responses=_REFUSED
)
def move_stop(
    here: Here, position_id: str, body: AskedStop, idempotency_key: IdempotencyKey = None
) -> CommandShape:
    """Move the stop of the position. The engine refuses one on the wrong side of the price, off the
    tick, or beyond the liquidation; whatever trails the stop goes on from there."""
    request = {"command": "move_stop", "id": position_id, **body.model_dump(mode="json")}
    return _asked(
        here, idempotency_key, request,
        lambda tx, asker: request_stop(tx, position_id, body.price, asker),
    )  # fmt: skip


@router.post("/orders", status_code=202, dependencies=[OPERATOR], responses=_REFUSED)
def place_order(
    here: Here, body: AskedOrder, idempotency_key: IdempotencyKey = None
) -> CommandShape:
    """Order at the market, through sizing and every limit as a signal's order goes; good for a
    minute."""
    request = {"command": "manual_order", **body.model_dump(mode="json")}
    return _asked(
        here, idempotency_key, request,
        lambda tx, asker: request_order(tx, _wished(body), asker),
    )  # fmt: skip


@router.post("/orders/preview", dependencies=[OPERATOR], responses=_REFUSED)
def preview(here: Here, body: AskedOrder) -> PreviewShape:
    """What each limit would say of the order, and what would be sent. Nothing is."""
    from tradepulse.storage.previewing import preview_order

    found = preview_order(
        here.database, here.app.bars, _wished(body), here.app.current.risk(), here.now_ms()
    )
    return preview_shape(found)


@router.post(
    "/orders/{order_id}/cancel", status_code=202, dependencies=[OPERATOR], responses=_REFUSED
)
def cancel_order(here: Here, order_id: str, idempotency_key: IdempotencyKey = None) -> CommandShape:
    """Take back an entry under way. A market order that has left cannot be called back: what it
    still fills is sold again. What protects or closes a position is not cancelled by hand."""
    request = {"command": "cancel_order", "id": order_id}
    return _asked(
        here, idempotency_key, request, lambda tx, asker: request_cancel(tx, order_id, asker)
    )


@router.get("/commands")
def list_commands(
    here: Here,
    paging: Paging,
    activation_id: str | None = None,
    wallet_id: str | None = None,
    state: CommandState | None = None,
) -> Listed[CommandShape]:
    """Commands by hand, newest first."""
    with here.database.reading() as tx:
        page = tx.manual.page(
            activation_id=activation_id, wallet_id=wallet_id, state=state, **paging
        )
    return Listed[CommandShape].model_validate(page)


@router.get("/commands/{command_id}", responses=_NOT_THERE)
def show_command(here: Here, command_id: str) -> CommandShape:
    """One command, and the answer as far as there is one."""
    with here.database.reading() as tx:
        return CommandShape.model_validate(tx.manual.get(command_id))


def _asked(
    here: Context, key: str | None, request: dict[str, Any],
    ask: Callable[[Transaction, Asker], ManualCommand],
) -> CommandShape:  # fmt: skip
    now_ms = here.now_ms()
    asker = Asker(here.user.username, now_ms)
    with here.database.transaction() as tx:

        def act() -> CommandShape:
            return CommandShape.model_validate(ask(tx, asker))

        answer, is_new = answered(tx, key, request, now_ms, CommandShape, act)
    if is_new:
        tell_commanded(here)
    return answer


def _wished(body: AskedOrder) -> WishedOrder:
    return WishedOrder(
        body.activation_id, body.side, body.stop, body.quantity, body.risk_pct, body.target
    )
