"""Which of a venue's markets a client loads: those it trades, not thousands of options besides."""

from __future__ import annotations

from typing import Any

from tradepulse.domain.instrument import Market

_KINDS: dict[str, dict[Market, list[str]]] = {
    "bybit": {Market.SPOT: ["spot"], Market.PERPETUAL: ["linear"]},
    "okx": {Market.SPOT: ["spot"], Market.PERPETUAL: ["swap"]},
}


def load_only(client: Any, market: Market) -> None:
    """Has `client` load the instruments of `market` alone, where ccxt knows how."""
    kinds = _KINDS.get(str(client.id))
    if kinds is not None:
        known = client.options.get("fetchMarkets")
        more = known if isinstance(known, dict) else {}
        client.options["fetchMarkets"] = {**more, "types": kinds[market]}
