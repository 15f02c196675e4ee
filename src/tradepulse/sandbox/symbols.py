"""What the venue demands of orders in a symbol, and what it charges."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tradepulse.domain.instrument import Market


@dataclass(frozen=True)
class Filters:
    """The filters of a symbol, `Decimal` in quote or base units. Percent multipliers are of the
    average price on spot (`bid_*` for buys, `ask_*` for sells), of the mark on USD-M (`bid_up` and
    `ask_down` alone count). None: no bound."""

    tick: Decimal
    lot: Decimal
    min_price: Decimal
    max_price: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    market_lot: Decimal
    max_market_quantity: Decimal
    min_notional: Decimal
    max_notional: Decimal | None = None
    bid_up: Decimal = Decimal(5)
    bid_down: Decimal = Decimal("0.2")
    ask_up: Decimal = Decimal(5)
    ask_down: Decimal = Decimal("0.2")
    average_price_minutes: int = 5
    max_orders: int = 200
    max_conditional_orders: int = 5


@dataclass(frozen=True)
class LeverageBracket:
    """Positions of a notional in [floor, cap) quote units; `cumulative` keeps maintenance
    continuous across brackets (Binance's `cum`)."""

    number: int
    max_leverage: int
    floor: Decimal
    cap: Decimal
    maintenance_rate: Decimal
    cumulative: Decimal


@dataclass(frozen=True)
class SymbolSpec:
    """One tradable symbol (`BTCUSDT`). `order_types` as exchangeInfo lists them; `status` TRADING
    or BREAK."""

    symbol: str
    market: Market
    base: str
    quote: str
    filters: Filters
    order_types: tuple[str, ...]
    taker_bps: Decimal
    maker_bps: Decimal
    brackets: tuple[LeverageBracket, ...] = ()
    status: str = "TRADING"
