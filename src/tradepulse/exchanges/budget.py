"""The rate budget of a connection: what its requests may cost, shared by all that use it.

A venue counts request weight a minute and orders in ten seconds and a minute; above it come 429,
then a ban. What protects a position never waits behind what is merely wanted: each priority has
its own ceiling, the lower ones below the higher.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum

MINUTE_S = 60.0
BURST_S = 10.0


class Priority(IntEnum):
    """Who goes first. PROTECT: cancels, stops and exits."""

    PROTECT = 0
    ENTRY = 1
    LOOK = 2
    DATA = 3


_NONE: deque[float] = deque()
# The share of the budget that a priority may fill up: the rest is kept for the ones above it.
_CEILING = {
    Priority.PROTECT: 0.98, Priority.ENTRY: 0.9, Priority.LOOK: 0.85, Priority.DATA: 0.7,
}  # fmt: skip


@dataclass(frozen=True)
class BudgetLimits:
    """What the venue allows; `orders_10s` and `orders_1m` of None: it does not count them."""

    weight_1m: int = 1200
    orders_10s: int | None = None
    orders_1m: int | None = None


@dataclass(frozen=True)
class Errand:
    """What a request is for: its priority, how long it may wait for its turn, and what to call in
    the moment it leaves (before its signature is made)."""

    priority: Priority = Priority.DATA
    max_wait_ms: int = 30_000
    leaves: Callable[[], None] | None = None


_ERRAND: contextvars.ContextVar[Errand] = contextvars.ContextVar("errand")
_PLAIN = Errand()


@contextmanager
def errand(
    priority: Priority, max_wait_ms: int = 30_000, leaves: Callable[[], None] | None = None
) -> Iterator[None]:
    """Requests made inside are for this."""
    token = _ERRAND.set(Errand(priority, max_wait_ms, leaves))
    try:
        yield
    finally:
        _ERRAND.reset(token)


def current_errand() -> Errand:
    """What the running task is on; plain data where nobody said."""
    return _ERRAND.get(_PLAIN)


class BudgetExceeded(Exception):  # noqa: N818 - it says what happened, as its siblings at ccxt do
    """The request did not leave: its turn comes in `retry_ms` at the earliest."""

    def __init__(self, retry_ms: int, *, banned: bool) -> None:
        super().__init__(f"no room in the rate budget for {retry_ms} ms")
        self.retry_ms = retry_ms
        self.banned = banned


class RateBudget:
    """Lets requests through as long as the venue's limits allow. Used on one loop; its figures may
    be read from any thread. `clock` is monotonic seconds."""

    def __init__(
        self, limits: BudgetLimits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits or BudgetLimits()
        self._clock = clock
        self._spent: deque[tuple[float, int]] = deque()  # (when, weight) of the last minute
        self._orders: dict[str, deque[float]] = {}  # by account: venues count orders a key
        self._sum = 0
        self._reported = (-math.inf, 0)  # (when, weight) by the venue's header
        self._since_report = 0
        self._closed_until = clock()
        self._banned = False

    # --- asking -----------------------------------------------------------------------------------
    async def acquire(
        self, weight: int, orders: int = 0, wanted: Errand | None = None, account: str = ""
    ) -> None:
        """Returns when the request may leave; it counts as sent. `account`: whose orders they are.
        Error `BudgetExceeded` when that would take longer than its errand may wait."""
        wish = wanted or current_errand()
        give_up = self._clock() + wish.max_wait_ms / 1000
        while (pause := self.wait_s(weight, orders, wish.priority, account)) > 0:
            if self._clock() + pause > give_up:
                raise BudgetExceeded(math.ceil(pause * 1000), banned=self._banned)
            await asyncio.sleep(pause)
        self._spend(weight, orders, account)

    def wait_s(self, weight: int, orders: int, priority: Priority, account: str = "") -> float:
        """Seconds until such a request may leave; 0: now."""
        now = self._clock()
        self._forget(now)
        pause = max(0.0, self._closed_until - now)
        pause = max(pause, self._weight_wait(weight, _CEILING[priority], now))
        if orders:
            sent = self._orders.get(account, _NONE)
            share = _CEILING[priority]
            pause = max(
                pause,
                _order_wait(sent, orders, self.limits.orders_10s, BURST_S, share, now),
                _order_wait(sent, orders, self.limits.orders_1m, MINUTE_S, share, now),
            )
        return pause

    # --- learning ---------------------------------------------------------------------------------
    def observe(self, status: int, headers: Mapping[str, str] | None) -> None:
        """Takes note of what an answer said: weight used, and for how long to keep quiet."""
        now = self._clock()
        seen = {k.lower(): v for k, v in (headers or {}).items()}
        used = _whole(seen.get("x-mbx-used-weight-1m"))
        if used is not None:
            self._reported, self._since_report = (now, used), 0
        if status in (418, 429):
            pause = _whole(seen.get("retry-after"))
            # Without a Retry-After: the window is a minute; a ban lasts two at least.
            quiet = float(pause) if pause is not None else (120.0 if status == 418 else MINUTE_S)
            self._closed_until = max(self._closed_until, now + quiet)
            self._banned = status == 418

    # --- reading ----------------------------------------------------------------------------------
    def weight_used(self) -> int:
        """The weight of the last minute: ours, or the venue's own count where that is higher (other
        programs behind the same address)."""
        now = self._clock()
        when, told = self._reported
        reported = told + self._since_report if now - when < MINUTE_S else 0
        return max(sum(w for t, w in list(self._spent) if now - t < MINUTE_S), reported)

    def orders_10s(self, account: str = "") -> int:
        """Orders the account sent in the last ten seconds."""
        now = self._clock()
        return sum(1 for t in list(self._orders.get(account, _NONE)) if now - t < BURST_S)

    def quiet_ms(self) -> int:
        """For how long the venue wants to hear nothing."""
        return max(0, math.ceil((self._closed_until - self._clock()) * 1000))

    @property
    def banned(self) -> bool:
        """Whether that is a ban (418), not only a brake (429)."""
        return self._banned and self.quiet_ms() > 0

    # --- inside -----------------------------------------------------------------------------------
    def _spend(self, weight: int, orders: int, account: str) -> None:
        now = self._clock()
        self._spent.append((now, weight))
        self._sum += weight
        self._since_report += weight
        if orders:
            self._orders.setdefault(account, deque()).extend([now] * orders)

    def _forget(self, now: float) -> None:
        while self._spent and now - self._spent[0][0] >= MINUTE_S:
            self._sum -= self._spent.popleft()[1]
        for sent in self._orders.values():
            while sent and now - sent[0] >= MINUTE_S:
                sent.popleft()
        if now - self._reported[0] >= MINUTE_S:
            self._reported, self._since_report = (-math.inf, 0), 0

    def _weight_wait(self, weight: int, share: float, now: float) -> float:
        room = self.limits.weight_1m * share - weight
        pause, kept = 0.0, self._sum
        for when, spent in self._spent:
            if kept <= room or kept == 0:
                break
            kept -= spent
            pause = when + MINUTE_S - now
        when, told = self._reported
        if told + self._since_report > room and told > 0:
            # The venue's window ends within a minute of its last word.
            pause = max(pause, when + MINUTE_S - now)
        return max(pause, 0.0)


def _order_wait(
    sent: Sequence[float], orders: int, most: int | None, window: float, share: float, now: float
) -> float:
    if most is None:
        return 0.0
    room = max(int(most * share) - orders, 0)
    recent = [t for t in sent if now - t < window]
    if len(recent) <= room:
        return 0.0
    return max(recent[len(recent) - room - 1] + window - now, 0.0)


def _whole(text: str | None) -> int | None:
    try:
        return None if text is None else math.ceil(float(text.split(",")[0]))
    except ValueError:
        return None
