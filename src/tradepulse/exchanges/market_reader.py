"""Public market data of one venue through ccxt, in the house's values.

Everything here only reads, so a request that failed is simply asked again. Used on the exchange
loop; `client` is an open ccxt.pro client (`exchanges.client`), which keeps to its rate budget.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeVar

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import NotFoundError, RefusedError, UsageError
from tradepulse.domain.instrument import Market, Pair
from tradepulse.domain.interval import DAY_MS, WEEK_MS, Interval
from tradepulse.exchanges.bar_closing import Bar, Span
from tradepulse.exchanges.budget import Priority, errand
from tradepulse.exchanges.errors import OutcomeKind, as_error, translate
from tradepulse.exchanges.paging import Cursor, Page, bar_pages
from tradepulse.marketdata.resample import resample

T = TypeVar("T")

_PATIENT_TRIES = 6
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 20.0
# Their weeks begin on a Thursday, the epoch's day: made of days instead.
_WEEKS_OF_THEIR_OWN = ("kraken",)


class Settlement(NamedTuple):
    """Funding settled at `time` (UTC ms): the fraction of the position that longs paid."""

    time: int
    rate: float


class Levels(NamedTuple):
    """A book's best levels, (price, quantity), best first; `time` is the venue's."""

    bids: tuple[tuple[float, float], ...]
    asks: tuple[tuple[float, float], ...]
    time: int


class MarketReader:
    """Reads one venue. `patient`: a request is repeated for about a minute before it fails; else
    the caller repeats."""

    def __init__(self, client: Any, *, patient: bool = True) -> None:
        self.client = client
        self._tries = _PATIENT_TRIES if patient else 1

    @property
    def exchange(self) -> str:
        """The venue's name at ccxt."""
        return str(self.client.id)

    async def load(self) -> None:
        """Has the client know the venue's markets."""
        if not self.client.markets:
            await self._ask("reading the markets", self.client.load_markets)

    def symbol(self, pair: Pair) -> str:
        """The pair as ccxt lists it there. Error `symbol_not_found`, with names near it."""
        name = str(pair)
        known = self.client.markets or {}
        if name in known:
            return name
        near = get_close_matches(name, list(known), n=5, cutoff=0.6)
        raise NotFoundError(
            "symbol_not_found", f"{self.exchange} has no {name}",
            expected=f"one of its {len(known)} markets", found=name,
            hint=f"near it: {', '.join(near)}" if near else None,
        )  # fmt: skip

    def served(self, interval: Interval) -> Interval:
        """The coarsest interval of the venue that bars of `interval` are or can be made of.

        Error `unknown_interval` where it has none.
        """
        lengths = [
            length for name in self.client.timeframes or ()
            if (length := _length(name)) is not None and self._on_our_grid(length)
        ]  # fmt: skip
        fitting = [length for length in lengths if interval.ms % length.ms == 0]
        if not fitting:
            raise UsageError(
                "unknown_interval", f"{self.exchange} has no {interval} bars",
                expected=f"one of {', '.join(str(length) for length in sorted(lengths))}",
                found=str(interval),
            )  # fmt: skip
        return max(fitting)

    async def time(self) -> int:
        """The venue's clock, UTC ms."""
        if self.client.has.get("fetchTime"):
            return int(await self._ask("reading the clock", self.client.fetch_time))
        return time.time_ns() // 1_000_000

    async def bars(
        self, symbol: str, interval: Interval, page: Page, price: str | None = None
    ) -> list[Bar]:
        """The bars of one page, oldest first; the last may still be in the making. `price` "mark"
        gives mark prices. `interval` must be one that the venue serves."""
        # Where a venue has no end to its range, ccxt would pass the word on as it is.
        ends = {} if bar_pages(self.exchange).newest_only else {"until": page.until}
        extra = ends | ({"price": price} if price else {})
        rows = await self._ask(
            f"reading {interval} bars of {symbol}",
            lambda: self.client.fetch_ohlcv(symbol, str(interval), page.since, page.limit, extra),
        )
        told = sorted(Bar(int(row[0]), *(float(cell or 0.0) for cell in row[1:6])) for row in rows)
        # Nobody trades at a mark price, whatever stands in the venue's volume column.
        return told if price is None else [bar._replace(volume=0.0) for bar in told]

    async def all_bars(self, symbol: str, interval: Interval, span: Span) -> list[Bar]:
        """All bars that open in `span`, page by page; the last may still be in the making, unless
        they are made of finer ones: of those only whole ones are given."""
        served = self.served(interval)
        cursor = Cursor(span, served.ms, bar_pages(self.exchange))
        told: dict[int, Bar] = {}
        ends: list[int] = []
        while (page := cursor.page()) is not None:
            rows = await self.bars(symbol, served, page)
            cursor.answered([row.open_time for row in rows])
            told |= {row.open_time: row for row in rows}
            ends += [row.open_time for row in rows[-1:]]
        # Where one page ended the market may have stood when it was read: by what the next page
        # tells that bar is over, but not with the values it had then.
        for time_ms in ends[:-1]:
            again = await self.bars(symbol, served, Page(time_ms, time_ms + served.ms - 1, 1))
            told |= {row.open_time: row for row in again}
        inside = [told[at] for at in sorted(told) if span.start_ms <= at < span.end_ms]
        if served == interval or not inside:
            return inside
        return bars_of(resample(series_of(inside, served), interval))

    async def funding(self, symbol: str, page: Page) -> list[Settlement]:
        """The settlements of one page, oldest first. Error `not_supported`."""
        if not self.client.has.get("fetchFundingRateHistory"):
            raise RefusedError(
                "not_supported", f"{self.exchange} tells no funding history",
                expected="a venue with perpetuals", found=self.exchange,
            )  # fmt: skip
        rows = await self._ask(
            f"reading funding of {symbol}",
            lambda: self.client.fetch_funding_rate_history(
                symbol, page.since, page.limit, {"until": page.until}
            ),
        )
        return sorted(
            Settlement(int(row["timestamp"]), float(row["fundingRate"]))
            for row in rows if row.get("fundingRate") is not None
        )  # fmt: skip

    async def book(self, symbol: str, levels: int) -> Levels:
        """The best `levels` of each side of the order book, best first."""
        found = await self._ask(
            f"reading the book of {symbol}",
            lambda: self.client.fetch_order_book(symbol, _book_size(self.exchange, levels)),
        )
        bids, asks = (
            tuple((float(price), float(amount)) for price, amount, *_ in found[side][:levels])
            for side in ("bids", "asks")
        )
        return Levels(bids, asks, int(found.get("timestamp") or time.time_ns() // 1_000_000))

    async def busiest(self, count: int, quote: str, market: Market) -> list[Pair]:
        """The `count` pairs in `quote` with the most turnover of the last day, most first."""
        tickers = await self._ask("reading the tickers", self.client.fetch_tickers)
        wanted = [
            (float(ticker.get("quoteVolume") or 0.0), symbol)
            for symbol, ticker in tickers.items()
            if _is_of(self.client.markets.get(symbol), quote, market)
        ]
        best = sorted(wanted, key=lambda found: (-found[0], found[1]))[:count]
        return [Pair.parse(symbol) for _, symbol in best]

    def listed_ms(self, symbol: str) -> int | None:
        """When the instrument was listed, where the venue says so."""
        created = self.client.markets[symbol].get("created")
        return None if created is None else int(created)

    async def _ask(self, doing: str, call: Callable[[], Awaitable[T]]) -> T:
        """The answer to `call`, asked again while that may help. Errors: `exchange_unavailable`,
        `rate_limited`, and the venue's refusals."""
        for attempt in range(1, self._tries + 1):
            try:
                with errand(Priority.DATA, max_wait_ms=90_000):
                    return await call()
            except Exception as error:
                outcome = translate(error, places=False)
                over = attempt == self._tries or outcome.kind is OutcomeKind.REJECTED
                if over:
                    raise as_error(outcome, doing=doing) from error
            await asyncio.sleep(max(outcome.retry_ms / 1000, pause_s(attempt)))
        raise AssertionError("unreachable: the last try returns or raises")

    def _on_our_grid(self, length: Interval) -> bool:
        if length.ms == WEEK_MS:
            return self.exchange not in _WEEKS_OF_THEIR_OWN
        return DAY_MS % length.ms == 0


def pause_s(attempt: int) -> float:
    """Seconds before the next try, doubled each time, with jitter so that many do not come back at
    once."""
    longest = min(_FIRST_PAUSE_S * 2.0 ** (attempt - 1), _LONGEST_PAUSE_S)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  (spread, not secrecy)


def series_of(bars: Sequence[Bar], interval: Interval) -> BarSeries:
    """The bars as columns."""
    table = np.array([bar[1:] for bar in bars], dtype=np.float64).reshape(len(bars), 5)
    o, h, low, c, v = np.ascontiguousarray(table.T)
    times = np.array([bar.open_time for bar in bars], dtype=np.int64)
    return BarSeries(times, o, h, low, c, v, interval.ms)


def bars_of(series: BarSeries) -> list[Bar]:
    """The columns as bars."""
    columns = (series.open_time, series.open, series.high, series.low, series.close, series.volume)
    return [Bar(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def _length(name: str) -> Interval | None:
    try:
        return Interval.parse(name)
    except UsageError:
        return None  # months, and what else has no fixed length


def _is_of(listed: dict[str, Any] | None, quote: str, market: Market) -> bool:
    if listed is None or listed.get("active") is False or listed["quote"] != quote:
        return False
    if market is Market.SPOT:
        return bool(listed["spot"])
    return bool(listed["swap"] and listed["linear"])


def _book_size(exchange: str, levels: int) -> int:
    """A size the venue takes, at least `levels` up to a hundred."""
    sizes = (5, 10, 20, 50, 100) if exchange.startswith("binance") else (25, 50, 100)
    return next((size for size in sizes if size >= levels), sizes[-1])
