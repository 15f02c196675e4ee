"""The `BarFeed` port under simulated time: a bar is there a moment after its close, or late."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from simulated_venue.scenario import Dice, Scenario
from simulated_venue.sim_clock import SimClock
from simulated_venue.sim_market import MINUTE, START, PricePath, funding_series
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.funding import FundingSeries
from tradepulse.engine.ports import Source


class SimFeed:
    """Closed bars of every pair of the run. It outlives the engine, as a bar store does."""

    def __init__(
        self, scenario: Scenario, clock: SimClock, dice: Dice, paths: Sequence[PricePath]
    ) -> None:
        self._scenario = scenario
        self._clock = clock
        self._bars = {path.pair: path.bars for path in paths}
        self._shown = {path.pair: _shown_times(path.bars, dice) for path in paths}

    def closed_bars(self, source: Source, after_ms: int | None, limit: int) -> BarSeries:
        """At most `limit` bars that open after `after_ms`, of those there are by now."""
        given = self._known(source.pair).between(None if after_ms is None else after_ms + 1, None)
        return given.slice(0, min(limit, len(given)))

    def history(self, source: Source, start_ms: int, end_ms: int) -> BarSeries:
        """All bars there are that open in [start_ms, end_ms)."""
        return self._known(source.pair).between(start_ms, end_ms)

    def newest(self, source: Source, count: int) -> BarSeries:
        """The last `count` of them."""
        known = self._known(source.pair)
        return known.slice(max(len(known) - count, 0), len(known))

    def funding(self, source: Source, start_ms: int) -> FundingSeries:
        """Settlements stamped by now."""
        return funding_series(self._scenario, self._clock.now).between(start_ms, None)

    def wait(self, seconds: float) -> None:
        """Simulated time is moved by the world alone."""

    def _known(self, pair: str) -> BarSeries:
        return self._bars[pair].slice(0, bisect_right(self._shown[pair], self._clock.now))


def _shown_times(bars: BarSeries, dice: Dice) -> list[int]:
    """When each bar is first seen, never before the one before it."""
    shown, last = [], 0
    for opened in bars.open_time.tolist():
        at = opened + MINUTE
        if opened >= START:
            at += dice.between("feed", 30, 900)
            if dice.strikes("late_bar"):
                at += dice.between("late_bar", 2_000, 90_000)
        last = max(last, at)
        shown.append(last)
    return shown
