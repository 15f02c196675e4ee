"""Looks at the venue's clock: now and then, and at once when it refused ours."""

from __future__ import annotations

import asyncio
import logging
import time

from tradepulse.exchanges.budget import Priority, errand
from tradepulse.exchanges.dialect import Dialect
from tradepulse.exchanges.market_clock import MarketClock
from tradepulse.exchanges.venue_settings import VenueSettings

_LOG = logging.getLogger(__name__)
_SPEED_LOOK_S = 0.25


class ClockKeeper:
    """Keeps a market clock right, on the loop's thread."""

    def __init__(self, dialect: Dialect, clock: MarketClock, settings: VenueSettings) -> None:
        self._dialect, self._clock, self._settings = dialect, clock, settings
        self._task: asyncio.Task[None] | None = None
        self._look: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """The first look, a second one at a replay to see its speed, and then regularly."""
        await self.look()
        if not self._clock.is_live:
            await asyncio.sleep(_SPEED_LOOK_S)
            await self.look()
        self._task = asyncio.create_task(self._regularly())

    async def look(self) -> None:
        """Asks the venue for its time."""
        with errand(Priority.LOOK, 5_000):
            asked = time.monotonic() * 1000
            server = await self._dialect.server_time()
            self._clock.observe(server, asked, time.monotonic() * 1000)

    def refused(self) -> None:
        """The venue refused the time of a request: look again, now."""
        self._clock.refused()
        if self._look is None or self._look.done():
            self._look = asyncio.create_task(self._quietly())

    async def stop(self) -> None:
        """Ends it."""
        tasks = [t for t in (self._task, self._look) if t is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _regularly(self) -> None:
        while True:
            live = self._clock.is_live
            await asyncio.sleep(self._settings.clock_s if live else self._settings.replay_clock_s)
            await self._quietly()

    async def _quietly(self) -> None:
        try:
            await self.look()
        except Exception as error:  # noqa: BLE001 - looked at again; the clock runs on meanwhile
            _LOG.info("the venue's clock could not be looked at: %s", error)
