"""Requests of the engine on their way: each sent once at most, its outcome reported whatever it is.

Runs on the loop's thread. What is not known to have failed is UNKNOWN; nothing here tries again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from tradepulse.domain.errors import TradePulseError
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.exchanges.budget import Priority, errand
from tradepulse.exchanges.ccxt_venue.lanes import Lane
from tradepulse.exchanges.ccxt_venue.reporter import Reporter
from tradepulse.exchanges.dialect import Dialect, Landed, Malformed
from tradepulse.exchanges.errors import ErrorFacts, Outcome, OutcomeKind, translate
from tradepulse.exchanges.venue_settings import VenueSettings
from tradepulse.execution.orders import Order, Role
from tradepulse.execution.venue import Missing, Seen, VenueReport

_LOG = logging.getLogger(__name__)
# What may wait for room in the rate budget, and for how long: an entry that comes late is worse
# than none, what protects a position is worth waiting for.
_ENTRY_WAIT_MS = 1_000
_PROTECT_WAIT_MS = 4_000
_LOOK_WAIT_MS = 2_000
_PASSING = ("exchange_unavailable", "rate_limited")
TermsOf = Callable[[str], Awaitable[MarketTerms]]
Done = Callable[[str], None]


class Sending:
    """Places, cancels and looks up, one lane a pair. `took` is told of every order that the venue
    is known to have taken by a request's own answer."""

    def __init__(
        self,
        client: Any,
        dialect: Dialect,
        reporter: Reporter,
        report: Callable[[VenueReport], None],
        terms: TermsOf,
        last_price: Callable[[str], float],
        facts: ErrorFacts,
        settings: VenueSettings,
        now: Callable[[], int],
        took: Callable[[Landed], None],
    ) -> None:
        self._client, self._dialect, self._reporter = client, dialect, reporter
        self._report, self._terms, self._last = report, terms, last_price
        self._facts, self._settings = facts, settings
        self._now, self._took = now, took
        self._lanes: dict[str, Lane] = {}
        self._pending: dict[str, list[Order]] = {}

    def place(self, order: Order) -> None:
        """Queues one order."""
        self._queue((order,), lambda: self._place((order,), self._one(order)))

    def place_pair(self, stop: Order, target: Order) -> None:
        """Queues both legs as one request."""
        legs = (stop, target)
        self._queue(legs, lambda: self._place(legs, self._both(stop, target)))

    def cancel(self, order: Order) -> None:
        """Queues a cancel."""
        name = f"cancel {order.client_order_id}"
        self._lane(order.pair).put(name, lambda: self._cancel(order))

    def look_up(self, order: Order) -> None:
        """Queues a look-up: after what was asked of the pair before."""
        name = f"look {order.client_order_id}"
        self._lane(order.pair).put(name, lambda: self._look_up(order))

    def settled(self, client_order_id: str, pair: str) -> None:
        """The account's stream has spoken of the order: what waits behind it may go."""
        lane = self._lanes.get(pair)
        if lane is not None:
            lane.release(client_order_id)

    async def stop(self, timeout_s: float) -> None:
        """Reports what has not left as not sent, and gives what has left a little time."""
        for lane in self._lanes.values():
            for name in lane.unsent():
                for order in self._pending.pop(name, []):
                    outcome = Outcome(OutcomeKind.UNAVAILABLE, "unavailable", "shutting down", 0)
                    self._reporter.failed(order.client_order_id, order.pair, outcome)
        under_way = [task for lane in self._lanes.values() for task in lane.under_way()]
        if under_way:
            await asyncio.wait(under_way, timeout=timeout_s)
        for lane in self._lanes.values():
            lane.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    # --- placing ----------------------------------------------------------------------------------
    def _one(self, order: Order) -> Callable[[MarketTerms, float], Awaitable[tuple[Landed, ...]]]:
        async def ask(terms: MarketTerms, last: float) -> tuple[Landed, ...]:
            return (await self._dialect.place(order, terms, last),)

        return ask

    def _both(
        self, stop: Order, target: Order
    ) -> Callable[[MarketTerms, float], Awaitable[tuple[Landed, ...]]]:
        async def ask(terms: MarketTerms, last: float) -> tuple[Landed, ...]:
            return await self._dialect.place_pair(stop, target, terms, last)

        return ask

    async def _place(
        self,
        orders: tuple[Order, ...],
        ask: Callable[[MarketTerms, float], Awaitable[tuple[Landed, ...]]],
    ) -> None:
        self._pending.pop(orders[0].client_order_id, None)
        left = False

        def leaves() -> None:
            nonlocal left
            if not left:
                left = True
                for order in orders:
                    self._reporter.sent(order.client_order_id, order.pair)

        entry = orders[0].role is Role.ENTRY
        priority = Priority.ENTRY if entry else Priority.PROTECT
        patience = _ENTRY_WAIT_MS if entry else _PROTECT_WAIT_MS
        try:
            terms = await self._terms(orders[0].pair)
            with errand(priority, patience, leaves):
                landed = await ask(terms, self._last(orders[0].pair))
        except asyncio.CancelledError as error:
            self._fail(orders, error, left=left)
            raise
        except Exception as error:  # noqa: BLE001 - each becomes a report; see `errors.translate`
            self._fail(orders, error, left=left)
        else:
            for one in landed:
                self._landed(one)

    def _landed(self, landed: Landed) -> None:
        for fill in landed.fills:
            self._reporter.fill(fill, owed=landed.order.filled)
        self._reporter.order(landed.order)
        self._took(landed)

    def _fail(self, orders: tuple[Order, ...], error: BaseException, *, left: bool) -> None:
        outcome = self._outcome(error, places=True, left=left)
        for order in orders:
            self._reporter.failed(order.client_order_id, order.pair, outcome)

    # --- cancelling, looking up -------------------------------------------------------------------
    async def _cancel(self, order: Order) -> None:
        try:
            with errand(Priority.PROTECT, _PROTECT_WAIT_MS):
                over = await self._dialect.cancel(order)
        except Exception as error:  # noqa: BLE001 - each becomes a report
            # Asking again does no harm: an open outcome is as good as none.
            outcome = self._outcome(error, places=False, left=True)
            self._reporter.cancel_failed(order.client_order_id, outcome)
        else:
            for one in over:
                self._reporter.order(one)

    async def _look_up(self, order: Order) -> None:
        try:
            with errand(Priority.LOOK, _LOOK_WAIT_MS):
                found = await self._dialect.find(order)
        except Exception as error:  # noqa: BLE001 - the caller asks again
            outcome = self._outcome(error, places=False, left=True)
            if outcome.code == "order_not_found":
                found = None
            else:
                _LOG.info("order %s could not be looked up: %s", order.client_order_id,
                          outcome.message)  # fmt: skip
                return
        if found is None:
            self._report(Missing(order.client_order_id, self._now()))
        else:
            self._report(Seen(found.order, found.fills, self._now()))

    # --- inside -----------------------------------------------------------------------------------
    def _outcome(self, error: BaseException, *, places: bool, left: bool) -> Outcome:
        quiet = self._client.budget.quiet_ms()
        outcome = translate(error, places=places, left=left, facts=self._facts, quiet_ms=quiet)
        if isinstance(error, Malformed):
            kind = OutcomeKind.UNKNOWN if places and left else OutcomeKind.UNAVAILABLE
            return outcome._replace(kind=kind)
        if isinstance(error, TradePulseError) and not left and error.code not in _PASSING:
            # Ours, before anything was sent: it would be no different another time.
            return Outcome(OutcomeKind.REJECTED, error.code, str(error))
        return outcome

    def _queue(
        self, orders: tuple[Order, ...], job: Callable[[], Any]
    ) -> None:  # fmt: skip
        name = orders[0].client_order_id
        self._pending[name] = list(orders)
        self._lane(orders[0].pair).put(name, job)

    def _lane(self, pair: str) -> Lane:
        lane = self._lanes.get(pair)
        if lane is None:
            lane = self._lanes[pair] = Lane(self._settings.patience_ms / 1000)
        return lane
