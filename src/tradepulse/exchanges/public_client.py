"""Clients for public market data: no keys, no account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradepulse.domain.instrument import Market
from tradepulse.domain.lifecycle import Mode
from tradepulse.domain.settings import ExchangeSettings
from tradepulse.exchanges.client import open_client
from tradepulse.exchanges.market_kinds import load_only
from tradepulse.marketdata.store import PERPETUAL_ONLY

# Names under which the bars of a venue's perpetuals are kept, and the venue.
_VENUES = {"binanceusdm": "binance"}


def venue_name(exchange: str) -> str:
    """The venue that an exchange's bars come from, by its name at ccxt."""
    return _VENUES.get(exchange, exchange)


def open_public(
    exchange: str, market: Market, settings: Mapping[str, ExchangeSettings] | None = None
) -> Any:
    """A ccxt.pro client of `exchange` without keys, at the address the settings give it. To be made
    and used on one loop. Errors: those of `open_client`."""
    venue = venue_name(exchange)
    chosen = settings or {}
    own = chosen.get(exchange) or chosen.get(venue) or ExchangeSettings()
    kind = Market.PERPETUAL if exchange in PERPETUAL_ONLY else market
    client = open_client(venue, kind, Mode.LIVE, own.base_url)
    load_only(client, kind)
    _refuse_fragments(client)
    if venue != "binance":
        # Their limits are requests a second, which ccxt's own throttle knows and keeps.
        client.enableRateLimit = True
    return client


def _refuse_fragments(client: Any) -> None:
    """Makes an answer that is no JSON an error. ccxt passes its text on, finds no rows in it, and
    says that there are none: a download would take that for the end."""
    from ccxt.base.errors import BadResponse

    fetch = client.fetch2

    async def whole(*words: Any, **named: Any) -> Any:
        answer = await fetch(*words, **named)
        if not isinstance(answer, dict | list):
            raise BadResponse(f"{client.id} answered with no JSON: {str(answer)[:80]!r}")
        return answer

    client.fetch2 = whole
