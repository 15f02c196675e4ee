"""What a request costs at Binance, and how much may be spent."""

from __future__ import annotations

from tradepulse.domain.instrument import Market
from tradepulse.exchanges.budget import BudgetLimits

LIMITS: dict[Market, BudgetLimits] = {
    Market.SPOT: BudgetLimits(weight_1m=6000, orders_10s=100),
    Market.PERPETUAL: BudgetLimits(weight_1m=2400, orders_10s=300, orders_1m=1200),
}
# ccxt's costs are in units of its own throttle: 5 of the weight of spot, 1 of contracts. The sapi
# is counted by itself; 1 keeps it from being free.
_WEIGHT = {"public": 5.0, "private": 5.0, "v1": 5.0, "sapi": 0.0}
# Where ccxt's price is not the venue's. An order of contracts weighs next to nothing: it is counted
# as an order. Priced at ccxt's 4, a busy minute of two hundred activations would use the budget up.
_OWN = {
    ("fapiPrivate", "POST", "order"): 1,
    ("fapiPrivateV3", "GET", "account"): 5,
    ("fapiPrivateV3", "GET", "positionRisk"): 5,
    ("fapiPrivateV2", "GET", "positionRisk"): 5,
    ("public", "GET", "aggTrades"): 4,
}
_ORDERS = {"order": 1, "algoOrder": 1, "orderList/oco": 2, "order/cancelReplace": 1}


def weight(api: str, method: str, path: str, cost: float) -> int:
    """The weight of a request that ccxt prices at `cost`."""
    own = _OWN.get((api, method, path))
    return max(1, round(cost * _WEIGHT.get(api, 1.0))) if own is None else own


def order_count(method: str, path: str) -> int:
    """How many orders the request counts as."""
    return _ORDERS.get(path, 0) if method in ("POST", "PUT") else 0
