"""Looking orders and trades of an account up, on spot as on USD-M: only the rows' JSON differs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.server.routing import Call
from tradepulse.sandbox.values import SandboxOrder, Trade

OrderRow = Callable[[SandboxOrder], Any]
Handler = Callable[[Call], Any]


def order_ids(call: Call) -> tuple[int | None, str | None]:
    """The order meant. Error -1102 for neither id."""
    order_id, client_id = call.whole("orderId"), call.maybe("origClientOrderId")
    if order_id is None and client_id is None:
        raise VenueError(
            -1102,
            "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!",
        )
    return order_id, client_id


def one_order(path: str, row: OrderRow) -> Handler:
    """One order; a fresh one may not be found yet, where `GET path` has that fault."""

    def handle(call: Call) -> Any:
        order_id, client_id = order_ids(call)
        call.exchange.refuse_fresh(f"GET {path}", call.key, order_id, client_id)
        order = call.exchange.market.order(
            call.key, call.market, call.text("symbol"), order_id=order_id, client_id=client_id
        )
        return row(order)

    return handle


def open_orders(row: OrderRow) -> Handler:
    """Those that may still fill, of a symbol or of all."""

    def handle(call: Call) -> Any:
        orders = call.exchange.market.open_orders(call.key, call.market, call.maybe("symbol"))
        return [row(order) for order in orders]

    return handle


def all_orders(row: OrderRow) -> Handler:
    """Open and ended ones of a symbol."""

    def handle(call: Call) -> Any:
        orders = call.exchange.market.all_orders(
            call.key, call.market, call.text("symbol"), call.cut("orderId")
        )
        return [row(order) for order in orders]

    return handle


def my_trades(row: Callable[[Trade], Any]) -> Handler:
    """Executions of a symbol, or of one order."""

    def handle(call: Call) -> Any:
        trades = call.exchange.market.my_trades(
            call.key, call.market, call.text("symbol"), call.cut("fromId"),
            order_id=call.whole("orderId"),
        )  # fmt: skip
        return [row(trade) for trade in trades]

    return handle
