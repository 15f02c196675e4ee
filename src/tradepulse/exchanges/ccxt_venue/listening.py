"""What the account's stream says, made into reports; and what it fails to say, asked for.

Runs on the loop's thread: `hear` is called in the middle of a frame's handling and never waits.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from tradepulse.exchanges.budget import Priority, errand
from tradepulse.exchanges.ccxt_venue.account_look import AccountLook
from tradepulse.exchanges.ccxt_venue.reporter import Reporter
from tradepulse.exchanges.dialect import (
    Dialect,
    FillHeard,
    FundingHeard,
    Heard,
    Landed,
    OrderHeard,
    SessionEnded,
)
from tradepulse.exchanges.venue_settings import VenueSettings

_LOG = logging.getLogger(__name__)
_OURS = "tp"
# The engine asks for the whole account after a fall anyway: it is not kept waiting for this.
_CATCH_UP_WAIT_MS = 6_000


class Listening:
    """Reads the account's events. `drop(reason)` ends a stream that is not to be trusted;
    `settled(client_order_id, pair)` is told of every order that was heard of."""

    def __init__(
        self,
        dialect: Dialect,
        reporter: Reporter,
        look: AccountLook,
        settings: VenueSettings,
        drop: Callable[[str], None],
        settled: Callable[[str, str], None],
        is_up: Callable[[], bool],
    ) -> None:
        self._dialect, self._reporter, self._settings = dialect, reporter, settings
        self._look = look
        self._drop, self._settled, self._is_up = drop, settled, is_up
        self._chased: set[str] = set()
        self._orphans: dict[str, list[Heard]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, message: Any) -> bool:
        """Takes a frame; whether it said something of the account."""
        said = self._dialect.read(message)
        for heard in said:
            self._take(heard)
        return bool(said)

    async def stop(self) -> None:
        """Ends what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- taking -----------------------------------------------------------------------------------
    def _take(self, heard: Heard) -> None:
        match heard:
            case FillHeard(fill, forced, owed):
                if not forced and self._is_orphan(fill.client_order_id):
                    self._hold(fill.venue_order_id, heard)
                else:
                    self._reporter.fill(fill, forced=forced, owed=owed)
                    self._heard_of(fill.client_order_id, fill.pair)
            case OrderHeard(order, reason):
                if self._is_orphan(order.client_order_id):
                    self._hold(order.venue_order_id, heard)
                else:
                    self._reporter.order(order, reason)
                    self._heard_of(order.client_order_id, order.pair)
            case FundingHeard(pair):
                if pair is None:
                    self._run(self.catch_up_funding(heard.time - 60_000))
                else:
                    self._reporter.funding(heard)
            case SessionEnded(reason):
                self._drop(reason)
        if isinstance(heard, FillHeard | OrderHeard):
            self._release_orphans()

    def _heard_of(self, name: str | None, pair: str) -> None:
        known = None if name is None else self._reporter.lookup(name)
        if known is None or name is None:
            return
        known.heard = True
        self._settled(name, pair)
        if known.missing:
            self.chase(name)

    # --- what a conditional order made ------------------------------------------------------------
    def _is_orphan(self, name: str | None) -> bool:
        """Whether the order is not one that was placed under a name of ours."""
        return name is None or not name.startswith(_OURS)

    def _hold(self, venue_order_id: str, heard: Heard) -> None:
        """The child of a conditional order may be heard of before the order that made it."""
        held = self._orphans.setdefault(venue_order_id, [])
        held.append(heard)
        if len(held) == 1:
            self._run(self._find_owner(venue_order_id, _pair_of(heard)))

    def _release_orphans(self) -> None:
        for venue_order_id in list(self._orphans):
            owner = self._dialect.owner_of(venue_order_id)
            if owner is not None and not self._is_orphan(owner):
                for heard in self._orphans.pop(venue_order_id):
                    self._take(_named(heard, owner))

    async def _find_owner(self, venue_order_id: str, pair: str) -> None:
        await asyncio.sleep(self._settings.orphan_ms / 1000)
        if venue_order_id in self._orphans:
            with errand(Priority.LOOK):
                await self._dialect.link(pair)
            self._release_orphans()
        for heard in self._orphans.pop(venue_order_id, []):
            # Somebody else's order, in an account that should be ours alone: its fills count.
            if isinstance(heard, FillHeard):
                self._reporter.fill(heard.fill._replace(client_order_id=None))

    # --- what the stream fails to say -------------------------------------------------------------
    def expect(self, landed: Landed) -> None:
        """The venue took this order: the stream must speak of it, and of all its fills."""
        self._run(self._expect_echo(landed.order.client_order_id))
        known = self._reporter.lookup(landed.order.client_order_id)
        if known is not None and known.missing:
            self.chase(landed.order.client_order_id)

    async def _expect_echo(self, name: str) -> None:
        was_up = self._is_up()
        await asyncio.sleep(self._settings.echo_ms / 1000)
        known = self._reporter.lookup(name)
        if was_up and self._is_up() and known is not None and not known.heard:
            known.heard = True
            self._drop("it says nothing of an order that the venue has taken")

    def chase(self, name: str) -> None:
        """Fills are counted that were not told: ask for them, after they had time to come."""
        if name not in self._chased:
            self._chased.add(name)
            self._run(self._chase(name))

    async def _chase(self, name: str) -> None:
        try:
            for pause in self._settings.chase_ms:
                await asyncio.sleep(pause / 1000)
                known = self._reporter.lookup(name)
                if known is None or not known.missing or known.execution_id is None:
                    return
                await self._ask_for_fills(name, known.pair, known.execution_id)
        finally:
            self._chased.discard(name)

    async def _ask_for_fills(self, name: str, pair: str, venue_order_id: str) -> None:
        try:
            with errand(Priority.LOOK):
                fills = await self._dialect.fills_of(pair, venue_order_id)
        except Exception as error:  # noqa: BLE001 - asked again after a longer pause
            _LOG.info("the fills of %s could not be asked for: %s", name, error)
            return
        for fill in fills:
            self._reporter.fill(fill._replace(client_order_id=name))

    # --- after a fall -----------------------------------------------------------------------------
    async def catch_up(self, pairs: Sequence[str], since_ms: int) -> None:
        """Tells the fills and settlements since then that were not told."""
        with errand(Priority.RECONCILE, _CATCH_UP_WAIT_MS):
            for fill in await self._look.missed(pairs, since_ms):
                self._reporter.fill(fill)
            for heard in await self._look.settlements(since_ms):
                self._reporter.funding(heard)

    async def catch_up_funding(self, since_ms: int) -> None:
        """Tells the settlements since then that were not told."""
        with errand(Priority.LOOK):
            for heard in await self._dialect.funding(since_ms):
                self._reporter.funding(heard)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _LOG.warning("asking the venue about its account failed", exc_info=task.exception())


def _pair_of(heard: Heard) -> str:
    if isinstance(heard, FillHeard):
        return heard.fill.pair
    return heard.order.pair if isinstance(heard, OrderHeard) else ""


def _named(heard: Heard, owner: str) -> Heard:
    if isinstance(heard, FillHeard):
        return heard._replace(fill=heard.fill._replace(client_order_id=owner))
    if isinstance(heard, OrderHeard):
        return heard._replace(order=heard.order._replace(client_order_id=owner))
    return heard
