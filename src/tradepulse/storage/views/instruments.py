"""Every instrument this home knows of: from its venue's terms, from its kept bars, or both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.interval import Interval
from tradepulse.domain.market_terms import LeverageTier, MarketTerms
from tradepulse.marketdata.store import MARK_SUFFIX, BarStore, SeriesInfo
from tradepulse.storage.transaction import Transaction

# Enough of the newest prices to have met one that uses every decimal.
_LOOKED_AT = 300
_MOST_DECIMALS = 10


@dataclass(frozen=True)
class KnownInstrument:
    """`terms` None: its venue was never asked. `series`: its kept bars, finest first."""

    exchange: str
    pair: Pair
    terms: MarketTerms | None
    series: tuple[SeriesInfo, ...]
    price_decimals: int | None

    @property
    def place(self) -> tuple[str, str]:
        """What instruments are in order of."""
        return self.exchange, str(self.pair)

    @property
    def market(self) -> Market:
        return self.pair.market

    @property
    def quantity_decimals(self) -> int | None:
        """Of its lot; None where that is not known."""
        return None if self.terms is None else decimals_of(self.terms.instrument.lot)

    @property
    def tiers(self) -> tuple[LeverageTier, ...]:
        return () if self.terms is None else self.terms.tiers


def known_instruments(tx: Transaction, store: BarStore) -> list[KnownInstrument]:
    """All of them by exchange and pair."""
    terms = {
        (t.instrument.exchange, str(t.instrument.pair)): t for t in tx.terms.all()
    }  # fmt: skip
    kept: dict[tuple[str, str], list[SeriesInfo]] = {}
    for info in store.series():
        if not info.exchange.endswith(MARK_SUFFIX):
            kept.setdefault((info.exchange, info.pair), []).append(info)
    return [
        _known(store, place, terms.get(place), kept.get(place, []))
        for place in sorted({*terms, *kept})
    ]


def decimals_of(step: Decimal | None) -> int | None:
    """Decimals of multiples of a step; None without one."""
    if step is None or not step:
        return None
    return max(-int(step.normalize().as_tuple().exponent), 0)


def _known(
    store: BarStore, place: tuple[str, str], terms: MarketTerms | None, series: list[SeriesInfo]
) -> KnownInstrument:
    exchange, pair = place
    ordered = sorted(series, key=lambda info: Interval.parse(info.interval).ms)
    decimals = None if terms is None else decimals_of(terms.instrument.tick)
    if decimals is None:
        decimals = max(_decimals_kept(store, ordered[:1]), default=None)
    return KnownInstrument(exchange, Pair.parse(pair), terms, tuple(ordered), decimals)


def _decimals_kept(store: BarStore, series: list[SeriesInfo]) -> Iterator[int]:
    """Of each of the newest prices."""
    for info in series:
        first = info.last - _LOOKED_AT * Interval.parse(info.interval).ms
        for price in store.read(info.exchange, info.pair, info.interval, first).close.tolist():
            exact = Decimal(repr(price)).normalize()
            yield min(max(-int(exact.as_tuple().exponent), 0), _MOST_DECIMALS)
