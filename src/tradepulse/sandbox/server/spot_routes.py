"""Spot routes of one account: balances, orders, cancel-replace, trades; and what sapi tells."""

from __future__ import annotations

import secrets
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.requests import OrderRequest, ReplaceRequest
from tradepulse.sandbox.server import spot_json
from tradepulse.sandbox.server.market_json import text
from tradepulse.sandbox.server.order_lookup import (
    all_orders,
    my_trades,
    one_order,
    open_orders,
    order_ids,
)
from tradepulse.sandbox.server.routing import Access, Call, Route, by_symbol, illegal
from tradepulse.sandbox.values import SandboxOrder

_SPOT = Market.SPOT
_RESPONSES = ("ACK", "RESULT", "FULL")
# The first account has this number; Binance's are of about this size.
_FIRST_UID = 100_000_001


def read_order(call: Call, client_id: str = "newClientOrderId") -> OrderRequest:
    """The order in a request. Errors: -1100, -1102."""
    return OrderRequest(
        symbol=call.text("symbol"), side=call.text("side").upper(), type=call.text("type").upper(),
        quantity=call.decimal("quantity"), price=call.decimal("price"),
        stop_price=call.decimal("stopPrice"), time_in_force=call.maybe("timeInForce"),
        client_id=call.maybe(client_id), quote_quantity=call.decimal("quoteOrderQty"),
        trailing_delta=call.whole("trailingDelta"),
    )  # fmt: skip


def command_id(call: Call) -> str:
    """The client id of a cancel: the caller's, or one made up as Binance does."""
    return call.maybe("newClientOrderId") or secrets.token_hex(11)


def _account(call: Call) -> Any:
    market = call.exchange.market
    balances = market.spot_balances(call.key)
    if call.flag("omitZeroBalances"):
        balances = tuple(b for b in balances if b.free or b.locked)
    specs = market.specs(_SPOT)
    maker, taker = (str(specs[0].maker_bps), str(specs[0].taker_bps)) if specs else ("10", "10")
    uid = _FIRST_UID + call.exchange.account_number(call.key)
    return spot_json.account_row(balances, market.now, maker, taker, uid)


def _place(call: Call) -> Any:
    market = call.exchange.market
    request = read_order(call)
    default = "FULL" if request.type in ("MARKET", "LIMIT") else "ACK"
    response = call.maybe("newOrderRespType") or default
    if response not in _RESPONSES:
        raise illegal("newOrderRespType", "^(ACK|RESULT|FULL)$")
    order = market.place(call.key, _SPOT, request)
    assert isinstance(order, SandboxOrder)  # noqa: S101  (spot has no other kind)
    call.exchange.remember_placed(call.key, order.order_id, order.client_id)
    return placed(call, order, response)


def placed(call: Call, order: SandboxOrder, response: str) -> Any:
    """The answer to a new order."""
    trades = call.exchange.market.my_trades(
        call.key, _SPOT, order.symbol, order_id=order.order_id
    ) if response == "FULL" and order.executed else []  # fmt: skip
    return spot_json.placed_row(order, trades, response)


def _test(call: Call) -> Any:
    call.exchange.market.check(call.key, _SPOT, read_order(call))
    return {}


def _cancel(call: Call) -> Any:
    order_id, client_id = order_ids(call)
    command = command_id(call)
    order = call.exchange.market.cancel(
        call.key, _SPOT, call.text("symbol"), order_id=order_id, client_id=client_id,
        new_client_id=command,
    )  # fmt: skip
    if order.list_id >= 0:
        return list_report(call, order.list_id)
    return spot_json.cancelled_row(order, command)


def list_report(call: Call, list_id: int) -> Any:
    """An OCO list with the reports of its orders: the answer wherever a whole list changes."""
    market = call.exchange.market
    oco = market.order_list(call.key, list_id=list_id)
    orders = [market.order(call.key, _SPOT, oco.symbol, order_id=number) for number, _ in oco.legs]
    reports = [
        spot_json.cancelled_row(order, order.client_id) if not order.is_open
        else spot_json.placed_row(order, (), "RESULT")
        for order in orders
    ]  # fmt: skip
    return spot_json.list_row(oco) | {"orderReports": reports}


def _cancel_open(call: Call) -> Any:
    market = call.exchange.market
    rows: list[Any] = []
    lists: set[int] = set()
    for order in market.cancel_all(call.key, _SPOT, call.text("symbol")):
        if order.list_id < 0:
            rows.append(spot_json.cancelled_row(order, secrets.token_hex(11)))
        elif order.list_id not in lists:
            lists.add(order.list_id)
            rows.append(list_report(call, order.list_id))
    return rows


class ReplaceFailedError(VenueError):
    """A cancel-replace of which a part failed; `data` tells which."""

    def __init__(self, code: int, message: str, status: int, data: dict[str, Any]) -> None:
        super().__init__(code, message, status)
        self.data = data


def _replace(call: Call) -> Any:
    new = read_order(call)
    command = call.maybe("cancelNewClientOrderId") or secrets.token_hex(11)
    request = ReplaceRequest(
        mode=call.text("cancelReplaceMode"), new=new, cancel_order_id=call.whole("cancelOrderId"),
        cancel_client_id=call.maybe("cancelOrigClientOrderId"), cancel_new_client_id=command,
    )  # fmt: skip
    cancelled, order = call.exchange.market.replace(call.key, request)
    data: dict[str, Any] = {
        "cancelResult": _result(cancelled), "newOrderResult": _result(order),
        "cancelResponse": _half(cancelled), "newOrderResponse": _half(order),
    }  # fmt: skip
    if isinstance(cancelled, SandboxOrder):
        data["cancelResponse"] = spot_json.cancelled_row(cancelled, command)
    if isinstance(order, SandboxOrder):
        call.exchange.remember_placed(call.key, order.order_id, order.client_id)
        response = call.maybe("newOrderRespType") or "FULL"
        data["newOrderResponse"] = placed(call, order, response)
    failures = [half for half in (cancelled, order) if not isinstance(half, SandboxOrder)]
    if not failures:
        return data
    if len(failures) == 2:
        raise ReplaceFailedError(-2022, "Order cancel-replace failed.", 400, data)
    raise ReplaceFailedError(-2021, "Order cancel-replace partially failed.", 409, data)


