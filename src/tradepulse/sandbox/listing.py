"""One symbol on the floor: its price now, its book, its tape, and what waits on it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats, Times
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import HOUR_MS, MINUTE_MS
from tradepulse.sandbox.depth import Depth
from tradepulse.sandbox.events import Tick
from tradepulse.sandbox.resting import RestingBook
from tradepulse.sandbox.symbols import SymbolSpec
from tradepulse.sandbox.tape import Tape

# What a perpetual settles when no series is given: Binance's base rate, at its usual hours.
DEFAULT_FUNDING_RATE = Decimal("0.0001")
DEFAULT_FUNDING_HOURS = 8
_KEPT_TRADES = 1000


@dataclass(frozen=True)
class SymbolBars:
    """What one symbol replays: its own bars, the finest there are; of a perpetual also the funding
    and mark bars of the same interval, where known. `source` says where they are from."""

    spec: SymbolSpec
    bars: BarSeries
    funding: FundingSeries | None = None
    mark: BarSeries | None = None
    source: str = ""


@dataclass(slots=True)
class Forming:
    """The bar at hand, in ticks and lots; `value` is the sum of price times lots."""

    open: int = 0
    high: int = 0
    low: int = 0
    close: int = 0
    lots: int = 0
    value: int = 0
    count: int = 0


class Listing:
    """The state of one symbol. Prices in whole ticks, quantities in whole lots."""

    def __init__(
        self, given: SymbolBars, *, seed: int, steps_per_leg: int, depth_levels: int
    ) -> None:
        self.spec = given.spec
        self.market, self.symbol = given.spec.market, given.spec.symbol
        self.source = given.source
        filters = given.spec.filters
        # Filters may change while the replay runs; the grid of the tape does not.
        self.tick, self.lot = filters.tick, filters.lot
        self.tape = Tape(given.bars, self.tick, self.lot, steps_per_leg, given.mark)
        self.mark_bars = given.mark
        self.depth = Depth(seed, depth_levels)
        self.resting = RestingBook()
        # Without marks of its own the mark is the price: one book, so that a move meets stops and
        # liquidations in the order they stand.
        self.mark_resting = self.resting if given.mark is None else RestingBook()
        self.last = 0
        self.mark = 0
        self.forming = Forming()
        self.trades: deque[Tick] = deque(maxlen=_KEPT_TRADES)
        self.holders: set[str] = set()
        self.told_update_id = 0
        self.told_time = 0
        times, rates = _settlements(given)
        self.funding_times: Times = times
        self.funding_rates: Floats = rates
        self.funding_assumed = given.funding is None
        self.next_funding = 0

    @property
    def halted(self) -> bool:
        return self.spec.status != "TRADING"

    def start_at(self, time_ms: int) -> None:
        """Stand at `time_ms` with the price that was last seen then, else the first open."""
        self.tape.seek(time_ms)
        row = self.tape.row
        self.last = self.tape.bar(row - 1).close if row else self.tape.bar(0).open
        self.mark = self.last
        self._prepare_book(max(row - 1, 0))
        self.depth.move(self.last)
        # A stamp a few milliseconds past the hour belongs to the hour (F0): told by the second.
        self.next_funding = int(np.searchsorted(self.funding_times // 1000 * 1000, time_ms))

    def go_to(self, price: int) -> None:
        """The price is there now, the book around it, and the mark too where it is the price."""
        self.last = price
        if self.mark_resting is self.resting:
            self.mark = price
        self.depth.move(price)

    def begin_bar(self) -> None:
        """The bar at `tape.row` opens: its volume is what the book is made of."""
        self.forming = Forming()
        self._prepare_book(self.tape.row)

    def price(self, ticks: int) -> Decimal:
        return self.tick * ticks

    def quantity(self, lots: int) -> Decimal:
        return self.lot * lots

    def ticks(self, price: Decimal) -> int:
        """Whole ticks of a price; one between two ticks is rounded down."""
        return int(price / self.tick)

    def lots(self, quantity: Decimal) -> int:
        """Whole lots of a quantity, rounded down."""
        return int(quantity / self.lot)

    @property
    def last_price(self) -> Decimal:
        return self.price(self.last)

    @property
    def mark_price(self) -> Decimal:
        return self.price(self.mark)

    def print(self, price: int, lots: int) -> None:
        """A public trade becomes part of the forming bar."""
        bar = self.forming
        if bar.count == 0:
            bar.open = bar.high = bar.low = price
        elif price > bar.high:
            bar.high = price
        elif price < bar.low:
            bar.low = price
        bar.close = price
        bar.lots += lots
        bar.value += price * lots
        bar.count += 1

    def change_status(self, status: str) -> None:
        self.spec = replace(self.spec, status=status)

    def change_filters(self, changes: dict[str, Decimal | int]) -> SymbolSpec:
        self.spec = replace(self.spec, filters=replace(self.spec.filters, **changes))  # type: ignore[arg-type]
        return self.spec

    def next_settlement(self) -> tuple[int, Decimal] | None:
        """(time to the second, rate) of the next funding; None where there is no more."""
        if self.next_funding >= len(self.funding_times):
            return None
        stamp = int(self.funding_times[self.next_funding]) // 1000 * 1000
        return stamp, self.rate(self.next_funding)

    def rate(self, row: int) -> Decimal:
        return Decimal(repr(float(self.funding_rates[row])))

    def _prepare_book(self, row: int) -> None:
        bar = self.tape.bar(row)
        lots = bar.lots
        if lots == 0:
            return  # no trade tells how deep it is: as deep as before
        self.depth.liquidity(bar.open, max(lots * MINUTE_MS // self.tape.interval_ms, 1))


def _settlements(given: SymbolBars) -> tuple[Times, Floats]:
    """Stamps and rates of a perpetual's funding over its bars; none on spot."""
    if given.spec.market is Market.SPOT:
        return np.empty(0, np.int64), np.empty(0)
    if given.funding is not None:
        return given.funding.time, given.funding.rate
    spacing = DEFAULT_FUNDING_HOURS * HOUR_MS
    first, last = int(given.bars.open_time[0]), int(given.bars.open_time[-1])
    times = np.arange(-(-first // spacing) * spacing, last + spacing, spacing, dtype=np.int64)
    return times, np.full(len(times), float(DEFAULT_FUNDING_RATE))
