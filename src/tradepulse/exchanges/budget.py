"""The rate budget of an address: what its requests may cost, shared by all that use it.

A venue counts request weight a minute by address, and orders in ten seconds and a minute by
account; above it come 429, then a ban. What protects a position never waits behind what is merely
wanted: each priority has its own ceiling, the lower ones below the higher; who waits is served in
that order; and an entry leaves only where its stop and its way out still have room behind it.
"""

from __future__ import annotations

import asyncio
import contextvars
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum

from tradepulse.exchanges.spending import (
    AFTER_ENTRY_ORDERS,
    AFTER_ENTRY_REQUESTS,
    BURST_S,
    MINUTE_S,
    OrderCounts,
    Weights,
)


class Priority(IntEnum):
    """Who goes first. PROTECT: cancels, stops and exits; LOOK: what became of an order or a fill,
    and what a connection needs to begin; RECONCILE: the account beside the ledger; DATA: bars."""

    PROTECT = 0
    ENTRY = 1
    LOOK = 2
    RECONCILE = 3
    DATA = 4


# The share of the budget that a priority may fill up: the rest is kept for the ones above it. Less
# for entries would refuse some on a busy minute, more for routine would leave a busy minute's stops
# too little.
_CEILING = {
    Priority.PROTECT: 0.97, Priority.ENTRY: 0.85, Priority.LOOK: 0.7, Priority.RECONCILE: 0.6,
    Priority.DATA: 0.45,
}  # fmt: skip
# Our own lack of room may end sooner than it seems (a program beside us stops, a request is given
# up): whoever has a position to protect asks again this soon.
_ASK_AGAIN_MS = 1_000
_BEHIND_S = 0.001
_SECOND = re.compile(r":(\d\d) GMT$")


@dataclass(frozen=True)
class BudgetLimits:
    """What the venue allows; `orders_10s` and `orders_1m` of None: it does not count them."""

    weight_1m: int = 1200
    orders_10s: int | None = None
    orders_1m: int | None = None


@dataclass(frozen=True)
class Errand:
    """What a request is for: its priority, how long it may wait for its turn, and what to call in
    the moment it leaves."""

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
    """The request did not leave. `retry_ms`: when to ask again; what the venue wants nothing to be
    sent for, or a moment where only our own room was used up."""

    def __init__(self, retry_ms: int, *, banned: bool) -> None:
        super().__init__(f"no room in the rate budget for {retry_ms} ms")
        self.retry_ms = retry_ms
        self.banned = banned


class _Waiting:
    """A request in line. `due`: when the weight it needs will be free, None while it needs none
    that is not."""

    __slots__ = ("due", "priority")

    def __init__(self, priority: Priority) -> None:
        self.priority = priority
        self.due: float | None = None


