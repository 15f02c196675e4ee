"""What a client may ask for, already parsed: Binance's words, `Decimal` numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple


@dataclass(frozen=True)
class OrderRequest:
    """One order to place. `side` is BUY or SELL; `type` Binance's (`LIMIT`, `MARKET`,
    `STOP_LOSS_LIMIT`, `STOP_MARKET`, ...).

    `stop_price` is the trigger (`stopPrice` on spot, `triggerPrice` of an algo order);
    `quote_quantity` spot's `quoteOrderQty`. `conditional`: it came through the algo-order endpoint
    (USD-M), where `client_id` is the `clientAlgoId`. `trailing_delta` in bips (spot);
    `callback_rate` in percent with an optional `activation_price` (USD-M).
    """

    symbol: str
    side: str
    type: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    stop_price: Decimal | None = None
    time_in_force: str | None = None
    client_id: str | None = None
    quote_quantity: Decimal | None = None
    reduce_only: bool = False
    close_position: bool = False
    position_side: str = "BOTH"
    working_type: str = "CONTRACT_PRICE"
    price_protect: bool = False
    conditional: bool = False
    trailing_delta: int | None = None
    callback_rate: Decimal | None = None
    activation_price: Decimal | None = None


@dataclass(frozen=True)
class OcoRequest:
    """Two orders of which one at most fills: `above` and `below` the price, same side and
    quantity. The legs' `client_id` are theirs; `list_client_id` is the list's."""

    symbol: str
    side: str
    quantity: Decimal
    above: OrderRequest
    below: OrderRequest
    list_client_id: str | None = None


@dataclass(frozen=True)
class ReplaceRequest:
    """Spot's cancelReplace: cancel one order, then place `new`. `mode` is STOP_ON_FAILURE or
    ALLOW_FAILURE."""

    mode: str
    new: OrderRequest
    cancel_order_id: int | None = None
    cancel_client_id: str | None = None
    cancel_new_client_id: str | None = None


class Cut(NamedTuple):
    """Which rows of many: from an id on, or with a time in [start, end], the first `limit` of them;
    without an id or a start the newest."""

    from_id: int | None = None
    start: int | None = None
    end: int | None = None
    limit: int = 500


NEWEST = Cut()
