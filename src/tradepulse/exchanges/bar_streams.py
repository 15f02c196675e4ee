"""The sockets that tell bars: subscribed, listened to, and dialled anew when they die or sulk."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tradepulse.exchanges import closed_marks
from tradepulse.exchanges.bar_closing import Bar
from tradepulse.exchanges.feed_reports import FeedPace

_LOG = logging.getLogger(__name__)
# A market in which nobody trades is silent too: every redial that brings nothing doubles the
# patience with it, up to this.
_MOST_PATIENCE = 20

Key = tuple[str, str]  # symbol, timeframe
Heard = Callable[[Key, Bar, bool, int | None], None]


class BarStreams:
    """All bar subscriptions at one venue. On the loop.

    `heard(key, bar, final, sent_ms)` is called with every bar that is told, half-made ones mostly;
    `lost(reason)` whenever a connection died or was given up.
    """

    def __init__(
        self, client: Any, pace: FeedPace, heard: Heard, lost: Callable[[str], None]
    ) -> None:
        self.connected = False
        self.reconnects = 0
        self.heard_at = 0.0
        self.marks = closed_marks.marks_closed(client)
        self._client, self._pace = client, pace
        self._tell, self._tell_lost = heard, lost
        self._keys: dict[Key, None] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._silences = 0
        self._together = bool(client.has.get("watchOHLCVForSymbols"))
        client.add_tap(self._tap)

    @property
    def possible(self) -> bool:
        """Whether the venue streams bars at all."""
        return bool(self._client.has.get("watchOHLCV"))

    def add(self, key: Key) -> None:
        """Subscribes to a symbol's bars too."""
        self._keys[key] = None
        self.heard_at = time.monotonic()
        if not self._together:
            self._tasks.append(asyncio.ensure_future(self._watch([key])))
            return
        # One task waits for all: what is subscribed already is not subscribed again.
        for task in self._tasks:
            task.cancel()
        self._tasks = [asyncio.ensure_future(self._watch(list(self._keys)))]

    def watch_for_silence(self) -> None:
        """Gives up sockets that have said nothing for too long, although they answer pings."""
        silent = self._pace.silent_s * min(2**self._silences, _MOST_PATIENCE)
        if not self._keys or time.monotonic() - self.heard_at < silent:
            return
        self._silences += 1
        self.heard_at = time.monotonic()
        self._lost(f"nothing was heard for {silent:g} s")
        for socket in list((self._client.clients or {}).values()):
            self._client.drop_socket(socket, "it fell silent")

    async def close(self) -> None:
        """Ends the tasks; the client's sockets end with the client."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _tap(self, socket: Any, message: Any) -> None:
        for frame in closed_marks.frames(self._client, socket, message):
            self._heard((frame.symbol, frame.timeframe), frame.bar, frame.final, frame.sent_ms)

    def _heard(self, key: Key, bar: Bar, final: bool, sent_ms: int | None) -> None:
        self.heard_at = time.monotonic()
        self._silences, self.connected = 0, True
        self._tell(key, bar, final, sent_ms)

    def _lost(self, reason: str) -> None:
        self.connected = False
        _LOG.warning("%s: %s", self._client.id, reason)
        self._tell_lost(reason)

    async def _watch(self, keys: Sequence[Key]) -> None:
        """Keeps `keys` subscribed, dialling anew with growing pauses."""
        failures = 0
        while True:
            try:
                told = await self._wait_for_bars(keys)
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if task is None or task.cancelling():
                    raise
                failures = await self._pause("the socket was closed", failures)
            except Exception as error:  # noqa: BLE001  (whatever it was: it must come back)
                failures = await self._pause(f"{type(error).__name__}: {error}", failures)
            else:
                failures = 0
                if not self.marks:
                    self._take_rows(told)

    async def _wait_for_bars(self, keys: Sequence[Key]) -> Mapping[str, Mapping[str, Any]]:
        if self._together:
            told = await self._client.watch_ohlcv_for_symbols([list(key) for key in keys])
            return dict(told)
        (symbol, timeframe), *_ = keys
        return {symbol: {timeframe: await self._client.watch_ohlcv(symbol, timeframe)}}

    def _take_rows(self, told: Mapping[str, Mapping[str, Any]]) -> None:
        for symbol, by_timeframe in told.items():
            for timeframe, rows in by_timeframe.items():
                # Copies: ccxt's rows go on changing in place.
                for row in rows:
                    bar = Bar(int(row[0]), *(float(cell) for cell in row[1:6]))
                    self._heard((symbol, timeframe), bar, False, None)

    async def _pause(self, reason: str, failures: int) -> int:
        self.reconnects += 1
        self._lost(reason)
        pause = min(self._pace.redial_s * 2**failures, self._pace.longest_redial_s)
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  (spread)
        return failures + 1
