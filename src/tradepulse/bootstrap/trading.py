"""What a process needs to trade at venues: feeds, accounts, and an engine for each wallet."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tradepulse.bootstrap.allocator import few_arenas
from tradepulse.bootstrap.live_board import LiveBoard
from tradepulse.domain.errors import RefusedError, TradePulseError
from tradepulse.domain.lifecycle import Feed, Mode
from tradepulse.engine.band_book import BandBook
from tradepulse.engine.kill_file import KillFile, KillRequest
from tradepulse.engine.spare_journal import SpareJournal
from tradepulse.engine.turns import Turns

if TYPE_CHECKING:
    from tradepulse.bootstrap import App
    from tradepulse.bootstrap.engine_report import EngineReporter
    from tradepulse.bootstrap.guard_watch import GuardWatch
    from tradepulse.bootstrap.readiness import Readiness
    from tradepulse.domain.connection import Connection
    from tradepulse.domain.instrument import Market
    from tradepulse.domain.risk_record import KillReceipt
    from tradepulse.engine.live import LiveEngine
    from tradepulse.engine.lock_book import LockBook
    from tradepulse.engine.ports import BarFeed, Running
    from tradepulse.engine.risk_desk import RiskDesk
    from tradepulse.engine.supervision import TradingEngineManager
    from tradepulse.engine.surroundings import MarketWatch
    from tradepulse.engine.wallet_worker import WalletEngine
    from tradepulse.exchanges.ccxt_venue import CcxtVenue
    from tradepulse.exchanges.feed_reports import FeedEvent
    from tradepulse.exchanges.live_feed import LiveFeed
    from tradepulse.exchanges.loop import IoLoop
    from tradepulse.risk.clusters import Clusters
    from tradepulse.storage.journal import DatabaseJournal

_log = logging.getLogger(__name__)

# Between two looks of a worker at a venue: news wakes it, this is for what time alone brings.
_POLL_S = 0.1
_GOLDEN = 0.6180339887498949


class TradingFloor:
    """Everything of one process that trades: one exchange thread, one feed an address, one venue a
    wallet. Close it, or use it as a context manager."""

    def __init__(self, app: App, bars_per_second: float | None = None) -> None:
        few_arenas()
        self.app = app
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self.replayed = app.feed(bars_per_second)
        self._io: IoLoop | None = None
        self._feeds: dict[tuple[Mode, str | None], LiveFeed] = {}
        self._watches: dict[tuple[LiveFeed, str], MarketWatch] = {}
        self._journal: DatabaseJournal | None = None
        self._spare = SpareJournal(app.home.path)
        self._bands = BandBook()
        self._venues: dict[str, tuple[Connection, CcxtVenue]] = {}
        self.board = LiveBoard(lambda: app.database, _now)
        self._places: dict[str, int] = {}
        self._turns = Turns()

    def __enter__(self) -> TradingFloor:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def journal(self) -> DatabaseJournal:
        """The ledger, written under this process's leases."""
        from tradepulse.storage.journal import DatabaseJournal

        if self._journal is None:
            self._journal = DatabaseJournal(self.app.database, self.owner)
        return self._journal

    def manager(self) -> TradingEngineManager:
        """A supervisor of this home's activations; not started yet. What a kill switch kept beside
        the ledger is in the ledger first."""
        from tradepulse.engine.supervision import TradingEngineManager
        from tradepulse.exchanges.paper import PaperExchange
        from tradepulse.storage.leasing import DatabaseLeases

        self._spare.bring_in(self.app.journal)
        leases = DatabaseLeases(self.app.database, self.owner, _now)
        return TradingEngineManager(
            self.journal, self.replayed, PaperExchange, poll_seconds=_POLL_S,
            settings=self.app.current.risk, locks=self._locks,
            elsewhere=self.engine, leases=leases, halted=self.kill_file.read() is not None,
        )  # fmt: skip

    def reporter(self, manager: TradingEngineManager) -> EngineReporter:
        """What writes down how this engine is doing; not started yet."""
        from tradepulse.bootstrap.engine_report import EngineReporter

        return EngineReporter(self, manager, _now)

    def venues(self) -> list[tuple[Connection, CcxtVenue]]:
        """The accounts that are open now."""
        return list(self._venues.values())

    def commit_times(self) -> dict[str, float | int | None]:
        """How long the last commits of the ledger took."""
        from tradepulse.bootstrap.engine_report import spread

        return spread([] if self._journal is None else list(self._journal.commit_s))

    def feed_ages(self) -> list[dict[str, Any]]:
        """What is followed and for how long nothing was heard of it, ms."""
        return [
            {"feed": str(_kind(base_url)), **source._asdict(),
             "silent_ms": feed.silence_ms(source.exchange, source.pair)}
            for (_, base_url), feed in list(self._feeds.items()) for source in feed.sources()
        ]  # fmt: skip

    def readiness(self, manager: TradingEngineManager) -> Readiness:
        """What keeps this process ready for the next close; not started yet."""
        from tradepulse.bootstrap.readiness import Readiness

        return Readiness(lambda: len(manager.running_here()))

    def guard(self, manager: TradingEngineManager) -> GuardWatch:
        """What looks after the live activations of this home; not started yet."""
        from tradepulse.bootstrap.guard_watch import GuardWatch
        from tradepulse.storage.guarding import Guard

        app = self.app
        guard = Guard(app.database, app.bars, app.current.risk(), self._bands, app.current.risk)
        return GuardWatch(app.database, guard, manager.reload_active_configurations, _now)

    @property
    def kill_file(self) -> KillFile:
        return KillFile(self.app.home.path)

    def kill(self, manager: TradingEngineManager, request: KillRequest) -> KillReceipt:
        """Obeys the kill switch; the receipt is in its file, and then in the database too, if that
        is there."""
        from tradepulse.bootstrap.killing import keep_receipt

        receipt = manager.halt(request, self._spare)
        self.kill_file.write_receipt(receipt)
        keep_receipt(self.app, receipt)
        return receipt

    def engine(self, run: Running, wake: Callable[[], None]) -> WalletEngine | None:
        """The engine of a wallet that trades over a live feed; None for replays."""
        from tradepulse.engine.trading import TradingEngine
        from tradepulse.exchanges.paper import PaperExchange
        from tradepulse.signals.jit import code_version

        if run.activation.feed is Feed.REPLAY:
            return None
        if run.wallet.mode is Mode.PAPER:
            feed = self.feed(Mode.LIVE, self._paper_address(run))
            feed.listen(wake)
            return TradingEngine(
                self.journal, feed, PaperExchange, clock=_now, code_version=code_version(),
                settings=self.app.current.risk,
                locks=self._locks(run.wallet.id), capital=float(run.wallet.balance),
            )  # fmt: skip
        return self._at_venue(run, wake)

    def feed(self, mode: Mode, base_url: str | None) -> LiveFeed:
        """The live feed of an address: the venues themselves, their test networks, a sandbox."""
        from tradepulse.exchanges.client import open_client
        from tradepulse.exchanges.live_feed import LiveFeed
        from tradepulse.exchanges.public_client import open_public, venue_name

        key = (mode, base_url)
        if key not in self._feeds:

            def open_venue(exchange: str, market: Market) -> Any:
                if mode is Mode.LIVE and base_url is None:
                    return open_public(exchange, market, self.app.settings.exchanges)
                return open_client(venue_name(exchange), market, mode, base_url)

            # On the disk before anybody sees them; the store itself follows a moment later.
            tails = self.app.home.path / "live" / ("venues" if base_url is None else "sandbox")
            self._feeds[key] = LiveFeed(
                self.app.bars, open_venue, self.io, on_event=self._note_feed, tails=tails
            )
            self.board.watch(_kind(base_url), self._feeds[key])
        return self._feeds[key]

    def _note_feed(self, event: FeedEvent) -> None:
        """What a feed has to tell, in the event log."""
        from tradepulse.domain.event import NewEvent

        told = {"exchange": event.exchange, "pair": event.pair, "time": event.time, **event.payload}
        entity = f"{event.exchange}:{event.pair or '*'}"
        try:
            with self.app.database.transaction() as tx:
                tx.events.append(NewEvent(_now(), event.type, "feed", entity, told))
        except TradePulseError as error:
            _log.warning("%s of %s could not be written down: %s", event.type, entity, error)

    def venue(self, connection: Connection, on_news: Callable[[], None] | None = None) -> CcxtVenue:
        """The account behind a connection. Errors: `secret_unreadable`, `connection_not_found`."""
        from tradepulse.exchanges.ccxt_venue import CcxtVenue
        from tradepulse.storage.connecting import open_credentials

        credentials = open_credentials(self.app.database, self.app.safe, connection.id)
        return CcxtVenue(connection, credentials, self.io, on_news=on_news)

    @property
    def io(self) -> IoLoop:
        """The thread of all sockets."""
        from tradepulse.exchanges.loop import IoLoop

        if self._io is None:
            self._io = IoLoop().start()
        return self._io

    def close(self) -> None:
        """Ends feeds and sockets."""
        for feed in self._feeds.values():
            feed.close()
        self._feeds.clear()
        self._watches.clear()
        if self._io is not None:
            self._io.stop()
            self._io = None

    def _at_venue(self, run: Running, wake: Callable[[], None]) -> LiveEngine:
        from tradepulse.engine.comparing import InBackground
        from tradepulse.engine.live import LiveEngine, LiveSettings
        from tradepulse.signals.jit import code_version

        connection = self._connection(run)
        feed = self.feed(connection.mode, connection.base_url)
        feed.listen(wake)
        venue = self.venue(connection, wake)
        settings = self.app.current.risk()

        self._venues[run.wallet.id] = connection, venue

        def closing() -> None:
            if self._venues.get(run.wallet.id, (None, None))[1] is venue:
                del self._venues[run.wallet.id]
            feed.unlisten(wake)
            venue.close()

        return LiveEngine(
            self.journal, feed, venue, clock=_now, code_version=code_version(),
            capital=float(run.wallet.balance),
            settings=LiveSettings(
                disaster_stop=settings.disaster_stop_pct / 100.0,
                reconcile_phase_ms=self._phase_of(run.wallet.id),
            ),
            risk=self._risk_desk(run, feed, venue),
            snapshots=InBackground(venue, wake), closing=closing,
            keep_funding=self._watch(feed, connection.exchange).funding.keep, turns=self._turns,
        )  # fmt: skip

    def _phase_of(self, wallet_id: str) -> int:
        """When in its minute a wallet is compared: steps of the golden ratio keep any number of
        them apart."""
        place = self._places.setdefault(wallet_id, len(self._places))
        return round(place * _GOLDEN % 1.0 * 60_000)

    def _risk_desk(self, run: Running, feed: LiveFeed, venue: CcxtVenue) -> RiskDesk:
        from tradepulse.engine.risk_desk import RiskDesk
        from tradepulse.storage.risk_ledger import DatabaseRiskLedger

        settings, current = self.app.current.risk(), self.app.current.risk
        exchange = run.configuration.exchange
        watch = self._watch(feed, exchange)

        def clusters(pairs: Sequence[str]) -> Clusters:
            watch.clusters.threshold = current().cluster_threshold
            return watch.clusters.current(pairs)

        return RiskDesk(
            run.wallet.id, float(run.wallet.balance), settings,
            DatabaseRiskLedger(self.app.database), _now,
            surroundings=_Around(feed, venue, exchange), clusters=clusters,
            minutes_of=watch.minutes.ask,
            bands=self._bands, current=current,
        )  # fmt: skip

    def _watch(self, feed: LiveFeed, exchange: str) -> MarketWatch:
        """What all wallets over one feed and exchange look at together."""
        from tradepulse.engine.surroundings import MarketWatch

        key = (feed, exchange)
        if key not in self._watches:
            threshold = self.app.settings.risk.cluster_threshold
            self._watches[key] = MarketWatch.over(feed, exchange, feed.market_now, threshold)
        return self._watches[key]

    def _locks(self, wallet_id: str) -> LockBook:
        from tradepulse.engine.lock_book import LockBook
        from tradepulse.storage.risk_ledger import DatabaseRiskLedger

        return LockBook(wallet_id, DatabaseRiskLedger(self.app.database), _now)

    def _paper_address(self, run: Running) -> str | None:
        """Where a paper wallet over a sandbox gets its bars: the sandbox of the settings, else that
        of a connection."""
        if run.activation.feed is not Feed.SANDBOX:
            return None
        own = self.app.base_url_of(run.configuration.exchange)
        if own is not None:
            return own
        with self.app.database.reading() as tx:
            known = tx.connections.page(limit=100).items
        return next((c.base_url for c in known if c.base_url is not None), None)

    def _connection(self, run: Running) -> Connection:
        name = run.wallet.connection_id
        if name is None:
            raise RefusedError(
                "wrong_wallet", f"wallet {run.wallet.name!r} has no connection to a venue",
                expected="a wallet of a connection", found="none",
            )  # fmt: skip
        with self.app.database.reading() as tx:
            return tx.connections.get(name)


@dataclass(frozen=True)
class _Around:
    """The `Surroundings` port over a feed and a venue."""

    feed: LiveFeed
    venue: CcxtVenue
    exchange: str

    def feed_silence_ms(self, pair: str) -> int | None:
        """For how long nothing was heard of the pair."""
        return self.feed.silence_ms(self.exchange, pair)

    def clock_skew_ms(self) -> float:
        """How far the venue's clock is from ours; 0 for one that lives in another time."""
        return float(self.venue.clock_skew_ms)


def _kind(base_url: str | None) -> Feed:
    return Feed.LIVE if base_url is None else Feed.SANDBOX


def _now() -> int:
    return time.time_ns() // 1_000_000


def live_bars(floor: TradingFloor) -> BarFeed:
    """The venues' own closed bars, for paper trading and forward tests."""
    return floor.feed(Mode.LIVE, None)