class RateBudget:
    """Lets requests through as long as the venue's limits allow. Used on one loop; its figures may
    be read from any thread. `clock` is monotonic seconds."""

    def __init__(
        self, limits: BudgetLimits | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits or BudgetLimits()
        self._clock = clock
        self._weights = Weights()
        self._orders = OrderCounts()
        self._line: list[_Waiting] = []  # in the order they came
        self._closed_until = clock()
        self._banned = False

    # --- asking -----------------------------------------------------------------------------------
    async def acquire(
        self, weight: int, orders: int = 0, wanted: Errand | None = None, account: str = ""
    ) -> None:
        """Returns when the request may leave; it counts as sent until `answered` is told of it.
        `account`: whose orders they are. Error `BudgetExceeded` when that would take longer than
        its errand may wait."""
        wish = wanted or current_errand()
        give_up = self._clock() + wish.max_wait_ms / 1000
        place = _Waiting(wish.priority)
        self._line.append(place)
        try:
            while (pause := self._turn_s(place, weight, orders, account)) > 0:
                if self._clock() + pause > give_up:
                    raise BudgetExceeded(self._retry_ms(pause), banned=self._banned)
                await asyncio.sleep(pause)
            self._spend(weight, orders, wish.priority, account)
        finally:
            self._line.remove(place)

    def answered(self, weight: int) -> None:
        """A request that `acquire` let through has been answered, or will not be."""
        self._weights.answered(weight)

    def wait_s(self, weight: int, orders: int, priority: Priority, account: str = "") -> float:
        """Seconds until such a request may leave; 0: now."""
        now = self._clock()
        return max(
            self._weight_wait(weight, priority, now),
            self._order_wait(orders, priority, account, now),
        )

    # --- learning ---------------------------------------------------------------------------------
    def observe(self, status: int, headers: Mapping[str, str] | None) -> None:
        """Takes note of what an answer said: weight used, and for how long to keep quiet."""
        now = self._clock()
        seen = {k.lower(): v for k, v in (headers or {}).items()}
        used = _whole(seen.get("x-mbx-used-weight-1m"))
        if used is not None:
            self._weights.told(used, now + _left_of_minute_s(seen.get("date")))
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
        return self._weights.used(self._clock())

    def orders_10s(self, account: str = "") -> int:
        """Orders the account sent in the last ten seconds."""
        return self._orders.within(account, BURST_S, self._clock())

    def quiet_ms(self) -> int:
        """For how long the venue wants to hear nothing."""
        return max(0, math.ceil((self._closed_until - self._clock()) * 1000))

    @property
    def banned(self) -> bool:
        """Whether that is a ban (418), not only a brake (429)."""
        return self._banned and self.quiet_ms() > 0

    # --- inside -----------------------------------------------------------------------------------
    def _turn_s(self, place: _Waiting, weight: int, orders: int, account: str) -> float:
        """Seconds until it may leave: nobody goes who would take the room of one that stands before
        him, of his own priority or a higher one. Whose account has sent too many orders stands in
        nobody's way."""
        now = self._clock()
        pause = self._weight_wait(weight, place.priority, now)
        place.due = now + pause if pause > 0 else None
        for other in self._ahead(place):
            if other.due is not None:
                pause = max(pause, other.due - now, 0.0) + _BEHIND_S
        return max(pause, self._order_wait(orders, place.priority, account, now))

    def _ahead(self, place: _Waiting) -> Iterator[_Waiting]:
        came_before = True
        for other in self._line:
            came_before = came_before and other is not place
            if other.priority < place.priority or (
                came_before and other.priority is place.priority
            ):
                yield other

    def _weight_wait(self, weight: int, priority: Priority, now: float) -> float:
        room, follows = self.limits.weight_1m * _CEILING[priority], weight
        if priority is Priority.ENTRY:
            follows += weight * AFTER_ENTRY_REQUESTS
        owed = priority is not Priority.PROTECT
        return max(
            0.0, self._closed_until - now,
            self._weights.wait_s(follows, room, now, promised=owed),
        )  # fmt: skip

    def _order_wait(self, orders: int, priority: Priority, account: str, now: float) -> float:
        if not orders:
            return 0.0
        owed = priority is not Priority.PROTECT
        follows = orders + (AFTER_ENTRY_ORDERS if priority is Priority.ENTRY else 0)
        spans = (self.limits.orders_10s, BURST_S), (self.limits.orders_1m, MINUTE_S)
        return max(
            self._orders.wait_s(
                account, follows, None if most is None else int(most * _CEILING[priority]), span,
                now, promised=owed,
            )
            for most, span in spans
        )  # fmt: skip

    def _spend(self, weight: int, orders: int, priority: Priority, account: str) -> None:
        now = self._clock()
        self._weights.spend(weight, now)
        if orders:
            self._orders.spend(account, orders, now)
        if priority is Priority.ENTRY:
            self._weights.promise(weight * AFTER_ENTRY_REQUESTS, now)
            self._orders.promise(account, now)
        elif priority is Priority.PROTECT and orders:
            self._weights.keep_promise(weight)
            self._orders.keep_promise(account, orders)

    def _retry_ms(self, pause: float) -> int:
        own = min(math.ceil(pause * 1000), _ASK_AGAIN_MS)
        return max(own, self.quiet_ms())


def _left_of_minute_s(date: str | None) -> float:
    """How long the venue's minute lasts at most, by the date of its answer: its count begins anew
    then, and to go by an old one would keep a stop waiting for nothing."""
    found = None if date is None else _SECOND.search(date)
    # The date is cut to the second.
    return MINUTE_S if found is None else MINUTE_S - int(found[1]) + 1.0


def _whole(text: str | None) -> int | None:
    try:
        return None if text is None else math.ceil(float(text.split(",")[0]))
    except ValueError:
        return None
