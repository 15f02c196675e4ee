"""exchangeInfo: every symbol with its filters, spot and USD-M."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.server.limits import RateLimits
from tradepulse.sandbox.server.market_json import Row, text
from tradepulse.sandbox.symbols import SymbolSpec

_PERPETUAL_END = 4133404800000
_LAUNCHED = 1569398400000
_ASSET_PRECISION = 8
_NO_BOUND = Decimal("9000000.00000000")


def exchange_info(
    market: Market, specs: Sequence[SymbolSpec], limits: RateLimits, now: int
) -> dict[str, Any]:
    """The document; `now` is the market time."""
    write = _spot_symbol if market is Market.SPOT else _futures_symbol
    document: Row = {
        "timezone": "UTC", "serverTime": now, "rateLimits": _rate_limits(market, limits),
        "exchangeFilters": [], "symbols": [write(spec) for spec in specs],
    }  # fmt: skip
    if market is Market.SPOT:
        return document
    assets = sorted({spec.quote for spec in specs})
    return document | {
        "futuresType": "U_MARGINED",
        "assets": [
            {"asset": a, "marginAvailable": True, "autoAssetExchange": "-10000"} for a in assets
        ],
    }


def _rate_limits(market: Market, limits: RateLimits) -> list[Row]:
    def limit(kind: str, interval: str, number: int, most: int) -> Row:
        return {
            "rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": most,
        }  # fmt: skip

    rows = [
        limit("REQUEST_WEIGHT", "MINUTE", 1, limits.weight(market)),
        limit("ORDERS", "SECOND", 10, limits.orders_10s(market)),
    ]
    if market is Market.PERPETUAL:
        rows.append(limit("ORDERS", "MINUTE", 1, limits.futures_orders_1m))
    return rows


def _spot_symbol(spec: SymbolSpec) -> Row:
    f = spec.filters
    return {
        "symbol": spec.symbol, "status": spec.status,
        "baseAsset": spec.base, "baseAssetPrecision": _ASSET_PRECISION,
        "quoteAsset": spec.quote, "quotePrecision": _ASSET_PRECISION,
        "quoteAssetPrecision": _ASSET_PRECISION, "baseCommissionPrecision": _ASSET_PRECISION,
        "quoteCommissionPrecision": _ASSET_PRECISION, "orderTypes": list(spec.order_types),
        "icebergAllowed": False, "ocoAllowed": True, "otoAllowed": False,
        "quoteOrderQtyMarketAllowed": True, "allowTrailingStop": True,
        "cancelReplaceAllowed": True, "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": [
            *_price_and_lots(spec),
            {
                "filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": text(f.bid_up),
                "bidMultiplierDown": text(f.bid_down), "askMultiplierUp": text(f.ask_up),
                "askMultiplierDown": text(f.ask_down), "avgPriceMins": f.average_price_minutes,
            },
            {
                "filterType": "NOTIONAL", "minNotional": text(f.min_notional),
                "applyMinToMarket": True,
                "maxNotional": text(_NO_BOUND if f.max_notional is None else f.max_notional),
                "applyMaxToMarket": f.max_notional is not None,
                "avgPriceMins": f.average_price_minutes,
            },
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": f.max_orders},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": f.max_conditional_orders},
        ],
        "permissions": [], "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE", "allowedSelfTradePreventionModes": ["NONE"],
    }  # fmt: skip


def _price_and_lots(spec: SymbolSpec) -> list[Row]:
    f = spec.filters
    return [
        {
            "filterType": "PRICE_FILTER", "minPrice": text(f.min_price),
            "maxPrice": text(f.max_price), "tickSize": text(f.tick),
        },
        {
            "filterType": "LOT_SIZE", "minQty": text(f.min_quantity),
            "maxQty": text(f.max_quantity), "stepSize": text(f.lot),
        },
        {
            "filterType": "MARKET_LOT_SIZE", "minQty": text(f.min_quantity),
            "maxQty": text(f.max_market_quantity), "stepSize": text(f.market_lot),
        },
    ]  # fmt: skip


def _futures_symbol(spec: SymbolSpec) -> Row:
    f = spec.filters
    return {
        "symbol": spec.symbol, "pair": spec.symbol, "contractType": "PERPETUAL",
        "deliveryDate": _PERPETUAL_END, "onboardDate": _LAUNCHED, "status": spec.status,
        "maintMarginPercent": "2.5000", "requiredMarginPercent": "5.0000",
        "baseAsset": spec.base, "quoteAsset": spec.quote, "marginAsset": spec.quote,
        "pricePrecision": _places(f.tick), "quantityPrecision": _places(f.lot),
        "baseAssetPrecision": _ASSET_PRECISION, "quotePrecision": _ASSET_PRECISION,
        "underlyingType": "COIN", "underlyingSubType": [], "triggerProtect": "0.0500",
        "liquidationFee": "0.012500", "marketTakeBound": "0.05",
        "filters": [
            *_price_and_lots(spec),
            {"filterType": "MAX_NUM_ORDERS", "limit": f.max_orders},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": f.max_conditional_orders},
            {"filterType": "MIN_NOTIONAL", "notional": text(f.min_notional)},
            {
                "filterType": "PERCENT_PRICE", "multiplierUp": text(f.bid_up),
                "multiplierDown": text(f.ask_down), "multiplierDecimal": "4",
            },
        ],
        "orderTypes": list(spec.order_types), "timeInForce": ["GTC", "IOC", "FOK", "GTX"],
    }  # fmt: skip


def _places(step: Decimal) -> int:
    return max(0, -int(step.normalize().as_tuple().exponent))
