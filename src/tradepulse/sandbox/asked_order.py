"""What an order of any kind takes over from its request, as it stands before it meets anything."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict

from tradepulse.sandbox.floor import Floor
from tradepulse.sandbox.requests import OrderRequest
from tradepulse.sandbox.values import ZERO


class AskedOrder(TypedDict):
    """Fields of `SandboxOrder` and of `AlgoOrder`."""

    client_id: str
    symbol: str
    side: str
    type: str
    status: str
    time_in_force: str
    quantity: Decimal
    price: Decimal
    time: int
    update_time: int
    reduce_only: bool
    close_position: bool
    working_type: str
    price_protect: bool


def asked_order(floor: Floor, request: OrderRequest) -> AskedOrder:
    """The fields of a new order, 0 where the request has no quantity or price."""
    return AskedOrder(
        client_id=floor.client_id(request.client_id), symbol=request.symbol, side=request.side,
        type=request.type, status="NEW", time_in_force=request.time_in_force or "GTC",
        quantity=request.quantity or ZERO, price=request.price or ZERO, time=floor.now,
        update_time=floor.now, reduce_only=request.reduce_only,
        close_position=request.close_position, working_type=request.working_type,
        price_protect=request.price_protect,
    )  # fmt: skip
