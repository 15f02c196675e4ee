"""What an account is told of an event, and on which of its streams."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.sandbox.events import (
    AlgoEvent,
    BalanceEvent,
    ConfigEvent,
    ListStatus,
    MarketEvent,
    OrderEvent,
    PositionEvent,
)
from tradepulse.sandbox.server import futures_json, spot_json
from tradepulse.sandbox.server.market_json import Row

_WRITERS: tuple[tuple[type[Any], Market, Callable[[Any], Row]], ...] = (
    (BalanceEvent, Market.SPOT, spot_json.account_position),
    (ListStatus, Market.SPOT, spot_json.list_status),
    (PositionEvent, Market.PERPETUAL, futures_json.account_update),
    (AlgoEvent, Market.PERPETUAL, futures_json.algo_update),
    (ConfigEvent, Market.PERPETUAL, futures_json.config_update),
)


def user_message(event: MarketEvent) -> tuple[Market, str, Row] | None:
    """(market, API key, message), or None for what no account is told."""
    if isinstance(event, OrderEvent):
        write = spot_json.execution_report if event.market is Market.SPOT else (
            futures_json.order_update
        )  # fmt: skip
        return event.market, event.key, write(event)
    for kind, market, writer in _WRITERS:
        if isinstance(event, kind):
            return market, event.key, writer(event)
    return None
