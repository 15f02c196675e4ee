"""One activation on the clock: its program, the bars at hand, what they say, and how far it is."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np

from tradepulse.domain.bars import BarSeries, Floats, Times
from tradepulse.domain.errors import FailedError
from tradepulse.execution.account import Position
from tradepulse.execution.events import SignalRow
from tradepulse.execution.exchange import Stretch
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES, Flags, SignalBlock
from tradepulse.signals.program import Program
from tradepulse.simulation.inputs import NO_FEED, NO_FLOATS, NO_TIMES, Feed, frozen, kernel_bars
from tradepulse.simulation.market_inputs import align_mark
from tradepulse.simulation.rules import Rules

_NEVER = 1 << 62


@dataclass(frozen=True, eq=False)
class Around:
    """What a perpetual's or a finely resolved run reads besides its bars, over the whole run.

    `funding_time` (ms, floored to the second) and `funding_rate`; `detail`: finer bars; `mark`:
    mark prices at the bars' open times.
    """

    funding_time: Times = field(default_factory=lambda: NO_TIMES)
    funding_rate: Floats = field(default_factory=lambda: NO_FLOATS)
    detail: BarSeries | None = None
    mark: BarSeries | None = None


@dataclass(eq=False)
class Lane:
    """The moving parts of one activation. Rows count within the stretch at hand."""

    activation_id: str
    pair: str
    rules: Rules
    program: Program
    around: Around = field(default_factory=Around)
    bars: BarSeries | None = None
    first_index: int = 0
    row: int = 0
    last_bar: int | None = None
    _signals: SignalBlock | None = None
    _closes_at: list[int] = field(default_factory=list)
    _enter: list[int] = field(default_factory=list)
    _leave: dict[int, list[int]] = field(default_factory=dict)
    # Entry flags of the bar before the stretch at hand, and of its last bar.
    _flags_before: tuple[bool, bool] = (False, False)
    _flags_last: tuple[bool, bool] = (False, False)

    @property
    def interval_ms(self) -> int:
        return self.program.interval_ms

    def __len__(self) -> int:
        return 0 if self.bars is None else len(self.bars)

    def take(self, bars: BarSeries, signals: SignalBlock | None = None) -> Stretch:
        """The next bars, which follow those taken before, as the exchange wants them.

        `signals` are worked out here unless they are given (a portfolio of ready-made signals).
        """
        self.first_index += len(self)
        self.bars, self.row = bars, 0
        self._signals = self.program.advance(bars) if signals is None else signals
        self._closes_at = (bars.open_time + bars.interval_ms).tolist()
        self._index_flags(self._signals)
        return Stretch(
            kernel_bars(bars, _aligned(self.around.mark, bars)), self._feed(bars), self.first_index
        )

    def stretch(self) -> BarSeries:
        """The bars at hand. Error `no_bars_loaded` before the first `take`."""
        if self.bars is None:
            raise FailedError("no_bars_loaded", "the lane has taken no bars yet")
        return self.bars

    def close_time(self, row: int) -> int:
        """When bar `row` closes, UTC ms."""
        return self._closes_at[row]

    def next_entry(self, row: int) -> int:
        """The first row from `row` on that may enter; a row beyond the stretch if none."""
        return _next(self._enter, row)

    def next_word(self, row: int, held: Position) -> int:
        """The first row from `row` on whose signals, or whose time stop, concern the open
        position."""
        found = _next(self._leave[held.side], row)
        if not math.isnan(held.max_bars):
            last = held.entry_index + math.ceil(held.max_bars) - 1 - self.first_index
            found = min(found, max(last, row))
        return found

    def signals_at(self, row: int) -> SignalRow:
        """What the graph said on bar `row`; levels only where it may enter."""
        block = self._block()
        long, short = bool(block.enter_long[row]), bool(block.enter_short[row])
        leave_long, leave_short = bool(block.exit_long[row]), bool(block.exit_short[row])
        if not (long or short):
            return SignalRow(False, leave_long, False, leave_short)
        levels = {
            name: float(column[row])
            for name in LEVEL_NAMES
            if (column := getattr(block, name)) is not None
        }
        tag = block.tag if block.tag is None or isinstance(block.tag, str) else block.tag[row]
        was_long, was_short = self._flags_before
        if row:
            was_long, was_short = bool(block.enter_long[row - 1]), bool(block.enter_short[row - 1])
        return SignalRow(
            long, leave_long, short, leave_short, tag=tag,
            rising_long=not was_long, rising_short=not was_short, **levels,
        )  # fmt: skip

    def _block(self) -> SignalBlock:
        if self._signals is None:
            raise FailedError("no_bars_loaded", "the lane has taken no bars yet")
        return self._signals

    def _index_flags(self, block: SignalBlock) -> None:
        """Rows that may matter, by what is held: looked up instead of looked at, bar by bar."""
        self._flags_before = self._flags_last
        if len(block) == 1 and not any(getattr(block, name)[0] for name in FLAG_NAMES):
            # Most live bars: nothing is said.
            self._enter, self._leave, self._flags_last = [], {1: [], -1: []}, (False, False)
            return
        long, short = block.enter_long, block.enter_short
        shorts = bool(self.rules.allow_short and self.rules.is_perpetual)
        self._enter = np.flatnonzero(long | short if shorts else long).tolist()
        rises_long = _rising(long, self._flags_before[0])
        leave_long = block.exit_long | rises_long
        leave_short = block.exit_short | long
        if shorts:
            leave_long = leave_long | short
            leave_short = leave_short | _rising(short, self._flags_before[1])
        self._leave = {
            1: np.flatnonzero(leave_long).tolist(), -1: np.flatnonzero(leave_short).tolist()
        }  # fmt: skip
        if len(block):
            self._flags_last = bool(long[-1]), bool(short[-1])

    def _feed(self, bars: BarSeries) -> Feed:
        around, feed = self.around, NO_FEED
        if len(around.funding_time):
            start = (
                self.last_bar + bars.interval_ms if self.last_bar is not None else bars.open_time[0]
            )
            low, high = np.searchsorted(
                around.funding_time, [start, bars.open_time[-1] + bars.interval_ms]
            )
            feed = feed._replace(
                funding_time=around.funding_time[low:high],
                funding_rate=around.funding_rate[low:high],
            )
        if around.detail is not None:
            fine = around.detail
            feed = feed._replace(
                detail_time=frozen(fine.open_time, np.int64),
                detail_open=frozen(fine.open, np.float64),
                detail_high=frozen(fine.high, np.float64),
                detail_low=frozen(fine.low, np.float64),
                detail_volume=frozen(fine.volume, np.float64),
            )
        self.last_bar = int(bars.open_time[-1])
        return feed


def _aligned(mark: BarSeries | None, bars: BarSeries) -> BarSeries | None:
    return None if mark is None else align_mark(bars, mark)


def _rising(flags: Flags, before: bool) -> Flags:
    """1 where a flag is set that was not set on the bar before."""
    rises = flags.copy()
    rises[1:] &= flags[:-1] ^ 1
    if before and len(rises):
        rises[0] = 0
    return rises


def _next(rows: list[int], row: int) -> int:
    place = bisect_left(rows, row)
    return rows[place] if place < len(rows) else _NEVER
