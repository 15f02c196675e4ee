"""Binance's error numbers and phrases, spot and USD-M contracts."""

from __future__ import annotations

from tradepulse.domain.instrument import Market
from tradepulse.exchanges.errors import ErrorFacts, Meaning, OutcomeKind

_U, _L, _R, _Q = (
    OutcomeKind.UNAVAILABLE, OutcomeKind.RATE_LIMITED, OutcomeKind.REJECTED, OutcomeKind.UNKNOWN,
)  # fmt: skip

# -1013 and -2010 cover many refusals: their words tell which. The longer phrase first.
_PHRASES: tuple[tuple[str, Meaning], ...] = (
    ("PERCENT_PRICE", (_R, "percent_price")),
    ("MARKET_LOT_SIZE", (_R, "lot_size")),
    ("LOT_SIZE", (_R, "lot_size")),
    ("Invalid quantity", (_R, "lot_size")),
    ("PRICE_FILTER", (_R, "price_filter")),
    ("NOTIONAL", (_R, "min_notional")),
    ("MAX_NUM_ALGO_ORDERS", (_R, "too_many_orders")),
    ("MAX_NUM_ORDERS", (_R, "too_many_orders")),
    ("MAX_POSITION", (_R, "max_position")),
    ("Market is closed", (_R, "halted")),
    ("insufficient balance", (_R, "insufficient_funds")),
    ("Margin is insufficient", (_R, "insufficient_funds")),
    ("would trigger immediately", (_R, "would_trigger")),
    ("would immediately trigger", (_R, "would_trigger")),
    ("immediately match", (_R, "would_trigger")),
    ("relationship of the prices for the orders is not correct", (_R, "would_trigger")),
    # We never send an id twice: the order it duplicates is the one in doubt.
    ("Duplicate order sent", (_Q, "duplicate_id")),
    ("under maintenance", (_U, "maintenance")),
)
_SHARED: dict[str, Meaning] = {
    "-1000": (_Q, "unavailable"),
    "-1001": (_Q, "unavailable"),
    "-1003": (_L, "rate_limited"),
    "-1004": (_U, "unavailable"),
    "-1006": (_Q, "unavailable"),
    "-1007": (_Q, "unavailable"),
    "-1008": (_U, "unavailable"),
    "-1015": (_L, "rate_limited"),
    "-1021": (_U, "clock_skew"),
    "-1022": (_R, "auth"),
    # More decimals than the venue takes, of a price or a quantity: it does not say which.
    "-1111": (_R, "precision"),
    "-1121": (_R, "bad_symbol"),
    "-2011": (_R, "order_not_found"),
    "-2013": (_R, "order_not_found"),
    "-2014": (_R, "auth"),
    # ccxt takes it for a rate limit once any private call has succeeded.
    "-2015": (_R, "auth"),
}
_CONTRACTS: dict[str, Meaning] = {
    "-1109": (_R, "auth"),
    "-2018": (_R, "insufficient_funds"),
    "-2019": (_R, "insufficient_funds"),
    "-2021": (_R, "would_trigger"),
    "-2022": (_R, "reduce_only"),
    "-2024": (_R, "insufficient_funds"),
    "-2025": (_R, "too_many_orders"),
    "-2027": (_R, "leverage_tier"),
    "-2028": (_R, "leverage_tier"),
    "-4003": (_R, "lot_size"),
    "-4004": (_R, "lot_size"),
    "-4005": (_R, "lot_size"),
    "-4014": (_R, "price_filter"),
    "-4016": (_R, "percent_price"),
    "-4023": (_R, "lot_size"),
    "-4024": (_R, "percent_price"),
    "-4028": (_R, "leverage_tier"),
    "-4045": (_R, "too_many_orders"),
    "-4116": (_Q, "duplicate_id"),
    "-4131": (_R, "percent_price"),
    "-4140": (_R, "halted"),
    "-4164": (_R, "min_notional"),
    "-4400": (_R, "restricted"),
}

REFUSALS: dict[Market, ErrorFacts] = {
    Market.SPOT: ErrorFacts(_SHARED, _PHRASES),
    Market.PERPETUAL: ErrorFacts(_SHARED | _CONTRACTS, _PHRASES),
}
