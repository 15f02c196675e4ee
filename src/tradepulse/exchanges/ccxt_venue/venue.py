"""`CcxtVenue`: one account at one venue, for an engine that runs on another thread.

Requests go to the loop's thread and are answered by reports; only what says so waits. Nothing that
places an order is ever sent twice.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from tradepulse.domain.connection import Connection, Credentials
from tradepulse.domain.errors import FailedError
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.exchanges.budget import Priority, errand
from tradepulse.exchanges.ccxt_venue.account_look import AccountLook
from tradepulse.exchanges.ccxt_venue.account_stream import AccountStream
from tradepulse.exchanges.ccxt_venue.clock_keeping import ClockKeeper
from tradepulse.exchanges.ccxt_venue.dialects import dialect_of, facts_of
from tradepulse.exchanges.ccxt_venue.listening import Listening
from tradepulse.exchanges.ccxt_venue.price_desk import PriceLink
from tradepulse.exchanges.ccxt_venue.price_stream import PriceBoard
from tradepulse.exchanges.ccxt_venue.reporter import Reporter
from tradepulse.exchanges.ccxt_venue.sending import Sending
from tradepulse.exchanges.ccxt_venue.terms_cache import TermsCache
from tradepulse.exchanges.ccxt_venue.waiting import wait_for
from tradepulse.exchanges.client import RECV_WINDOW_MS, load_client_code, open_client
from tradepulse.exchanges.dialect import Dialect
from tradepulse.exchanges.errors import OutcomeKind, translate
from tradepulse.exchanges.health import ConnectionHealth
from tradepulse.exchanges.loop import IoLoop
from tradepulse.exchanges.market_clock import MarketClock
from tradepulse.exchanges.market_shelf import learn_markets
from tradepulse.exchanges.venue_settings import VenueSettings
from tradepulse.execution.orders import Order
from tradepulse.execution.venue import (
    AccountSnapshot,
    Disconnected,
    NotSent,
    Reconnected,
    VenueReport,
)  # fmt: skip
from tradepulse.risk import Approved

T = TypeVar("T")
_LOG = logging.getLogger(__name__)
# A request may be a second ahead of the venue's clock, and another on its way.
_IN_FLIGHT_MARGIN_MS = 2_000
_PRICES_WITHIN_S = 3.0
# The two questions of a snapshot may each wait so long for their turn, and stay within `wait_s`: an
# account that was not read for want of room is no venue that does not answer.
_SNAPSHOT_WAIT_MS = 6_000
# Fills are asked for from a little before the fall: what was lost was lost before it was noticed.
_OVERLAP_MS = 120_000


class CcxtVenue:
    """The `Venue` port over ccxt.pro, which making the first one imports.

    `on_news` is called, on the loop's thread, when `reports` has something to give; it must not
    wait. All methods are for one engine thread but `now`, `health` and `close`, which are for any.
    """

    def __init__(
        self,
        connection: Connection,
        credentials: Credentials,
        loop: IoLoop,
        *,
        on_news: Callable[[], None] | None = None,
        settings: VenueSettings | None = None,
    ) -> None:
        load_client_code(connection.exchange)
        self.connection = connection
        self.on_news = on_news
        self._credentials, self._loop = credentials, loop
        self._settings = settings or VenueSettings()
        self._facts = facts_of(connection.exchange, connection.market)
        self._clock = MarketClock()
        self._news: deque[VenueReport] = deque()
        self._board = PriceBoard()
        self._pairs: dict[str, None] = {}
        self._works: _Works | None = None
        self._opening: asyncio.Lock | None = None
        self._closed = False
        self._price_news_due = False
        self._down_since: int | None = None

    # --- the Venue port ---------------------------------------------------------------------------
    @property
    def in_flight_ms(self) -> int:
        """Wall-clock milliseconds after which the venue refuses a request as too old."""
        return RECV_WINDOW_MS + _IN_FLIGHT_MARGIN_MS

    def now(self) -> int:
        """The venue's market time, UTC ms."""
        return self._clock.now()

    def prepare(self, pair: str, leverage: float) -> None:
        """Makes the instrument ready; see the port."""
        self._wait(self._prepare(pair, leverage), f"preparing {pair}")

    def terms(self, pair: str) -> MarketTerms:
        """The instrument's filters and fees; see the port. Waits the first time."""
        works = self._works
        kept = None if works is None else works.terms.kept(pair)
        if kept is not None:
            return kept
        return self._wait(self._terms(pair), f"asking for the terms of {pair}")

    def place(self, approved: Approved[Order]) -> None:
        """Sends one order; see the port."""
        order = approved.order
        self._ask(order.pair, lambda works: works.sending.place(order), order)

    def place_pair(self, stop: Approved[Order], target: Approved[Order]) -> None:
        """Sends both as one group; see the port."""
        legs = stop.order, target.order
        self._ask(legs[0].pair, lambda works: works.sending.place_pair(*legs), *legs)

    def cancel(self, order: Order) -> None:
        """Asks for the rest of the order not to fill; see the port."""
        self._ask(order.pair, lambda works: works.sending.cancel(order))

    def look_up(self, order: Order) -> None:
        """Asks what became of an order; see the port."""
        self._ask(order.pair, lambda works: works.sending.look_up(order))

    def reports(self) -> Sequence[VenueReport]:
        """What was learned since the last call; prices last."""
        found: list[VenueReport] = []
        while self._news:
            found.append(self._news.popleft())
        found += [p for p in self._board.take() if p.pair in self._pairs]
        return found

    def snapshot(self, pairs: Sequence[str], since_ms: int) -> AccountSnapshot:
        """The account as REST tells it now; see the port."""
        return self._wait(self._snapshot(list(pairs), since_ms), "asking for the account")

    # --- beside the port --------------------------------------------------------------------------
    def health(self) -> ConnectionHealth:
        """How the connection is doing. For any thread."""
        works = self._works
        if works is None:
            return ConnectionHealth(False, None, None, 0, 0, 0, 0, 0, None)
        client, stream = works.client, works.stream
        quiet = client.budget.quiet_ms()
        return ConnectionHealth(
            connected=stream.up.is_set(),
            latency_ms=client.latency_ms(),
            last_message_ms=max(
                (
                    heard
                    for heard in (client.last_message_ms, works.prices.last_message_ms)
                    if heard is not None
                ),
                default=None,
            ),
            reconnects=max(stream.times_up - 1, 0),
            weight_used=client.budget.weight_used(),
            weight_limit=client.budget.limits.weight_1m,
            orders_10s=client.budget.orders_10s(client.apiKey or ""),
            clock_skew_ms=self._clock.skew_ms,
            banned_until=int(time.time() * 1000) + quiet if quiet else None,
            last_fault=stream.last_fault,
        )

    @property
    def clock_skew_ms(self) -> int:
        """How far our clock is ahead of the venue's. For any thread."""
        return self._clock.skew_ms

    def close(self, timeout_s: float = 5.0) -> None:
        """Ends streams and sockets. What has not left is reported as not sent; what has is given
        half the time to be answered. Orders at the venue stay. Twice is once."""
        if self._closed:
            return
        self._closed = True
        try:
            self._loop.run(self._close(timeout_s / 2), timeout_s)
        except TimeoutError:
            _LOG.warning("the connection %s did not close in time", self.connection.name)

    # --- on the loop ------------------------------------------------------------------------------
    async def _ready(self) -> _Works:
        if self._closed:
            raise FailedError("venue_closed", "the connection has been closed")
        if self._opening is None:
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._works is None:
                self._works = await self._open()
        return self._works

    async def _open(self) -> _Works:
        of = self.connection
        client = open_client(of.exchange, of.market, of.mode, of.base_url, self._credentials)
        client.signing_clock = self._clock.signing_ms
        dialect = dialect_of(of.exchange, of.market, client, self._settings, self._price_of,
                             self._clock.now)  # fmt: skip
        works = _Works(self, client, dialect)
        try:
            with errand(Priority.LOOK):
                await learn_markets(client)
                await works.prices.join(of, self._settings)
            await works.clock.start()
            client.add_tap(works.tap)
            works.stream.start()
            async with asyncio.timeout(self._settings.wait_s):
                await works.stream.opened(self._is_hopeless)
        except BaseException as error:
            await works.stop(0.0)
            why = works.stream.last_error
            if isinstance(error, TimeoutError) and why is not None:
                raise why from error
            raise
        return works

    def _is_hopeless(self, error: Exception) -> bool:
        outcome = translate(error, places=False, facts=self._facts)
        return outcome.kind is OutcomeKind.REJECTED

    async def _prepare(self, pair: str, leverage: float) -> None:
        works = await self._ready()
        with errand(Priority.LOOK):
            terms = await works.terms.of(pair)
            if leverage > float(terms.max_leverage):
                raise FailedError(
                    "leverage_tier", f"{pair} is not levered that high",
                    expected=f"at most {terms.max_leverage}", found=f"{leverage:g}",
                )  # fmt: skip
            await works.dialect.prepare(pair, leverage)
        if not self._pairs:
            await self._follow_fee_currency(works, pair)
        self._pairs[pair] = None
        await works.prices.start(pair)
        if not await works.prices.flowing(pair, _PRICES_WITHIN_S):
            _LOG.warning("no prices of %s flow yet", pair)

    async def _follow_fee_currency(self, works: _Works, pair: str) -> None:
        """Fees may be taken in a coin of the venue's own; its price is needed then."""
        quote = works.client.market(pair)["quote"]
        with errand(Priority.LOOK):
            held = {balance.currency for balance in await works.dialect.balances()}
        for coin in held & {"BNB"}:
            side = next((p for p in works.client.markets
                         if p in (f"{coin}/{quote}", f"{coin}/{quote}:{quote}")), None)  # fmt: skip
            if side is not None:
                await works.prices.start(side)

    async def _terms(self, pair: str) -> MarketTerms:
        return await (await self._ready()).terms.of(pair)

    async def _snapshot(self, pairs: list[str], since_ms: int) -> AccountSnapshot:
        works = await self._ready()
        with errand(Priority.RECONCILE, _SNAPSHOT_WAIT_MS):
            return await works.look.snapshot(pairs, since_ms)

    async def _close(self, patience_s: float) -> None:
        works, self._works = self._works, None
        if works is not None:
            await works.stop(patience_s)

    # --- news -------------------------------------------------------------------------------------
    def report(self, news: VenueReport) -> None:
        """Queues a report. On the loop's thread."""
        if self._works is not None:
            self._works.look.hear(news)
        self._news.append(news)
        self._wake()

    def price_news(self) -> None:
        """A price came: the engine is woken for it at most every few hundredths of a second."""
        if not self._price_news_due:
            self._price_news_due = True
            self._loop.loop.call_later(self._settings.price_news_ms / 1000, self._tell_prices)

    async def went_up(self, *, again: bool) -> None:
        """Account updates flow."""
        works = self._works
        if not again or works is None:
            return
        since = (self._down_since or self.now()) - _OVERLAP_MS
        try:
            async with asyncio.timeout(self._settings.wait_s):
                await works.listening.catch_up(list(self._pairs), since)
        except Exception as error:  # noqa: BLE001 - the engine asks for the whole account anyway
            _LOG.warning("what was missed could not be asked for: %s", error)
        self.report(Reconnected(self.now()))

    def went_down(self, reason: str) -> None:
        """Account updates do not flow any more."""
        self._down_since = self.now()
        if self._works is not None:
            self._works.look.fell()
        self.report(Disconnected(reason, self._down_since))

    # --- inside -----------------------------------------------------------------------------------
    def _tell_prices(self) -> None:
        self._price_news_due = False
        self._wake()

    def _wake(self) -> None:
        wake = self.on_news
        if wake is not None:
            try:
                wake()
            except Exception:  # noqa: BLE001 - written down; see below
                # The listener's trouble is not the socket's, in whose frame this may well run.
                _LOG.exception("the listener for news failed")

    def _price_of(self, pair: str) -> float:
        seen = self._board.last(pair) or self._board.last(f"{pair}:{pair.partition('/')[2]}")
        return math.nan if seen is None else seen.price

    def _ask(self, pair: str, what: Callable[[_Works], None], *placed: Order) -> None:
        if self._closed:
            raise FailedError("venue_closed", "the connection has been closed")
        if self._works is None:
            raise FailedError("venue_not_ready", "`prepare` or `snapshot` comes before any request")
        self._loop.call(self._do, pair, what, placed)

    def _do(self, pair: str, what: Callable[[_Works], None], placed: tuple[Order, ...]) -> None:
        if self._works is not None:
            self._works.look.touched(pair)
            what(self._works)
            return
        for order in placed:  # closed between the call and its turn
            self.report(NotSent(order.client_order_id, "unavailable", "shutting down", 0,
                                self.now()))  # fmt: skip

    def _wait(self, work: Coroutine[Any, Any, T], doing: str) -> T:
        if self._closed:
            work.close()
            raise FailedError("venue_closed", "the connection has been closed")
        limit = self._settings.wait_s
        return wait_for(self._loop, work, limit, doing=doing, facts=self._facts)


