"""USD-M routes of conditional orders: they wait for a trigger, then place an order."""

from __future__ import annotations

from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.requests import OrderRequest
from tradepulse.sandbox.server import futures_json
from tradepulse.sandbox.server.futures_routes import signed
from tradepulse.sandbox.server.routing import Call, by_symbol
from tradepulse.sandbox.values import AlgoOrder

_USDM = Market.PERPETUAL


def place(call: Call) -> Any:
    """Places the conditional order in the call's parameters."""
    if call.text("algoType") != "CONDITIONAL":
        raise VenueError(-1130, "Data sent for parameter 'algoType' is not valid.")
    request = OrderRequest(
        symbol=call.text("symbol"), side=call.text("side").upper(), type=call.text("type").upper(),
        quantity=call.decimal("quantity"), price=call.decimal("price"),
        stop_price=call.decimal("triggerPrice"), time_in_force=call.maybe("timeInForce"),
        client_id=call.maybe("clientAlgoId"), reduce_only=call.flag("reduceOnly"),
        close_position=call.flag("closePosition"),
        position_side=call.maybe("positionSide") or "BOTH",
        working_type=call.maybe("workingType") or "CONTRACT_PRICE",
        price_protect=call.maybe("priceProtect") in ("true", "TRUE"), conditional=True,
        callback_rate=call.decimal("callbackRate"),
        activation_price=call.decimal("activatePrice"),
    )  # fmt: skip
    algo = call.exchange.market.place(call.key, _USDM, request)
    assert isinstance(algo, AlgoOrder)  # noqa: S101  (conditional)
    call.exchange.remember_placed(call.key, algo.algo_id, algo.client_id)
    return futures_json.algo_row(algo)


def _ids(call: Call) -> tuple[int | None, str | None]:
    algo_id, client_id = call.whole("algoId"), call.maybe("clientAlgoId")
    if algo_id is None and client_id is None:
        raise VenueError(
            -1102, "Param 'clientAlgoId' or 'algoId' must be sent, but both were empty/null!"
        )
    return algo_id, client_id


def _query(call: Call) -> Any:
    algo_id, client_id = _ids(call)
    call.exchange.refuse_fresh("GET /fapi/v1/algoOrder", call.key, algo_id, client_id)
    algo = call.exchange.market.algo_order(call.key, algo_id=algo_id, client_id=client_id)
    return futures_json.algo_row(algo)


def _cancel(call: Call) -> Any:
    algo_id, client_id = _ids(call)
    algo = call.exchange.market.cancel_algo(call.key, algo_id=algo_id, client_id=client_id)
    return {
        "algoId": algo.algo_id, "clientAlgoId": algo.client_id, "code": "200", "msg": "success",
    }  # fmt: skip


def _cancel_open(call: Call) -> Any:
    call.exchange.market.cancel_all_algo(call.key, call.text("symbol"))
    return {"code": 200, "msg": "The operation of cancel all open order is done."}


def _open(call: Call) -> Any:
    algos = call.exchange.market.open_algo_orders(call.key, call.maybe("symbol"))
    return [futures_json.algo_row(algo) for algo in algos]


def _all(call: Call) -> Any:
    which = call.cut("algoId")
    algos = call.exchange.market.all_algo_orders(call.key, call.text("symbol"), which)
    return [futures_json.algo_row(algo) for algo in algos]


_ORDER = (
    "algoType* symbol* side* type* positionSide timeInForce quantity price triggerPrice "
    "workingType priceMatch closePosition priceProtect reduceOnly activatePrice callbackRate "
    "clientAlgoId newOrderRespType selfTradePreventionMode goodTillDate"
)
# ccxt sends the symbol with every one of these.
_IDS = "symbol algoId clientAlgoId"

ROUTES = (
    signed("POST", "/fapi/v1/algoOrder", place, _ORDER, 1, 1),
    signed("GET", "/fapi/v1/algoOrder", _query, _IDS),
    signed("DELETE", "/fapi/v1/algoOrder", _cancel, _IDS),
    signed("GET", "/fapi/v1/openAlgoOrders", _open, "algoType symbol algoId", by_symbol(1, 40)),
    signed("DELETE", "/fapi/v1/algoOpenOrders", _cancel_open, "symbol*"),
    signed("GET", "/fapi/v1/allAlgoOrders", _all,
           "symbol* algoId startTime endTime limit page", 5),
)  # fmt: skip
