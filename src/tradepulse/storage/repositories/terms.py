"""What venues demand and charge, as they said last: so that a start need not ask before it can
round."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tradepulse.domain.instrument import Instrument, Market, Pair
from tradepulse.domain.market_terms import LeverageTier, MarketTerms
from tradepulse.storage.bulk import write_many
from tradepulse.storage.codec import Codec, DriverRow, amount_text
from tradepulse.storage.column_types import json_text
from tradepulse.storage.repositories.rows import Rows, same
from tradepulse.storage.tables import instrument_terms as table

_AMOUNTS = (
    "min_quantity", "max_quantity", "max_market_quantity", "max_notional", "taker_fee_bps",
    "maker_fee_bps", "max_leverage",
)  # fmt: skip
_STEPS = ("tick", "lot", "min_notional")
_TIER = ("max_notional", "max_leverage", "maintenance_rate", "maintenance_amount")


def _text(value: Decimal | None) -> str | None:
    return None if value is None else amount_text(value)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _encode(terms: MarketTerms) -> DriverRow:
    instrument = terms.instrument
    document = {
        "venue_symbol": terms.venue_symbol,
        **{name: _text(getattr(instrument, name)) for name in _STEPS},
        **{name: _text(getattr(terms, name)) for name in _AMOUNTS},
        "tiers": [[_text(getattr(tier, name)) for name in _TIER] for tier in terms.tiers],
        "native_oco": terms.native_oco,
        "trading": terms.trading,
    }
    market = str(instrument.pair.market)
    return (
        instrument.exchange, str(instrument.pair), market, json_text(document), terms.fetched_at
    )  # fmt: skip


def _decode(row: tuple[Any, ...]) -> MarketTerms:
    exchange, pair, _market, kept, fetched_at = row
    steps = {name: _decimal(kept[name]) for name in _STEPS}
    amounts = {name: _decimal(kept[name]) for name in _AMOUNTS}
    tiers = tuple(LeverageTier(*map(Decimal, tier)) for tier in kept["tiers"])
    return MarketTerms(
        Instrument(exchange, Pair.parse(pair), **steps),  # type: ignore[arg-type]
        kept["venue_symbol"], tiers=tiers, native_oco=kept["native_oco"],
        trading=kept["trading"], fetched_at=fetched_at, **amounts,  # type: ignore[arg-type]
    )  # fmt: skip


class Terms(Rows[MarketTerms]):
    """Rows of `instrument_terms`; the key is (exchange, pair)."""

    _codec = Codec(table, tuple(table.columns), tuple(table.c.keys()), _encode, _decode)

    def save_many(self, terms: Iterable[MarketTerms]) -> int:
        """How many were written, new or newer."""
        return write_many(self._connection, self._codec, terms, "replace")

    def find(self, exchange: str, pair: str) -> MarketTerms | None:
        """The terms of a pair as ccxt writes it, or None."""
        return self._first(self._select(table.c.exchange == exchange, table.c.pair == pair))

    def all(
        self, exchange: str | None = None, market: Market | None = None
    ) -> tuple[MarketTerms, ...]:
        """All terms kept, of one exchange or of every one, by exchange and pair."""
        wanted = None if market is None else str(market)
        query = self._select(same(table.c.exchange, exchange), same(table.c.market, wanted))
        return self._fetch(query.order_by(table.c.exchange, table.c.pair))
