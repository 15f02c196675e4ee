"""Binance's order types: what each must bring along, and which way the price must go for it."""

from __future__ import annotations

from tradepulse.sandbox.errors import VenueError
from tradepulse.sandbox.requests import OrderRequest

SIDES = ("BUY", "SELL")
SPOT_TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT")
FUTURES_TYPES = (
    "LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)  # fmt: skip
SPOT_STOPS = frozenset({"STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"})
ALGO_TYPES = frozenset(FUTURES_TYPES[2:])
TIMES_IN_FORCE = ("GTC", "IOC", "FOK")

_SPOT_NEEDS = {
    "LIMIT": ("timeInForce", "quantity", "price"),
    "LIMIT_MAKER": ("quantity", "price"),
    "MARKET": (),
    "STOP_LOSS": ("quantity",),
    "STOP_LOSS_LIMIT": ("timeInForce", "quantity", "price"),
    "TAKE_PROFIT": ("quantity",),
    "TAKE_PROFIT_LIMIT": ("timeInForce", "quantity", "price"),
}
_FUTURES_NEEDS = {
    "LIMIT": ("timeInForce", "quantity", "price"),
    "MARKET": ("quantity",),
    "STOP": ("quantity", "price", "triggerPrice"),
    "TAKE_PROFIT": ("quantity", "price", "triggerPrice"),
    "STOP_MARKET": ("triggerPrice",),
    "TAKE_PROFIT_MARKET": ("triggerPrice",),
    "TRAILING_STOP_MARKET": ("quantity", "callbackRate"),
}
_FIELDS = {
    "timeInForce": "time_in_force",
    "quantity": "quantity",
    "price": "price",
    "triggerPrice": "stop_price",
    "callbackRate": "callback_rate",
}


def fires_rising(order_type: str, side: str) -> bool:
    """Whether the trigger of a stop or take-profit waits for the price to rise."""
    takes_profit = order_type.startswith("TAKE_PROFIT")
    return (side == "SELL") == takes_profit


def is_limit(order_type: str) -> bool:
    """Whether an order of this type has a price of its own once it works."""
    return order_type in (
        "LIMIT", "LIMIT_MAKER", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT", "STOP", "TAKE_PROFIT",
    )  # fmt: skip


def check_spot_words(request: OrderRequest, allowed: tuple[str, ...]) -> None:
    """Errors -1117, -1116, -1115, -1102, -1106: a request that is no order at all."""
    _check_words(request, allowed, _SPOT_NEEDS, ("GTC", "IOC", "FOK"))
    kind = request.type
    if kind == "MARKET":
        given = (request.quantity is not None) + (request.quote_quantity is not None)
        if given == 0:
            raise missing("quantity")
        if given == 2:
            raise VenueError(-1128, "Combination of optional parameters invalid.")
    elif request.quote_quantity is not None:
        raise superfluous("quoteOrderQty")
    has_trigger = request.stop_price is not None or request.trailing_delta is not None
    if kind in SPOT_STOPS and not has_trigger:
        raise missing("stopPrice")
    if kind not in SPOT_STOPS and has_trigger:
        raise superfluous("stopPrice" if request.stop_price is not None else "trailingDelta")
    if kind in ("MARKET", "STOP_LOSS", "TAKE_PROFIT") and request.price is not None:
        raise superfluous("price")
    if kind in ("MARKET", "LIMIT_MAKER") and request.time_in_force is not None:
        raise superfluous("timeInForce")


def check_futures_words(request: OrderRequest, allowed: tuple[str, ...]) -> None:
    """Errors -4120, -4061, -1117, -1116, -1115, -1102, -1106, -4137, -4136."""
    if (request.type in ALGO_TYPES) != request.conditional and request.type in allowed:
        if request.conditional:
            raise VenueError(-1116, "Invalid orderType.")
        raise VenueError(
            -4120,
            "Order type not supported for this endpoint. Please use the Algo Order API endpoints "
            "instead.",
        )
    if request.position_side != "BOTH":
        raise VenueError(-4061, "Order's position side does not match user's setting.")
    if request.close_position:
        _check_close_position(request)
    needs = dict(_FUTURES_NEEDS)
    if request.type in ("STOP_MARKET", "TAKE_PROFIT_MARKET") and not request.close_position:
        needs[request.type] = ("quantity", "triggerPrice")
    _check_words(request, allowed, needs, ("GTC", "IOC", "FOK", "GTX"))
    if request.type == "MARKET" and request.price is not None:
        raise superfluous("price")
    if request.working_type not in ("CONTRACT_PRICE", "MARK_PRICE"):
        raise VenueError(-1115, "Invalid workingType.")


def _check_close_position(request: OrderRequest) -> None:
    if request.type not in ("STOP_MARKET", "TAKE_PROFIT_MARKET"):
        raise VenueError(-4136, "Target strategy invalid for orderType,closePosition")
    if request.quantity is not None:
        raise VenueError(-4137, "Quantity must be zero with closePosition equals true.")
    if request.reduce_only:
        raise superfluous("reduceOnly")


def _check_words(
    request: OrderRequest,
    allowed: tuple[str, ...],
    needs: dict[str, tuple[str, ...]],
    in_force: tuple[str, ...],
) -> None:
    if request.side not in SIDES:
        raise VenueError(-1117, "Invalid side.")
    if request.type not in needs or request.type not in allowed:
        raise VenueError(-1116, "Invalid orderType.")
    for name in needs[request.type]:
        if getattr(request, _FIELDS[name]) is None:
            raise missing(name)
    if request.time_in_force is not None and request.time_in_force not in in_force:
        raise VenueError(-1115, "Invalid timeInForce.")


def missing(name: str) -> VenueError:
    return VenueError(
        -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )


def superfluous(name: str) -> VenueError:
    return VenueError(-1106, f"Parameter '{name}' sent when not required.")
