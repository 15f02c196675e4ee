"""What the risk desk asks of the market around it: how pairs move together, how quiet feeds are."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.interval import DAY_MS, HOUR_MS
from tradepulse.engine.ports import BarFeed, Source
from tradepulse.risk.clusters import DAYS, Clusters, cluster_pairs, hourly_returns

log = logging.getLogger(__name__)

_AGE_S = 6 * 3_600.0
_RETRY_S = 60.0


class ClusterWatch:
    """The clusters of a wallet's pairs from 30 days of hourly bars, worked out beside the engine.

    Until they are known, and for pairs whose bars cannot be had, all pairs count as one cluster:
    too careful for a minute is better than five positions in the same bet.
    """

    def __init__(
        self, feed: BarFeed, exchange: str, market_now: Callable[[], int], threshold: float
    ) -> None:
        self._feed, self._exchange = feed, exchange
        self._market_now, self._threshold = market_now, threshold
        self._found = Clusters(threshold=threshold)
        self._pairs: tuple[str, ...] = ()
        self._next = 0.0
        self._thread: threading.Thread | None = None

    def current(self, pairs: Sequence[str]) -> Clusters:
        """The clusters as they are known now."""
        busy = self._thread is not None and self._thread.is_alive()
        due = tuple(pairs) != self._pairs or time.monotonic() >= self._next
        if due and not busy and pairs:
            self._pairs, self._next = tuple(pairs), time.monotonic() + _AGE_S
            self._thread = threading.Thread(target=self._work, name="clusters", daemon=True)
            self._thread.start()
        return self._found

    def _work(self) -> None:
        end = self._market_now()
        start = end - (DAYS + 1) * DAY_MS
        returns = {}
        for pair in self._pairs:
            try:
                bars = self._feed.history(Source(self._exchange, pair, "1h"), start, end)
            except TradePulseError as error:
                log.warning("no hourly bars of %s for its correlations: %s", pair, error)
                self._next = time.monotonic() + _RETRY_S
                continue
            returns[pair] = hourly_returns(bars, end)
        self._found = cluster_pairs(returns, self._threshold)


class FundingKeeper:
    """Has the settlement rates of perpetuals kept beside their bars: the venue books what is paid,
    but whoever compares with a backtest later needs the rates."""

    def __init__(self, feed: BarFeed) -> None:
        self._feed = feed
        self._asked: dict[Source, int] = {}

    def keep(self, source: Source, since_ms: int, market_ms: int) -> None:
        """Asks for the rates since then, once a market hour, from another thread."""
        hour = market_ms // HOUR_MS
        if self._asked.get(source) == hour:
            return
        self._asked[source] = hour
        threading.Thread(
            target=self._work, args=(source, since_ms), name="funding", daemon=True
        ).start()  # fmt: skip

    def _work(self, source: Source, since_ms: int) -> None:
        try:
            self._feed.funding(source, since_ms)
        except TradePulseError as error:
            log.warning("no funding rates of %s for now: %s", source.pair, error)


class MinuteSeeds:
    """The minute bars of the last day, fetched beside the engine: what is usual on a market is
    known from the start. Where the venue has none it is learned from then on."""

    def __init__(self, feed: BarFeed, exchange: str, market_now: Callable[[], int]) -> None:
        self._feed, self._exchange, self._market_now = feed, exchange, market_now

    def ask(self, pair: str, take: Callable[[BarSeries], None]) -> None:
        """Has `take` called with them, from another thread."""
        threading.Thread(
            target=self._work, args=(pair, take), name="minutes", daemon=True
        ).start()  # fmt: skip

    def _work(self, pair: str, take: Callable[[BarSeries], None]) -> None:
        now = self._market_now()
        try:
            take(self._feed.history(Source(self._exchange, pair, "1m"), now - DAY_MS, now))
        except TradePulseError as error:
            log.warning("no minutes of %s before now: %s", pair, error)