class _Works:
    """The parts of an open connection, on the loop's thread."""

    def __init__(self, venue: CcxtVenue, client: Any, dialect: Dialect) -> None:
        settings, clock = venue._settings, venue._clock
        self.client, self.dialect = client, dialect
        self._market_clock = clock
        self.clock = ClockKeeper(dialect, clock, settings)
        client.clock_refused = self.clock.refused
        self.reporter = Reporter(venue.report, clock.now)
        self.terms = TermsCache(client, clock.now, settings.terms_age_ms)
        self.stream = AccountStream(
            client, dialect, settings, lambda again: venue.went_up(again=again), venue.went_down
        )
        self.look = AccountLook(dialect, venue.connection.market, clock.now)
        self.listening = Listening(
            dialect, self.reporter, self.look, settings, self.stream.drop, self._settled,
            self.stream.up.is_set,
        )  # fmt: skip
        self.prices = PriceLink(venue._board, self._priced)
        self._price_news = venue.price_news
        self.sending = Sending(
            client, dialect, self.reporter, venue.report, self.terms.of, venue._price_of,
            venue._facts, settings, clock.now, self.listening.expect,
        )  # fmt: skip

    def _settled(self, client_order_id: str, pair: str) -> None:
        self.sending.settled(client_order_id, pair)

    def _priced(self, market_ms: int) -> None:
        self._market_clock.hint(market_ms)
        self._price_news()

    def tap(self, _socket: Any, message: Any) -> bool:
        """Every frame, before ccxt sees it; whether it was one of the account, for us alone."""
        stamp = self.dialect.event_time(message)
        if stamp is not None:
            self._market_clock.hint(stamp)
        return self.listening.hear(message)

    async def stop(self, patience_s: float) -> None:
        """Ends everything, requests first."""
        await self.sending.stop(patience_s)
        await self.listening.stop()
        await self.prices.leave()
        await self.stream.stop()
        await self.clock.stop()
        await self.client.close()
