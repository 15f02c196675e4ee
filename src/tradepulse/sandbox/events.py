"""What happened on the sandbox, in order; the protocol turns these into its streams' messages.

`time` is UTC milliseconds of market time. `key` names the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.values import (
    AlgoOrder,
    AssetBalance,
    FuturesAsset,
    FuturesPosition,
    Kline,
    OcoList,
    SandboxOrder,
    Trade,
)


# --- public ---------------------------------------------------------------------------------------
class Tick(NamedTuple):
    """A public trade, one point of the replayed path. Accounts' own fills are not on the tape."""

    market: Market
    symbol: str
    time: int
    trade_id: int
    price: Decimal
    quantity: Decimal
    buyer_is_maker: bool


class BarUpdate(NamedTuple):
    """A bar of the symbol's own (finest) interval: once when it is `closed`; and the forming one at
    the end of an `advance` that moved it. Coarser ones: `SandboxMarket.klines`."""

    market: Market
    symbol: str
    time: int
    interval_ms: int
    bar: Kline
    closed: bool


class BookChanged(NamedTuple):
    """The book moved since the last one told, up to `update_id`: told once at the end of an
    `advance`, or after a request that took from the book. `SandboxMarket.book` has it."""

    market: Market
    symbol: str
    time: int
    update_id: int


@dataclass(frozen=True, slots=True)
class MarkPrice:
    """The mark at the end of an `advance`, and at each settlement of funding."""

    symbol: str
    time: int
    mark: Decimal
    index: Decimal
    funding_rate: Decimal
    next_funding_time: int


# --- of accounts ----------------------------------------------------------------------------------
class OrderEvent(NamedTuple):
    """An order changed. `execution`: NEW, TRADE, CANCELED, EXPIRED, REPLACED, AMENDMENT, TRIGGERED
    (a spot stop entered the book) or CALCULATED (liquidation). `order` is as it stands now.

    `command_id`: the client id of the request that cancelled it, where one did.
    """

    key: str
    market: Market
    time: int
    order: SandboxOrder
    execution: str
    trade: Trade | None = None
    command_id: str | None = None


class BalanceEvent(NamedTuple):
    """Spot balances that changed, as they stand now (outboundAccountPosition)."""

    key: str
    time: int
    balances: tuple[AssetBalance, ...]


class PositionEvent(NamedTuple):
    """The USD-M wallet and positions that changed, as they stand now (ACCOUNT_UPDATE). `reason`:
    ORDER, FUNDING_FEE, DEPOSIT, MARGIN_TRANSFER or INSURANCE_CLEAR; `change` the wallet's change
    but for realised profit and fees."""

    key: str
    time: int
    reason: str
    assets: tuple[FuturesAsset, ...]
    positions: tuple[FuturesPosition, ...]
    change: Decimal


class ConfigEvent(NamedTuple):
    """The leverage of a symbol was changed."""

    key: str
    time: int
    symbol: str
    leverage: int


class AlgoEvent(NamedTuple):
    """A conditional order changed."""

    key: str
    time: int
    algo: AlgoOrder


class ListStatus(NamedTuple):
    """An OCO list changed."""

    key: str
    time: int
    oco: OcoList


MarketEvent = (
    Tick | BarUpdate | BookChanged | MarkPrice | OrderEvent | BalanceEvent | PositionEvent
    | ConfigEvent | AlgoEvent | ListStatus
)  # fmt: skip
