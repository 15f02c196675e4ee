"""The bar store port: where market history is kept, whatever keeps it.

Names in and out are ccxt's (`BTC/USDT`, `BTC/USDT:USDT`); every spelling `Pair.parse` reads is
accepted on the way in. Mark prices are bars of the exchange `mark_exchange(exchange)`, so that an
adapter stores them without knowing what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Pair
from tradepulse.domain.interval import Interval

MARK_SUFFIX = "_mark"
# On these every pair is a perpetual: `BTCUSDT` there means `BTC/USDT:USDT`.
PERPETUAL_ONLY = ("binanceusdm", "kucoinfutures")


def mark_exchange(exchange: str) -> str:
    """The exchange name under which the mark prices of `exchange` are kept."""
    return exchange + MARK_SUFFIX


def traded_pair(exchange: str, pair: str | Pair) -> Pair:
    """The pair as it is traded there: a venue of perpetuals only settles it in its quote."""
    parsed = pair if isinstance(pair, Pair) else Pair.parse(pair)
    if parsed.settle is None and exchange.split("_", maxsplit=1)[0] in PERPETUAL_ONLY:
        return Pair(parsed.base, parsed.quote, parsed.quote)
    return parsed


@dataclass(frozen=True, order=True)
class SeriesInfo:
    """One kept series. `first` and `last` are open times, UTC milliseconds."""

    exchange: str
    pair: str
    interval: str
    bars: int
    first: int
    last: int


@dataclass(frozen=True)
class AppendReport:
    """What an append did: bars `added`, identical bars `skipped`, differing bars `replaced`."""

    added: int
    skipped: int
    replaced: int = 0


class BarStore(Protocol):
    """Market history by exchange, pair and interval. Appending the same bars twice changes nothing.

    Errors: `symbol_not_found`, `interval_not_found` (NotFoundError, with what there is);
    `conflicting_bars` (DataError, nothing written); `disk_full`, `read_only` (FailedError).
    """

    def series(self) -> list[SeriesInfo]:
        """Every kept series of bars (not funding), sorted by exchange, pair, interval."""
        ...

    def read(
        self,
        exchange: str,
        pair: str | Pair,
        interval: str | Interval,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> BarSeries:
        """Bars with an open time in [start_ms, end_ms), oldest first; perhaps none."""
        ...

    def append(
        self,
        exchange: str,
        pair: str | Pair,
        interval: str | Interval,
        bars: BarSeries,
        *,
        overwrite: bool = False,
    ) -> AppendReport:
        """What was kept of `bars`. A kept bar with other values is refused unless `overwrite`."""
        ...

    def read_funding(
        self,
        exchange: str,
        pair: str | Pair,
        start_ms: int | None = None,
        end_ms: int | None = None,
    ) -> FundingSeries:
        """Settlements in [start_ms, end_ms), oldest first. Error `funding_not_found`."""
        ...

    def append_funding(
        self,
        exchange: str,
        pair: str | Pair,
        funding: FundingSeries,
        *,
        overwrite: bool = False,
    ) -> AppendReport:
        """What was kept of `funding`, under the same rules as `append`."""
        ...


def missing_series(
    exchange: str | None,
    pair: str | None,
    interval: str | None,
    known: list[tuple[str, str, str]],
) -> NotFoundError:
    """The error for a series that is not kept, hinting at what is.

    `known` holds (exchange, pair, interval) of every kept series; None means any.
    """
    matching = [k for k in known if exchange in (None, k[0]) and pair in (None, k[1])]
    intervals = sorted({kept for _, _, kept in matching}, key=_length)
    asked = f"{pair or 'any pair'} on {exchange or 'any exchange'}"
    if interval is not None and intervals:
        return NotFoundError(
            "interval_not_found",
            f"no {interval} bars of {asked}",
            expected=f"one of {', '.join(intervals)}",
            found=interval,
            hint="import bars of that interval with `tradepulse data import`",
        )
    names = sorted({f"{e}:{p}" for e, p, _ in known})
    near = get_close_matches(f"{exchange or ''}:{pair or ''}", names, n=5, cutoff=0.5) or names[:5]
    return NotFoundError(
        "symbol_not_found",
        f"no bars of {asked}",
        expected=f"one of {len(names)} kept series" if names else "a kept series",
        found=asked,
        hint=f"near it: {', '.join(near)}" if near else
        "nothing is kept yet: `tradepulse data import --bundled` brings sample bars",
    )  # fmt: skip


def _length(interval: str) -> int:
    return Interval.parse(interval).ms
