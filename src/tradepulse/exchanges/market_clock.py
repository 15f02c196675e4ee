"""What time it is at the venue.

A real venue's clock is ours plus a small offset. A sandbox replays old bars, perhaps a minute a
second: its time is far from ours and runs at another speed, which two looks at it show.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import NamedTuple

# Further from our clock than this, it is a replay and no wrong clock.
REPLAY_GAP_MS = 3_600_000
# A replay may stop at any moment: without news, its time is not carried further than this.
_CARRY_MS = 15_000
_STRAIGHT = 0.02
_REFUSALS_OF_ONE_TIME_MS = 1_000


class _Line(NamedTuple):
    """Market time `market` at our monotonic time `at_ms`, passing `rate` times as fast."""

    market: float
    at_ms: float
    rate: float
    live: bool


def _mono_ms() -> float:
    return time.monotonic() * 1000


def _wall_ms() -> float:
    return time.time() * 1000


class MarketClock:
    """The venue's time from samples of it. Readable from any thread; never goes back but when a
    sample says so."""

    def __init__(
        self, mono_ms: Callable[[], float] = _mono_ms, wall_ms: Callable[[], float] = _wall_ms
    ) -> None:
        self._mono, self._wall = mono_ms, wall_ms
        self._line = _Line(wall_ms(), mono_ms(), 1.0, live=True)
        self._sampled: tuple[float, float] | None = None
        self._signs_by_market = False
        self._refused_at = -math.inf

    def now(self) -> int:
        """The market time, UTC ms."""
        line = self._line
        passed = self._mono() - line.at_ms
        if not line.live:
            passed = min(passed, _CARRY_MS)
        return int(line.market + passed * line.rate)

    def observe(self, market_ms: float, asked_ms: float, answered_ms: float) -> None:
        """Takes a look at the venue's clock: what it said, and our monotonic time when we asked and
        when the answer came."""
        at = (asked_ms + answered_ms) / 2
        live = abs(market_ms - self._wall_at(at)) < REPLAY_GAP_MS
        rate = 1.0
        if not live and self._sampled is not None and at - self._sampled[1] > 100:
            rate = max((market_ms - self._sampled[0]) / (at - self._sampled[1]), 0.0)
            rate = 1.0 if abs(rate - 1.0) < _STRAIGHT else rate
        self._sampled = (market_ms, at)
        self._line = _Line(market_ms, at, rate, live)

    def hint(self, market_ms: float) -> None:
        """An event of the venue bears this time: it is not earlier there now."""
        line = self._line
        if not line.live and market_ms > self.now():
            self._line = line._replace(market=market_ms, at_ms=self._mono())

    def signing_ms(self) -> int:
        """The time to sign a request with: the venue's, but for a replay that keeps ours."""
        if self.is_live or self._signs_by_market:
            return self.now()
        return int(self._wall())

    def refused(self) -> None:
        """The venue would not take the time a request was signed with: use its other clock."""
        now = self._mono()
        # Several requests may have been signed before the first of them came back.
        if not self.is_live and now - self._refused_at > _REFUSALS_OF_ONE_TIME_MS:
            self._signs_by_market = not self._signs_by_market
            self._refused_at = now

    @property
    def is_live(self) -> bool:
        """Whether the venue's time is the world's."""
        return self._line.live

    @property
    def skew_ms(self) -> int:
        """How far our clock is ahead of the venue's; 0 for a replay, which has its own time."""
        line = self._line
        return int(self._wall_at(line.at_ms) - line.market) if line.live else 0

    @property
    def needs_second_look(self) -> bool:
        """Whether the speed of a replay is not known yet."""
        return not self._line.live and self._line.rate == 1.0

    def _wall_at(self, at_ms: float) -> float:
        return self._wall() - (self._mono() - at_ms)
