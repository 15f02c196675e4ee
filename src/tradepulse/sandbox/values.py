"""What the sandbox holds and shows: orders, trades, positions, balances, bars, books.

Prices and amounts are `Decimal`, times UTC milliseconds of market time, words Binance's.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from tradepulse.domain.instrument import Market

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class SandboxOrder:
    """An order as it stands. `executed` base units for `quote_executed` quote units in all; `price`
    is 0 for a market order, `stop_price` 0 without a trigger. `list_id` is -1 outside an OCO list.

    `working_time` is when it entered the book, None while it waits for its trigger. `algo_id` of a
    USD-M order that a conditional order placed; `original_type` that order's type.
    """

    order_id: int
    client_id: str
    market: Market
    symbol: str
    side: str
    type: str
    status: str
    time_in_force: str
    quantity: Decimal
    price: Decimal
    time: int
    update_time: int
    stop_price: Decimal = ZERO
    executed: Decimal = ZERO
    quote_executed: Decimal = ZERO
    quote_quantity: Decimal = ZERO
    list_id: int = -1
    list_client_id: str | None = None
    working_time: int | None = None
    is_working: bool = True
    reduce_only: bool = False
    close_position: bool = False
    position_side: str = "BOTH"
    working_type: str = "CONTRACT_PRICE"
    price_protect: bool = False
    trailing_delta: int | None = None
    original_type: str | None = None
    algo_id: int | None = None

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.executed

    @property
    def is_open(self) -> bool:
        return self.status in ("NEW", "PARTIALLY_FILLED")

    @property
    def average_price(self) -> Decimal:
        """0 before the first fill."""
        return self.quote_executed / self.executed if self.executed else ZERO


@dataclass(frozen=True, slots=True)
class AlgoOrder:
    """A USD-M conditional order. `status`: NEW, TRIGGERING, TRIGGERED, FINISHED, CANCELED, REJECTED
    or EXPIRED; `actual_order_id` is the order it placed, None until it triggered. `type` is
    STOP_MARKET, TAKE_PROFIT_MARKET, STOP, TAKE_PROFIT or TRAILING_STOP_MARKET."""

    algo_id: int
    client_id: str
    symbol: str
    side: str
    type: str
    status: str
    time_in_force: str
    quantity: Decimal
    trigger_price: Decimal
    price: Decimal
    time: int
    update_time: int
    reduce_only: bool = False
    close_position: bool = False
    position_side: str = "BOTH"
    working_type: str = "CONTRACT_PRICE"
    price_protect: bool = False
    activation_price: Decimal | None = None
    callback_rate: Decimal | None = None
    trigger_time: int | None = None
    actual_order_id: int | None = None
    actual_price: Decimal = ZERO
    actual_quantity: Decimal = ZERO
    reject_reason: str | None = None

    @property
    def is_open(self) -> bool:
        return self.status == "NEW"


@dataclass(frozen=True, slots=True)
class OcoList:
    """`status_type`: RESPONSE, EXEC_STARTED or ALL_DONE; `order_status`: EXECUTING, ALL_DONE or
    REJECT. `legs` are (order id, client id), the below one first."""

    list_id: int
    client_id: str
    symbol: str
    status_type: str
    order_status: str
    time: int
    legs: tuple[tuple[int, str], ...]


class Trade(NamedTuple):
    """One execution of an account's order. `realised` is a USD-M order's realised profit."""

    trade_id: int
    order_id: int
    list_id: int
    market: Market
    symbol: str
    side: str
    price: Decimal
    quantity: Decimal
    quote_quantity: Decimal
    commission: Decimal
    commission_asset: str
    time: int
    is_maker: bool
    realised: Decimal = ZERO
    position_side: str = "BOTH"


class AssetBalance(NamedTuple):
    asset: str
    free: Decimal
    locked: Decimal


class FuturesAsset(NamedTuple):
    """The USD-M wallet of one asset. `available` may open positions; `initial_margin` is what open
    positions and orders hold."""

    asset: str
    wallet: Decimal
    unrealised: Decimal
    margin: Decimal
    available: Decimal
    initial_margin: Decimal
    position_margin: Decimal
    order_margin: Decimal
    maintenance_margin: Decimal
    update_time: int


class FuturesPosition(NamedTuple):
    """`amount` is signed; a flat one has amount and entry price 0. `isolated_wallet` is the margin
    put aside for it; `liquidation_price` 0 where no price reaches it."""

    symbol: str
    amount: Decimal
    entry_price: Decimal
    break_even_price: Decimal
    mark_price: Decimal
    unrealised: Decimal
    liquidation_price: Decimal
    leverage: int
    margin_type: str
    isolated_wallet: Decimal
    notional: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    update_time: int
    position_side: str = "BOTH"


class Income(NamedTuple):
    """A change of the USD-M wallet: REALIZED_PNL, COMMISSION, FUNDING_FEE, TRANSFER or
    INSURANCE_CLEAR."""

    income_id: int
    symbol: str
    kind: str
    amount: Decimal
    asset: str
    info: str
    time: int
    trade_id: int | None


class SymbolConfig(NamedTuple):
    symbol: str
    margin_type: str
    leverage: int
    max_notional: Decimal


class Kline(NamedTuple):
    """A bar as the klines endpoint tells it; `close_time` is its last millisecond."""

    open_time: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal
    close_time: int
    quote_volume: Decimal
    trades: int
    taker_volume: Decimal
    taker_quote_volume: Decimal


class Book(NamedTuple):
    """Levels are (price, quantity), best first."""

    last_update_id: int
    time: int
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Ticker24h:
    """The last 24 hours up to now; `first_id` and `last_id` are ids of public trades."""

    symbol: str
    open: Decimal
    high: Decimal
    low: Decimal
    last: Decimal
    last_quantity: Decimal
    previous_close: Decimal
    average: Decimal
    volume: Decimal
    quote_volume: Decimal
    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal
    open_time: int
    close_time: int
    first_id: int
    last_id: int
    count: int


class BookTicker(NamedTuple):
    symbol: str
    update_id: int
    time: int
    bid: Decimal
    bid_quantity: Decimal
    ask: Decimal
    ask_quantity: Decimal


@dataclass(frozen=True, slots=True)
class Premium:
    symbol: str
    mark: Decimal
    index: Decimal
    funding_rate: Decimal
    next_funding_time: int
    time: int


class FundingRate(NamedTuple):
    symbol: str
    rate: Decimal
    time: int
    mark: Decimal
