"""Stored bars as a feed: history first, then whatever is imported while the engine runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import NotFoundError
from tradepulse.domain.funding import FundingSeries
from tradepulse.domain.interval import DAY_MS, Interval
from tradepulse.engine.ports import Source
from tradepulse.marketdata.store import BarStore

# The first look for the newest bars; widened until enough are found.
_LOOK_BACK_BARS = 512


class StoredBars:
    """The `BarFeed` port over a `BarStore`.

    `bars_per_second` paces every source by itself, as if its bars were closing now; None gives them
    as fast as they are asked for. A reading is kept until all of it has been given out.
    """

    def __init__(
        self,
        store: BarStore,
        bars_per_second: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._pace = bars_per_second
        self._monotonic = monotonic
        self._ahead: dict[Source, tuple[int, BarSeries]] = {}
        self._given: dict[Source, tuple[float, int]] = {}
        self._news = threading.Event()

    def closed_bars(self, source: Source, after_ms: int | None, limit: int) -> BarSeries:
        """At most `limit` bars that open after `after_ms`, as many as the pace allows by now."""
        limit = min(limit, self._allowed(source))
        start = None if after_ms is None else after_ms + 1
        given = self._from(source, start).slice(0, limit)
        if self._pace is not None and len(given):
            began, count = self._given[source]
            self._given[source] = began, count + len(given)
        return given

    def history(self, source: Source, start_ms: int, end_ms: int) -> BarSeries:
        """All bars that open in [start_ms, end_ms), whatever the pace."""
        return self._store.read(*source, start_ms=start_ms, end_ms=end_ms)

    def newest(self, source: Source, count: int) -> BarSeries:
        """The last `count` bars, fewer if there are fewer."""
        length = Interval.parse(source.interval).ms
        last = self._last_time(source)
        if last is None:
            return empty_bars(length)
        back = max(count, _LOOK_BACK_BARS) * length
        while True:
            found = self._store.read(*source, start_ms=last - back)
            if len(found) >= count or back > last:
                return found.slice(max(len(found) - count, 0), len(found))
            back *= 4

    def funding(self, source: Source, start_ms: int) -> FundingSeries:
        """Settlements from `start_ms` on."""
        return self._store.read_funding(source.exchange, source.pair, start_ms=start_ms)

    def wait(self, seconds: float) -> None:
        """Until `wake`, or after `seconds`."""
        self._news.wait(seconds)
        self._news.clear()

    def wake(self) -> None:
        """New bars were imported, or somebody wants the engine's attention."""
        self._news.set()

    def _from(self, source: Source, start: int | None) -> BarSeries:
        """The bars from `start` on. Several activations read one source, each at its own place: a
        reading serves all that begin inside it."""
        wanted = 0 if start is None else start
        began, ahead = self._ahead.get(source, (wanted, None))
        rest = None if ahead is None or wanted < began else ahead.between(wanted, None)
        if rest is None or len(rest) == 0:
            rest = self._store.read(*source, start_ms=start)
            self._ahead[source] = wanted, rest
        return rest

    def _allowed(self, source: Source) -> int:
        if self._pace is None:
            return 1 << 40
        began, count = self._given.setdefault(source, (self._monotonic(), 0))
        return max(int((self._monotonic() - began) * self._pace) + 1 - count, 0)

    def _last_time(self, source: Source) -> int | None:
        """Open time of the newest kept bar that bars of `source` are, or can be made of."""
        length = Interval.parse(source.interval).ms
        lasts = [
            kept.last for kept in self._store.series()
            if (kept.exchange, kept.pair) == (source.exchange, source.pair)
            and length % Interval.parse(kept.interval).ms == 0
        ]  # fmt: skip
        return max(lasts, default=None)


class GivenBars:
    """The `BarFeed` port over one series in memory: a replay of exactly these bars."""

    def __init__(self, bars: BarSeries, funding: FundingSeries | None = None) -> None:
        self._bars = bars
        self._funding = funding

    def closed_bars(self, source: Source, after_ms: int | None, limit: int) -> BarSeries:  # noqa: ARG002
        """At most `limit` bars that open after `after_ms`."""
        start = 0 if after_ms is None else int(
            np.searchsorted(self._bars.open_time, after_ms, side="right")
        )  # fmt: skip
        return self._bars.slice(start, min(start + limit, len(self._bars)))

    def history(self, source: Source, start_ms: int, end_ms: int) -> BarSeries:  # noqa: ARG002
        """All bars that open in [start_ms, end_ms)."""
        return self._bars.between(start_ms, end_ms)

    def newest(self, source: Source, count: int) -> BarSeries:  # noqa: ARG002
        """The last `count` bars."""
        return self._bars.slice(max(len(self._bars) - count, 0), len(self._bars))

    def funding(self, source: Source, start_ms: int) -> FundingSeries:
        """Settlements from `start_ms` on. Error `funding_not_found` where none were given."""
        if self._funding is None:
            raise NotFoundError(
                "funding_not_found", f"no funding of {source.pair} was given",
                expected="the settlements of the perpetual", found="none",
            )  # fmt: skip
        return self._funding.between(start_ms, None)

    def wait(self, seconds: float) -> None:
        """Nothing more will come."""


def empty_bars(interval_ms: int) -> BarSeries:
    """No bars of that interval."""
    none = np.empty(0)
    return BarSeries(np.empty(0, np.int64), none, none, none, none, none, interval_ms)


# Funding is asked for from before the first bar: the stamp that covers it may lie a day back.
FUNDING_LOOK_BACK_MS = 2 * DAY_MS
