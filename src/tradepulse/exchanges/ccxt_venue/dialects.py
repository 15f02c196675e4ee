"""Which venue speaks how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tradepulse.domain.errors import UsageError
from tradepulse.domain.instrument import Market
from tradepulse.exchanges.binance.contracts import ContractAccount
from tradepulse.exchanges.binance.refusals import REFUSALS
from tradepulse.exchanges.binance.spot import SpotAccount
from tradepulse.exchanges.dialect import Dialect
from tradepulse.exchanges.errors import NO_FACTS, ErrorFacts
from tradepulse.exchanges.venue_settings import VenueSettings

TRADED = ("binance",)


def dialect_of(
    exchange: str,
    market: Market,
    client: Any,
    settings: VenueSettings,
    price_of: Callable[[str], float],
    now: Callable[[], int],
) -> Dialect:
    """The dialect of a venue's market. Error `exchange_not_traded`."""
    if exchange not in TRADED:
        raise UsageError(
            "exchange_not_traded", f"orders are not sent to {exchange}",
            expected=", ".join(TRADED), found=exchange,
        )  # fmt: skip
    kind = SpotAccount if market is Market.SPOT else ContractAccount
    return kind(client, settings, price_of, now)


def facts_of(exchange: str, market: Market) -> ErrorFacts:
    """What the venue's own error numbers mean."""
    return REFUSALS[market] if exchange == "binance" else NO_FACTS
