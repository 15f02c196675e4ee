"""The account's stream: up, watched, and known to be down when it is.

A socket that answers pings may still say nothing; ccxt will never notice. The stream is therefore
measured by what it must say: an order that the venue has taken is an event on it within seconds.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from tradepulse.exchanges.budget import Priority, errand
from tradepulse.exchanges.ccxt_venue.keeping_up import keep_up
from tradepulse.exchanges.dialect import Dialect
from tradepulse.exchanges.venue_settings import VenueSettings

_LOG = logging.getLogger(__name__)


class AccountStream:
    """Keeps the session open, renews it, and opens it anew before the venue ends it.

    `on_up` is called each time account updates flow (its argument: whether they did before),
    `on_down` with the reason when they stop.
    """

    def __init__(
        self,
        client: Any,
        dialect: Dialect,
        settings: VenueSettings,
        on_up: Callable[[bool], Awaitable[None]],
        on_down: Callable[[str], None],
    ) -> None:
        self._client, self._dialect, self._settings = client, dialect, settings
        self._on_up, self._on_down = on_up, on_down
        self._tasks: list[asyncio.Task[None]] = []
        self.up = asyncio.Event()
        self.times_up = 0
        self.last_fault: str | None = None
        self.last_error: Exception | None = None
        self._news = asyncio.Event()
        self._reason: str | None = None

    def start(self) -> None:
        """Begins; twice is once."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._keep_up()),
                asyncio.create_task(self._renew()),
            ]

    async def opened(self, hopeless: Callable[[Exception], bool]) -> None:
        """Waits until account updates flow. Raises the first error that is `hopeless`: keys that
        the venue does not know will not be known in a second either."""
        while not self.up.is_set():
            if self.last_error is not None and hopeless(self.last_error):
                raise self.last_error
            self._news.clear()
            await self._news.wait()

    def drop(self, reason: str) -> None:
        """The stream is not to be trusted any more: end it, so that it comes back."""
        self._reason = reason
        self._dialect.forget_session()
        socket = self._dialect.session_socket()
        if socket is not None:
            self._client.drop_socket(socket, reason)

    async def stop(self) -> None:
        """Ends it for good."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep_up(self) -> None:
        await keep_up(
            self._open, self._dialect.follow, up=self._went_up,
            down=self._went_down, pauses_s=self._settings.retry_s,
        )  # fmt: skip

    async def _open(self) -> None:
        """Signs in. What ccxt left half done is taken away with its socket: the promise of an
        answer that never came would keep every later attempt waiting for it."""
        try:
            async with asyncio.timeout(self._settings.sign_in_s):
                with errand(Priority.PROTECT):
                    await self._dialect.open_session()
        except BaseException:
            socket = self._dialect.session_socket()
            if socket is not None:
                self._client.drop_socket(socket, "signing in failed")
            raise

    async def _went_up(self) -> None:
        self._reason = None
        self.times_up += 1
        await self._on_up(self.times_up > 1)
        self.up.set()
        self._news.set()

    def _went_down(self, error: Exception) -> None:
        # A listen key may have run out with the socket: never come back with the old one.
        self._dialect.forget_session()
        said, self._reason = self._reason or str(error) or type(error).__name__, None
        self.last_fault, self.last_error = said, error
        self._news.set()
        self._client.note_refusal(error)
        _LOG.warning("the account's stream is down: %s", said)
        if self.up.is_set():
            self.up.clear()
            self._on_down(said)

    async def _renew(self) -> None:
        """Renews the session, and makes a new one before the venue cuts it off."""
        loop = asyncio.get_running_loop()
        opened = loop.time()
        while True:
            await asyncio.sleep(self._settings.renew_s)
            await self.up.wait()
            if loop.time() - opened > self._settings.recycle_s:
                opened = loop.time()
                self.drop("the socket was renewed before its day was over")
                continue
            try:
                with errand(Priority.PROTECT):
                    await self._dialect.renew_session()
            except Exception as error:  # noqa: BLE001 - a session in doubt is opened anew
                self.drop(f"the session could not be renewed: {error}")
