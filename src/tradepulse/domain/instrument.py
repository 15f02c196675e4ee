"""Instruments and how people write their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tradepulse.domain.errors import UsageError


class Market(StrEnum):
    """Where a position lives: owned coins, or a linear perpetual contract."""

    SPOT = "spot"
    PERPETUAL = "perpetual"


QUOTES = (
    "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USD", "EUR", "GBP", "JPY", "TRY", "BTC", "ETH", "BNB",
)  # fmt: skip
# Kraken's older codes; the asset is the same one.
_ALIASES = {"XBT": "BTC", "XDG": "DOGE"}
_PAIR = re.compile(r"^([A-Z0-9]+)[/_-]([A-Z0-9]+)(?::([A-Z0-9]+))?$")


@dataclass(frozen=True)
class Pair:
    """A traded pair as ccxt writes it: `BTC/USDT`, or `BTC/USDT:USDT` for a perpetual."""

    base: str
    quote: str
    settle: str | None = None

    @property
    def market(self) -> Market:
        return Market.SPOT if self.settle is None else Market.PERPETUAL

    def __str__(self) -> str:
        spot = f"{self.base}/{self.quote}"
        return spot if self.settle is None else f"{spot}:{self.settle}"

    def same_coins(self, other: Pair) -> bool:
        """Whether both trade the same base for the same quote, whatever the market."""
        return (self.base, self.quote) == (other.base, other.quote)

    @classmethod
    def parse(cls, text: str) -> Pair:
        """The pair in any of the spellings users type: `BTC/USDT`, `BTC/USDT:USDT`, `BTCUSDT`,
        `BTC-USDT`, `BTCUSDT-PERP`. Error `unknown_pair` otherwise."""
        word = text.strip().upper()
        perpetual = word.endswith(("-PERP", "_PERP"))
        word = word[:-5] if perpetual else word
        parts = _PAIR.match(word)
        if parts is not None:
            base, quote, settle = parts[1], parts[2], parts[3]
        else:
            base, quote, settle = *_split_joined(word, text), None
        base, quote = _ALIASES.get(base, base), _ALIASES.get(quote, quote)
        return cls(base, quote, settle or (quote if perpetual else None))


def _split_joined(word: str, text: str) -> tuple[str, str]:
    for quote in QUOTES:
        # XBTUSD and ARBUSD are XBT/USD and ARB/USD: no two-letter coin has a TUSD or BUSD pair.
        shortest = 3 if quote in ("TUSD", "BUSD") else 1
        if word.endswith(quote) and len(word) >= len(quote) + shortest:
            return word[: -len(quote)], quote
    raise UsageError(
        "unknown_pair",
        f"{text!r} is not a pair",
        expected="BTC/USDT, BTC/USDT:USDT, BTCUSDT, BTC-USDT or BTCUSDT-PERP",
        found=repr(text),
    )


@dataclass(frozen=True)
class Instrument:
    """A pair on an exchange, with the filters the venue enforces. Steps of None mean no step."""

    exchange: str
    pair: Pair
    tick: Decimal | None = None
    lot: Decimal | None = None
    min_notional: Decimal = Decimal(0)

    def __str__(self) -> str:
        return f"{self.exchange}:{self.pair}"
