"""One followed source: what closes its bars, where they are kept, and what is due."""

from __future__ import annotations

from dataclasses import dataclass, field

from tradepulse.domain.interval import Interval
from tradepulse.engine.ports import Source
from tradepulse.exchanges.bar_buckets import BucketFolder
from tradepulse.exchanges.bar_closing import Bar, BarCloser, Span
from tradepulse.exchanges.feed_memory import BarMemory
from tradepulse.exchanges.feed_reports import FeedPace
from tradepulse.exchanges.kept_bars import KeptBars


@dataclass(eq=False)
class LiveSeries:
    """The state of one source. It belongs to the exchange loop; `memory`, `last_bar` and the
    figures may be read from any thread.

    `last_bar` is the open time of the newest bar that was given out, or of the newest kept one when
    the feed began. `streamed`: a socket tells it; else it is folded from another or asked for.
    """

    source: Source
    symbol: str
    kept: KeptBars
    closer: BarCloser
    memory: BarMemory
    streamed: bool
    last_bar: int
    folds: list[tuple[BucketFolder, LiveSeries]] = field(default_factory=list)
    outbox: list[Bar] = field(default_factory=list)
    publishing: bool = False
    last_message_ms: int | None = None
    back_filled: int = 0
    asked: frozenset[Span] = frozenset()
    # What is due by REST: since when, how often it was asked for, and when it may be asked again.
    due_since: float | None = None
    asking: bool = False
    tries: int = 0
    ask_again_at: float = 0.0

    @property
    def interval(self) -> Interval:
        return self.closer.interval

    def due(self, market_ms: int, now_s: float, wait_s: float) -> Span | None:
        """What REST is to be asked now: bars that are over and that nobody told within `wait_s`."""
        span = self.closer.wants(market_ms)
        if span is None:
            self.due_since, self.tries = None, 0
            return None
        if self.due_since is None:
            self.due_since = now_s
        if self.asking or now_s < max(self.due_since + wait_s, self.ask_again_at):
            return None
        return span

    def answered(self, moved: int, now_s: float, pace: FeedPace) -> None:
        """Notes an answer that closed `moved` bars; none makes the next question wait longer."""
        self.tries = 0 if moved else self.tries + 1
        pause = min(pace.retry_s * 2 ** max(self.tries - 1, 0), pace.longest_retry_s)
        self.ask_again_at = now_s if moved else now_s + pause
        self.back_filled += moved

    def late_ms(self, market_ms: int) -> int:
        """Market time since the bar after `last_bar` should have closed; 0 before."""
        return max(market_ms - (self.last_bar + 2 * self.interval.ms), 0)
