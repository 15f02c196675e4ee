"""Binance's documents as our values: states, orders, fills, symbols."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tradepulse.domain.errors import RefusedError
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.domain.money import to_decimal, to_text
from tradepulse.exchanges.dialect import Malformed
from tradepulse.execution.shaping import lots
from tradepulse.execution.venue import VenueFill, VenueOrder

Document = Mapping[str, Any]

# What we do not know is UNKNOWN, and is looked up: a new word of the venue's is never guessed.
STATES: dict[str, OrderState] = {
    "NEW": OrderState.OPEN,
    "PENDING_NEW": OrderState.OPEN,
    "ACCEPTED": OrderState.OPEN,
    "PARTIALLY_FILLED": OrderState.PARTIALLY_FILLED,
    "FILLED": OrderState.FILLED,
    "CANCELED": OrderState.CANCELLED,
    "PENDING_CANCEL": OrderState.OPEN,
    "REJECTED": OrderState.REJECTED,
    "EXPIRED": OrderState.EXPIRED,
    "EXPIRED_IN_MATCH": OrderState.EXPIRED,
}


def number(value: Any) -> float:
    """The float of a decimal string; NaN for nothing."""
    return math.nan if value in (None, "") else float(value)


def price_or_none(value: Any) -> float | None:
    """A price; Binance writes 0 for none."""
    found = number(value)
    return None if math.isnan(found) or found == 0.0 else found


def text(value: float) -> str:
    """The exact decimal string of a quantity or price on its step, without padding."""
    plain = to_decimal(value).normalize()
    return to_text(plain if plain else Decimal(0))


def quantity_text(quantity: float, terms: MarketTerms) -> str:
    """The quantity in whole lots. Error `lot_size` for less than one: nothing is sent then."""
    whole = lots(quantity, terms)
    if whole <= 0.0:
        raise RefusedError(
            "lot_size", f"less than one lot of {terms.instrument}",
            expected=f"at least {terms.instrument.lot}", found=f"{quantity:g}",
        )  # fmt: skip
    return text(whole)


def document(answer: Any, *keys: str) -> Document:
    """The answer, if it is a document with one of `keys`. Error `Malformed`: ccxt passes on a 200
    that holds no JSON, and would make an order of nothing out of it."""
    if isinstance(answer, Mapping) and any(answer.get(key) not in (None, "") for key in keys):
        return answer
    raise Malformed(f"an answer without {' or '.join(keys)}: {str(answer)[:120]!r}")


def rows(answer: Any) -> list[Document]:
    """The answer, if it is a list of documents. Error `Malformed`."""
    if isinstance(answer, list) and all(isinstance(row, Mapping) for row in answer):
        return answer
    raise Malformed(f"an answer that is no list: {str(answer)[:120]!r}")


class Symbols:
    """Binance's `BTCUSDT` and our pairs, of one market, from ccxt's loaded markets."""

    def __init__(self, client: Any, market: Market) -> None:
        self._client = client
        self._kind = "spot" if market is Market.SPOT else "swap"
        self._pairs: dict[str, str] = {}

    def venue(self, pair: str) -> str:
        """`BTC/USDT:USDT` as `BTCUSDT`."""
        return str(self._client.market(pair)["id"])

    def pair(self, symbol: str) -> str:
        """`BTCUSDT` as `BTC/USDT:USDT`; the symbol itself where nobody knows it."""
        found = self._pairs.get(symbol)
        if found is None:
            found = self._pairs[symbol] = str(
                self._client.safe_symbol(symbol, None, None, self._kind)
            )
        return found

    def coins(self, pair: str) -> tuple[str, str]:
        """(base, quote)."""
        parsed = Pair.parse(pair)
        return parsed.base, parsed.quote


class Fees:
    """What a fee is worth in the quote currency. `price_of(pair)`: a last price, NaN if unknown."""

    def __init__(self, price_of: Callable[[str], float]) -> None:
        self.price_of = price_of

    def quote(self, fee: float, currency: str, base: str, quote: str, price: float) -> float:
        """The fee in `quote`: as it is, at the fill's price, or at the last one of its own
        currency; NaN where there is none."""
        if fee == 0.0 or currency == quote:
            return fee
        if currency == base:
            return fee * price
        return fee * self.price_of(f"{currency}/{quote}")


def side(word: Any) -> int:
    """1 for BUY, -1 for SELL."""
    return 1 if word == "BUY" else -1


def spot_order(row: Document, pair: str, *, group: str | None = None) -> VenueOrder:
    """An order as the REST answers of spot and contracts have it."""
    listed = str(row.get("orderListId", -1))
    time = row.get("updateTime") or row.get("transactTime") or row.get("time") or 0
    return VenueOrder(
        # A cancel's answer names the cancel in clientOrderId and the order in origClientOrderId.
        str(row.get("origClientOrderId") or row.get("clientOrderId") or ""),
        str(row["orderId"]),
        pair,
        side(row.get("side")),
        STATES.get(str(row.get("status")), OrderState.UNKNOWN),
        number(row.get("origQty")),
        number(row.get("executedQty")),
        price_or_none(row.get("price")),
        price_or_none(row.get("stopPrice")),
        bool(row.get("reduceOnly", False)),
        group if group is not None else (None if listed == "-1" else listed),
        int(time),
    )


def spot_trade(
    row: Document, pair: str, name: str | None, symbols: Symbols, fees: Fees
) -> VenueFill:
    """An execution as `myTrades` and `userTrades` have it."""
    price, fee = number(row["price"]), number(row.get("commission"))
    currency = str(row.get("commissionAsset") or "")
    buys = row["isBuyer"] if "isBuyer" in row else row.get("buyer", row.get("side") == "BUY")
    maker = row["isMaker"] if "isMaker" in row else row.get("maker", False)
    return VenueFill(
        str(row["id"]), name, str(row["orderId"]), pair, 1 if buys else -1, number(row["qty"]),
        price, fee, currency, fees.quote(fee, currency, *symbols.coins(pair), price),
        "maker" if maker else "taker", int(row["time"]),
    )  # fmt: skip