def _result(half: SandboxOrder | VenueError | None) -> str:
    if half is None:
        return "NOT_ATTEMPTED"
    return "SUCCESS" if isinstance(half, SandboxOrder) else "FAILURE"


def _half(half: SandboxOrder | VenueError | None) -> dict[str, Any] | None:
    return {"code": half.code, "msg": half.message} if isinstance(half, VenueError) else None


# --- sapi -----------------------------------------------------------------------------------------
def _restrictions(call: Call) -> Any:
    market = call.exchange.market
    withdraws = market.can_withdraw(call.key)
    return {
        "ipRestrict": False, "createTime": market.start, "enableReading": True,
        "enableWithdrawals": withdraws, "enableInternalTransfer": withdraws,
        "enableMargin": False, "enableFutures": True, "permitsUniversalTransfer": withdraws,
        "enableVanillaOptions": False, "enableFixApiTrade": False, "enableFixReadOnly": False,
        "enableSpotAndMarginTrading": True, "enablePortfolioMarginTrading": False,
    }  # fmt: skip


def _trade_fee(call: Call) -> Any:
    wanted = call.maybe("symbol")
    if wanted is not None:
        call.exchange.market.spec(_SPOT, wanted)
    return [
        {
            "symbol": spec.symbol, "makerCommission": text(spec.maker_bps / 10000),
            "takerCommission": text(spec.taker_bps / 10000),
        }
        for spec in call.exchange.market.specs(_SPOT)
        if wanted in (None, spec.symbol)
    ]  # fmt: skip


def _coins(call: Call) -> Any:
    market = call.exchange.market
    held = {b.asset: b for b in market.spot_balances(call.key)}
    names = {s.base for s in market.specs(_SPOT)} | {s.quote for s in market.specs(_SPOT)}
    return [
        {
            "coin": coin, "name": coin, "depositAllEnable": False, "withdrawAllEnable": False,
            "trading": True, "isLegalMoney": False,
            "free": text(held[coin].free) if coin in held else "0",
            "locked": text(held[coin].locked) if coin in held else "0",
            "freeze": "0", "withdrawing": "0", "ipoing": "0", "ipoable": "0", "storage": "0",
            "networkList": [],
        }
        for coin in sorted(names | held.keys())
    ]  # fmt: skip


def _status(_: Call) -> Any:
    # Asked while the fault `maintenance` is armed it is refused like everything else.
    return {"status": 0, "msg": "normal"}


def _nothing(_: Call) -> Any:
    return []


_ORDER = (
    "symbol* side* type* timeInForce quantity quoteOrderQty price newClientOrderId stopPrice "
    "trailingDelta newOrderRespType selfTradePreventionMode"
)
_SPAN = "startTime endTime limit"
_ONE = "/api/v3/order"


def _signed(
    method: str, path: str, handle: Any, reads: str, weight: Any = 1, orders: int = 0
) -> Route:
    return Route(method, path, _SPOT, handle, reads, Access.SIGNED, weight, orders)


ROUTES = (
    _signed("GET", "/api/v3/account", _account, "omitZeroBalances", 20),
    _signed("POST", "/api/v3/order", _place, _ORDER, 1, 1),
    _signed("POST", "/api/v3/order/test", _test, _ORDER + " computeCommissionRates"),
    _signed("GET", _ONE, one_order(_ONE, spot_json.order_row),
            "symbol* orderId origClientOrderId", 4),
    _signed("DELETE", "/api/v3/order", _cancel,
            "symbol* orderId origClientOrderId newClientOrderId cancelRestrictions"),
    _signed("POST", "/api/v3/order/cancelReplace", _replace,
            _ORDER + " cancelReplaceMode* cancelOrderId cancelOrigClientOrderId "
            "cancelNewClientOrderId cancelRestrictions", 1, 1),
    _signed("GET", "/api/v3/openOrders", open_orders(spot_json.order_row), "symbol",
            by_symbol(6, 80)),
    _signed("DELETE", "/api/v3/openOrders", _cancel_open, "symbol*"),
    _signed("GET", "/api/v3/allOrders", all_orders(spot_json.order_row),
            f"symbol* orderId {_SPAN}", 20),
    _signed("GET", "/api/v3/myTrades", my_trades(spot_json.trade_row),
            f"symbol* orderId fromId {_SPAN}", 20),
    _signed("GET", "/sapi/v1/account/apiRestrictions", _restrictions, ""),
    _signed("GET", "/sapi/v1/asset/tradeFee", _trade_fee, "symbol"),
    _signed("GET", "/sapi/v1/capital/config/getall", _coins, "", 10),
    Route("GET", "/sapi/v1/system/status", _SPOT, _status),
    # A key would do for this one; ccxt signs it.
    Route("GET", "/sapi/v1/margin/allPairs", _SPOT, _nothing, "timestamp recvWindow signature",
          Access.KEY),
    _signed("GET", "/sapi/v1/margin/isolated/allPairs", _nothing, "symbol", 10),
)  # fmt: skip
