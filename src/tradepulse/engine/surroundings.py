"""What the risk desk asks of the market around it: how pairs move together, how quiet feeds are."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.interval import DAY_MS, HOUR_MS
from tradepulse.engine.ports import BarFeed, Source
from tradepulse.risk.clusters import DAYS, Clusters, cluster_pairs, hourly_returns

log = logging.getLogger(__name__)

_AGE_S = 6 * 3_600.0
_RETRY_S = 60.0
# Sets of pairs whose clusters are remembered: a set a wallet, and those of wallets that have grown.
_SETS_KEPT = 64


class ClusterWatch:
    """The clusters of wallets' pairs from 30 days of hourly bars, worked out beside the engines.

    Until they are known, and for pairs whose bars cannot be had, all pairs count as one cluster:
    too careful for a minute is better than five positions in the same bet. Wallets may share one:
    those with the same pairs have the same clusters, and ten that start together ask once. Another
    `threshold` is heeded by the next look.
    """

    def __init__(
        self, feed: BarFeed, exchange: str, market_now: Callable[[], int], threshold: float
    ) -> None:
        self._feed, self._exchange = feed, exchange
        self._market_now, self.threshold = market_now, threshold
        self._known: dict[tuple[str, ...], _Known] = {}
        self._thread: threading.Thread | None = None

    def current(self, pairs: Sequence[str]) -> Clusters:
        """The clusters as they are known now."""
        known = self._known.get(tuple(pairs))
        if known is None:
            known = self._known[tuple(pairs)] = _Known(Clusters(threshold=self.threshold))
            while len(self._known) > _SETS_KEPT:
                del self._known[next(iter(self._known))]
        busy = self._thread is not None and self._thread.is_alive()
        due = time.monotonic() >= known.next_look or known.clusters.threshold != self.threshold
        if pairs and not busy and due:
            known.next_look = time.monotonic() + _AGE_S
            self._thread = threading.Thread(
                target=self._work, args=(tuple(pairs), known), name="clusters", daemon=True
            )
            self._thread.start()
        return known.clusters

    def _work(self, pairs: tuple[str, ...], known: _Known) -> None:
        end = self._market_now()
        start = end - (DAYS + 1) * DAY_MS
        returns = {}
        for pair in pairs:
            try:
                bars = self._feed.history(Source(self._exchange, pair, "1h"), start, end)
            except TradePulseError as error:
                log.warning("no hourly bars of %s for its correlations: %s", pair, error)
                known.next_look = time.monotonic() + _RETRY_S
                continue
            returns[pair] = hourly_returns(bars, end)
        known.clusters = cluster_pairs(returns, self.threshold)


@dataclass
class _Known:
    """`next_look`: monotonic seconds."""

    clusters: Clusters
    next_look: float = 0.0


class FundingKeeper:
    """Has the settlement rates of perpetuals kept beside their bars: the venue books what is paid,
    but whoever compares with a backtest later needs the rates. Wallets may share one."""

    def __init__(self, feed: BarFeed) -> None:
        self._feed = feed
        self._asked: dict[Source, tuple[int, int]] = {}
        self._asking: set[Source] = set()
        self._lock = threading.Lock()

    def keep(self, source: Source, since_ms: int, market_ms: int) -> None:
        """Asks for the rates since then, once a market hour, from another thread; sooner for
        whoever wants older ones than were asked for. One question at a time: a venue that lets it
        wait is not asked by ever more threads."""
        hour = market_ms // HOUR_MS
        with self._lock:
            asked, oldest = self._asked.get(source, (hour, since_ms + 1))
            # Later, not other: wallets do not agree to the second on what hour it is.
            if source in self._asking or (hour <= asked and oldest <= since_ms):
                return
            self._asked[source] = max(hour, asked), min(oldest, since_ms)
            self._asking.add(source)
        threading.Thread(
            target=self._work, args=(source, since_ms), name="funding", daemon=True
        ).start()  # fmt: skip

    def _work(self, source: Source, since_ms: int) -> None:
        try:
            self._feed.funding(source, since_ms)
        except TradePulseError as error:
            log.warning("no funding rates of %s for now: %s", source.pair, error)
        finally:
            with self._lock:
                self._asking.discard(source)


class MinuteSeeds:
    """The minute bars of the last day, fetched beside the engines: what is usual on a market is
    known from the start. Where the venue has none it is learned from then on.

    Wallets may share one: who asks while a pair's bars are being fetched gets the same."""

    def __init__(self, feed: BarFeed, exchange: str, market_now: Callable[[], int]) -> None:
        self._feed, self._exchange, self._market_now = feed, exchange, market_now
        self._waiting: dict[str, list[Callable[[BarSeries], None]]] = {}
        self._lock = threading.Lock()

    def ask(self, pair: str, take: Callable[[BarSeries], None]) -> None:
        """Has `take` called with them, from another thread."""
        with self._lock:
            waiting = self._waiting.setdefault(pair, [])
            waiting.append(take)
            if len(waiting) > 1:
                return
        threading.Thread(target=self._work, args=(pair,), name="minutes", daemon=True).start()

    def _work(self, pair: str) -> None:
        now = self._market_now()
        bars: BarSeries | None = None
        try:
            bars = self._feed.history(Source(self._exchange, pair, "1m"), now - DAY_MS, now)
        except TradePulseError as error:
            log.warning("no minutes of %s before now: %s", pair, error)
        finally:
            with self._lock:
                waiting = self._waiting.pop(pair)
        if bars is not None:
            for take in waiting:
                take(bars)


@dataclass(frozen=True)
class MarketWatch:
    """What all wallets that trade at one exchange over one feed ask of it: asked once for all."""

    clusters: ClusterWatch
    minutes: MinuteSeeds
    funding: FundingKeeper

    @classmethod
    def over(
        cls, feed: BarFeed, exchange: str, market_now: Callable[[], int], threshold: float
    ) -> MarketWatch:
        """`threshold`: the correlation from which on pairs are one cluster."""
        return cls(
            ClusterWatch(feed, exchange, market_now, threshold),
            MinuteSeeds(feed, exchange, market_now), FundingKeeper(feed),
        )  # fmt: skip
