"""Connections to exchanges: their keys are tried, sealed, and never given out."""

from __future__ import annotations

from fastapi import APIRouter, Response

from tradepulse.api.asking import AskedName, Paging
from tradepulse.api.conditional import ConditionalRoute
from tradepulse.api.context import Here
from tradepulse.api.shapes.connections import ConnectionShape, KeysShape, NewConnectionBody
from tradepulse.api.shapes.values import Listed
from tradepulse.domain.connection import Credentials
from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import Mode

router = APIRouter(
    prefix="/exchanges/connections", tags=["exchanges"], route_class=ConditionalRoute
)


@router.get("")
def list_connections(
    here: Here,
    paging: Paging,
    exchange: AskedName | None = None,
    market: Market | None = None,
    mode: Mode | None = None,
) -> Listed[ConnectionShape]:
    """Connections, oldest first."""
    with here.database.reading() as tx:
        page = tx.connections.page(exchange=exchange, market=market, mode=mode, **paging)
    return Listed[ConnectionShape].model_validate(page)


@router.post("", status_code=201)
def add_connection(here: Here, body: NewConnectionBody, response: Response) -> ConnectionShape:
    """A new connection, once the exchange has said that its keys may trade and not withdraw."""
    from tradepulse.storage.connecting import NewConnection
    from tradepulse.storage.connecting import add_connection as add

    exchange = body.exchange.lower()
    asked = NewConnection(
        body.name, exchange, body.market, body.mode, body.base_url or here.app.base_url_of(exchange)
    )
    password = None if body.password is None else body.password.get_secret_value()
    keys = Credentials(body.api_key.get_secret_value(), body.secret.get_secret_value(), password)
    made = add(
        here.database,
        here.app.safe,
        asked,
        keys,
        here.app.check_keys,
        now_ms=here.now_ms(),
        user_id=here.user.id,
    )
    response.headers["location"] = f"exchanges/connections/{made.id}"
    return ConnectionShape.model_validate(made)


@router.get("/{connection_id}")
def show_connection(here: Here, connection_id: str) -> ConnectionShape:
    """One connection."""
    with here.database.reading() as tx:
        return ConnectionShape.model_validate(tx.connections.get(connection_id))


@router.post("/{connection_id}/test")
def check_connection(here: Here, connection_id: str) -> KeysShape:
    """Asks the exchange again; what is wrong with the keys is the error, and is noted."""
    from tradepulse.storage.connecting import check_connection as check

    tested, seen = check(
        here.database, here.app.safe, connection_id, here.app.check_keys, now_ms=here.now_ms()
    )
    return KeysShape(
        connection=ConnectionShape.model_validate(tested),
        can_trade=seen.can_trade, can_withdraw=seen.can_withdraw,
        permissions=list(seen.permissions),
    )  # fmt: skip


@router.delete("/{connection_id}", status_code=204)
def remove_connection(here: Here, connection_id: str) -> None:
    """Remove it and destroy its keys. Nothing may run on it."""
    from tradepulse.storage.connecting import remove_connection as remove

    remove(here.database, connection_id, now_ms=here.now_ms())
