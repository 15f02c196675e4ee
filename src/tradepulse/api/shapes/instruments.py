"""Instruments as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from tradepulse.api.shapes.market import SeriesShape
from tradepulse.api.shapes.values import Millis, Money, Shape
from tradepulse.domain.instrument import Market
from tradepulse.storage.views.instruments import KnownInstrument

_EXAMPLE: JsonDict = {
    "exchange": "binance", "pair": "BTC/USDT", "base": "BTC", "quote": "USDT", "market": "spot",
    "tick": "0.01", "lot": "0.00001", "min_notional": "5", "price_decimals": 2,
    "quantity_decimals": 5, "venue_symbol": "BTCUSDT", "min_quantity": "0.00001",
    "max_quantity": "9000", "max_notional": None, "taker_fee_bps": "10", "maker_fee_bps": "10",
    "max_leverage": "1", "native_oco": True, "trading": True, "fetched_at": 1_748_961_000_000,
    "tiers": [], "series": [{
        "exchange": "binance", "pair": "BTC/USDT", "interval": "1h", "bars": 35064,
        "first": 1_622_505_600_000, "last": 1_748_736_000_000,
    }],
}  # fmt: skip
_OF_INSTRUMENT = ("tick", "lot", "min_notional")
_OF_TERMS = (
    "venue_symbol", "min_quantity", "max_quantity", "max_notional", "taker_fee_bps",
    "maker_fee_bps", "max_leverage", "native_oco", "trading", "fetched_at",
)  # fmt: skip


class TierShape(Shape):
    """Up to `max_notional` of position, at most `max_leverage`."""

    max_notional: Money
    max_leverage: Money
    maintenance_rate: Money
    maintenance_amount: Money


class InstrumentShape(Shape):
    """What the venue demands and charges (null where it was never asked), and which bars are kept.

    `price_decimals` are those of the tick, or where that is not known of the newest kept prices.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    exchange: str
    pair: str
    base: str
    quote: str
    market: Market
    tick: Money | None = None
    lot: Money | None = None
    min_notional: Money | None = None
    price_decimals: int | None
    quantity_decimals: int | None
    venue_symbol: str | None = None
    min_quantity: Money | None = None
    max_quantity: Money | None = None
    max_notional: Money | None = None
    taker_fee_bps: Money | None = None
    maker_fee_bps: Money | None = None
    max_leverage: Money | None = None
    native_oco: bool | None = None
    trading: bool | None = Field(default=None, description="False while the venue has halted it.")
    fetched_at: Millis | None = Field(default=None, description="When the venue said so.")
    tiers: list[TierShape]
    series: list[SeriesShape]

    @model_validator(mode="before")
    @classmethod
    def _from_known(cls, value: Any) -> Any:
        if not isinstance(value, KnownInstrument):
            return value
        terms, pair = value.terms, value.pair
        told = {} if terms is None else {
            **{name: getattr(terms.instrument, name) for name in _OF_INSTRUMENT},
            **{name: getattr(terms, name) for name in _OF_TERMS},
        }  # fmt: skip
        return {
            **told, "exchange": value.exchange, "pair": str(pair), "base": pair.base,
            "quote": pair.quote, "market": value.market, "tiers": value.tiers,
            "price_decimals": value.price_decimals, "series": value.series,
            "quantity_decimals": value.quantity_decimals,
        }  # fmt: skip
