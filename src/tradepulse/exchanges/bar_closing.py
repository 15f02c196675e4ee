"""When a bar is over: a pure state machine between a stream of half-made bars and a strategy.

A stream tells a bar while it is still being made, repeats it, loses the last word on it, tells it
late. What is emitted here is never a bar still being made: either the venue marked it as closed, or
REST told it at a time when it was over. Every bar is emitted once, oldest first, and none before
all bars before it are accounted for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tradepulse.domain.interval import Interval

# REST may lag the stream's own clock: a bar that nothing follows yet is believed only so long after
# its end. Shorter risks a close that misses its last trades.
SETTLE_MS = 2_000


class Bar(NamedTuple):
    """One bar of floats. `open_time` UTC ms; volume in base units."""

    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float


class Span(NamedTuple):
    """Open times in [start_ms, end_ms), both on the interval's grid."""

    start_ms: int
    end_ms: int


class Closed(NamedTuple):
    """What came of an update: bars to give out, and open times the venue has no bar for."""

    bars: tuple[Bar, ...] = ()
    absent: tuple[int, ...] = ()


NOTHING = Closed()


class BarCloser:
    """The bars of one instrument and interval, from the one after `accounted_ms` on.

    `accounted_ms` is the open time up to which every bar is either emitted or known not to exist.
    """

    def __init__(self, interval: Interval, accounted_ms: int, settle_ms: int = SETTLE_MS) -> None:
        self.interval = interval
        self.accounted_ms = interval.floor(accounted_ms)
        self._settle_ms = settle_ms
        self._newest = self.accounted_ms
        self._final: dict[int, Bar] = {}

    @property
    def next_ms(self) -> int:
        """Open time of the first bar that is not accounted for."""
        return self.accounted_ms + self.interval.ms

    def seen(self, bar: Bar, *, final: bool) -> Closed:
        """What the stream's word on a bar closes. `final`: the venue itself marked it as closed.

        Without that mark a bar is only evidence that the ones before it are over, and REST is asked
        for their values: the last word on them may have been lost.
        """
        if bar.open_time <= self.accounted_ms or not self._on_grid(bar.open_time):
            return NOTHING
        self._newest = max(self._newest, bar.open_time)
        if final:
            self._final[bar.open_time] = bar
        return self._emit(())

    def wants(self, now_ms: int) -> Span | None:
        """The bars that must be over at market time `now_ms` and that only REST can tell."""
        over = max(self._newest, self.interval.floor(now_ms))
        if self._final:
            over = max(over, max(self._final) + self.interval.ms)
        return Span(self.next_ms, over) if self.next_ms < over else None

    def answered(self, span: Span, bars: Sequence[Bar], now_ms: int) -> Closed:
        """What REST's answer for `span` closes; it was asked when market time was `now_ms` or
        later. Bars beyond the span may be in it: that one follows proves the ones before it over.
        """
        told = sorted({bar.open_time: bar for bar in bars if self._on_grid(bar.open_time)}.items())
        times = [time for time, _ in told]
        last = max(times, default=self.accounted_ms)
        for time, bar in told:
            if span.start_ms <= time < span.end_ms and self._is_over(time, last, now_ms):
                # REST has the last word: a mark that came out of order is not better than it.
                self._final[time] = bar
        begins = max(span.start_ms, self.next_ms)
        ends = min(span.end_ms, last)
        known = set(times)
        missing = [
            time for time in range(begins, ends, self.interval.ms)
            if time not in known and time not in self._final
        ]  # fmt: skip
        return self._emit(missing)

    def skip_to(self, accounted_ms: int) -> Closed:
        """What can be given once nothing up to `accounted_ms` is: those bars are kept already."""
        self.accounted_ms = max(self.accounted_ms, self.interval.floor(accounted_ms))
        self._newest = max(self._newest, self.accounted_ms)
        self._final = {t: bar for t, bar in self._final.items() if t > self.accounted_ms}
        return self._emit(())

    def _is_over(self, open_time: int, last_told: int, now_ms: int) -> bool:
        return open_time < last_told or now_ms >= open_time + self.interval.ms + self._settle_ms

    def _emit(self, missing: Iterable[int]) -> Closed:
        absent = set(missing)
        bars: list[Bar] = []
        holes: list[int] = []
        while True:
            following = self.next_ms
            if (bar := self._final.pop(following, None)) is not None:
                bars.append(bar)
            elif following in absent:
                holes.append(following)
            else:
                return Closed(tuple(bars), tuple(holes)) if bars or holes else NOTHING
            self.accounted_ms = following
            self._newest = max(self._newest, following)

    def _on_grid(self, open_time: int) -> bool:
        return self.interval.floor(open_time) == open_time
