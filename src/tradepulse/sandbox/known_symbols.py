"""The filters of well-known pairs as Binance has them, and of any other from its prices."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.instrument import Market, Pair
from tradepulse.sandbox.order_types import FUTURES_TYPES, SPOT_TYPES
from tradepulse.sandbox.symbols import Filters, LeverageBracket, SymbolSpec

# base: (spot tick, spot lot, futures tick, futures lot, futures minimum notional), against USDT
_KNOWN: dict[str, tuple[str, str, str, str, str]] = {
    "BTC": ("0.01", "0.00001", "0.1", "0.001", "100"),
    "ETH": ("0.01", "0.0001", "0.01", "0.001", "20"),
    "BNB": ("0.01", "0.001", "0.01", "0.01", "5"),
    "SOL": ("0.01", "0.001", "0.01", "0.01", "5"),
    "XRP": ("0.0001", "0.1", "0.0001", "0.1", "5"),
    "ADA": ("0.0001", "0.1", "0.0001", "1", "5"),
    "LTC": ("0.01", "0.001", "0.01", "0.001", "20"),
    "LINK": ("0.01", "0.01", "0.001", "0.01", "20"),
    "AVAX": ("0.01", "0.01", "0.001", "1", "5"),
    "DOGE": ("0.00001", "1", "0.00001", "1", "5"),
    "TRX": ("0.0001", "0.1", "0.00001", "1", "5"),
    "MATIC": ("0.0001", "0.1", "0.0001", "1", "5"),
    "DOT": ("0.001", "0.01", "0.001", "0.1", "5"),
    "UNI": ("0.001", "0.01", "0.001", "1", "5"),
    "SUI": ("0.0001", "0.1", "0.0001", "0.1", "5"),
    "ATOM": ("0.001", "0.01", "0.001", "0.01", "5"),
}
# (highest leverage, cap of the notional, maintenance rate); Binance's for BTC, then for a coin of
# middling size.
_LARGE = (
    (125, "50000", "0.004"), (100, "600000", "0.005"), (75, "3000000", "0.0065"),
    (50, "12000000", "0.01"), (25, "70000000", "0.02"), (20, "100000000", "0.025"),
    (10, "230000000", "0.05"), (5, "480000000", "0.1"), (4, "600000000", "0.125"),
    (3, "800000000", "0.15"), (2, "1200000000", "0.25"), (1, "1800000000", "0.5"),
)  # fmt: skip
_MIDDLING = (
    (75, "10000", "0.01"), (50, "50000", "0.015"), (25, "500000", "0.02"), (20, "1000000", "0.025"),
    (10, "5000000", "0.05"), (5, "10000000", "0.1"), (4, "12500000", "0.125"),
    (2, "25000000", "0.25"), (1, "30000000", "0.5"),
)  # fmt: skip
_SAMPLED = 2000
_MOST_DECIMALS = 8
_USUAL_DIGITS = 5


def spec_of(pair: Pair, market: Market, bars: BarSeries) -> SymbolSpec:
    """What the sandbox demands in a pair: Binance's own filters where the pair is well known, else
    the step its prices were quoted in and a lot worth at most one quote unit.

    A known tick that is coarser than the prices' own step (venues change theirs) gives way to it.
    """
    spot = market is Market.SPOT
    own_tick, own_lot = price_step(bars), _lot_for(float(np.median(bars.close)))
    known = _KNOWN.get(pair.base) if pair.quote == "USDT" else None
    if known is None:
        tick, lot, least = own_tick, own_lot, "5"
    else:
        shown = (known[0], known[1], "5") if spot else known[2:]
        tick, lot, least = min(Decimal(shown[0]), own_tick), Decimal(shown[1]), shown[2]
    return SymbolSpec(
        symbol=pair.base + pair.quote,
        market=market,
        base=pair.base,
        quote=pair.quote,
        filters=_spot_filters(tick, lot, least) if spot else _futures_filters(tick, lot, least),
        order_types=SPOT_TYPES if spot else FUTURES_TYPES,
        taker_bps=Decimal(10) if spot else Decimal(5),
        maker_bps=Decimal(10) if spot else Decimal(2),
        brackets=() if spot else brackets_of(_LARGE if pair.base in ("BTC", "ETH") else _MIDDLING),
    )


def price_step(bars: BarSeries) -> Decimal:
    """The step that the newest prices lie on: as few decimals as hold them all, eight at most, or
    five significant digits where they hold none (averaged or converted prices)."""
    prices = np.concatenate([bars.close[-_SAMPLED:], bars.open[-_SAMPLED:]])
    for decimals in range(_MOST_DECIMALS + 1):
        steps = prices * 10.0**decimals
        if np.all(np.abs(steps - np.rint(steps)) <= 1e-6 + 1e-12 * np.abs(steps)):
            return Decimal(1).scaleb(-decimals)
    digits = math.floor(math.log10(float(np.median(prices))))
    return Decimal(1).scaleb(digits - _USUAL_DIGITS + 1)


def brackets_of(table: tuple[tuple[int, str, str], ...]) -> tuple[LeverageBracket, ...]:
    """Brackets with the cumulative amounts that keep maintenance continuous."""
    found: list[LeverageBracket] = []
    floor = cumulative = rate_before = Decimal(0)
    for number, (leverage, cap, rate) in enumerate(table, start=1):
        cumulative += floor * (Decimal(rate) - rate_before)
        found.append(
            LeverageBracket(number, leverage, floor, Decimal(cap), Decimal(rate), cumulative)
        )
        floor, rate_before = Decimal(cap), Decimal(rate)
    return tuple(found)


def _lot_for(price: float) -> Decimal:
    return Decimal(1).scaleb(-max(math.ceil(math.log10(price)), 0))


def _spot_filters(tick: Decimal, lot: Decimal, least: str) -> Filters:
    return Filters(
        tick=tick, lot=lot, min_price=tick, max_price=tick * 100_000_000, min_quantity=lot,
        max_quantity=lot * 900_000_000, market_lot=Decimal(0), max_market_quantity=lot * 10_000_000,
        min_notional=Decimal(least), max_notional=Decimal(9_000_000),
    )  # fmt: skip


def _futures_filters(tick: Decimal, lot: Decimal, least: str) -> Filters:
    return Filters(
        tick=tick, lot=lot, min_price=tick, max_price=tick * 100_000_000, min_quantity=lot,
        max_quantity=lot * 1_000_000, market_lot=lot, max_market_quantity=lot * 120_000,
        min_notional=Decimal(least), bid_up=Decimal("1.05"), bid_down=Decimal("0.95"),
        ask_up=Decimal("1.05"), ask_down=Decimal("0.95"), max_conditional_orders=100,
    )  # fmt: skip
