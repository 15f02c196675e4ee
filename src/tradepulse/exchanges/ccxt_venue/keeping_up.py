"""Keeping a stream up: sign in, follow, and come back after every fall, ever more slowly."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence

_LOG = logging.getLogger(__name__)


class Backoff:
    """Pauses between attempts, each with jitter so that many connections do not come back in one
    instant. A stream that stayed up for `calm_s` begins anew."""

    def __init__(self, pauses_s: Sequence[float], calm_s: float = 30.0) -> None:
        self._pauses, self._calm_s = tuple(pauses_s), calm_s
        self._attempt = 0

    def pause_s(self, was_up_s: float) -> float:
        """How long to wait now."""
        if was_up_s >= self._calm_s:
            self._attempt = 0
        longest = self._pauses[min(self._attempt, len(self._pauses) - 1)]
        self._attempt += 1
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - to spread, not to hide


async def keep_up(
    opens: Callable[[], Awaitable[None]],
    follows: Callable[[], Awaitable[None]],
    *,
    up: Callable[[], Awaitable[None]],
    down: Callable[[Exception], None],
    pauses_s: Sequence[float],
) -> None:
    """Never returns: opens, tells `up`, follows until that fails, tells `down`, and again."""
    backoff, loop = Backoff(pauses_s), asyncio.get_running_loop()
    while True:
        since = loop.time()
        try:
            await opens()
            await up()
            while True:
                await follows()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            # ccxt cancels its waiters when a socket of its own is closed: that is a fall too.
            fall: Exception = ConnectionError("the socket was closed")
        except Exception as error:  # noqa: BLE001 - whatever it was, the stream has to come back
            fall = error
        down(fall)
        await asyncio.sleep(backoff.pause_s(loop.time() - since))
