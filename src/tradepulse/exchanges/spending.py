"""What an address has asked of a venue in the last minute, and what it still owes itself.

Pure bookkeeping in monotonic seconds, for `budget.RateBudget`, which decides with it who may go.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

MINUTE_S = 60.0
BURST_S = 10.0
# What an entry will need: requests for its stop and its way out; the stop may be a list of two.
AFTER_ENTRY_REQUESTS, AFTER_ENTRY_ORDERS = 2, 2
# Later than this the stop of an entry is no longer on its way.
_PROMISE_S = 10.0
_NONE: deque[float] = deque()


class Weights:
    """Weight of the last minute, the venue's own count of it, and what has been promised."""

    def __init__(self) -> None:
        self._spent: deque[tuple[float, int]] = deque()  # (when, weight)
        self._sum = 0
        self._told = 0
        self._told_until = -math.inf
        self._in_flight = 0
        self._promised: deque[list[float]] = deque()  # [until, weight], oldest first

    def spend(self, weight: int, now: float) -> None:
        """A request leaves."""
        self._spent.append((now, weight))
        self._sum += weight
        self._in_flight += weight

    def answered(self, weight: int) -> None:
        """A request has its answer, or has none to come: the venue's next count includes it."""
        self._in_flight = max(self._in_flight - weight, 0)

    def told(self, used: int, until: float) -> None:
        """The venue counts `used` in a minute of its own that ends by `until`."""
        self._told, self._told_until = used, until

    def promise(self, weight: int, now: float) -> None:
        """So much is kept for what follows from a request that leaves now."""
        self._promised.append([now + _PROMISE_S, weight])

    def keep_promise(self, weight: int) -> None:
        """Some of what was promised has been asked for."""
        while weight > 0 and self._promised:
            part = min(weight, self._promised[0][1])
            self._promised[0][1] -= part
            weight -= int(part)
            if self._promised[0][1] <= 0:
                self._promised.popleft()

    def used(self, now: float) -> int:
        """The weight of the last minute: ours, or the venue's own count where that is higher
        (other programs behind the same address)."""
        ours = sum(w for t, w in list(self._spent) if now - t < MINUTE_S)
        return max(ours, self._theirs(now))

    def wait_s(self, weight: int, room: float, now: float, *, promised: bool) -> float:
        """Seconds until `weight` more stays within `room`; with `promised`, beside all that was
        promised to others."""
        self._forget(now)
        free = room - weight - (sum(p[1] for p in self._promised) if promised else 0.0)
        pause, kept = 0.0, self._sum
        for when, spent in self._spent:
            if kept <= free or kept == 0:
                break
            kept -= spent
            pause = when + MINUTE_S - now
        if self._theirs(now) > free and self._told > 0 and now < self._told_until:
            pause = max(pause, self._told_until - now)
        return max(pause, 0.0)

    def _theirs(self, now: float) -> int:
        return self._told + self._in_flight if now < self._told_until else 0

    def _forget(self, now: float) -> None:
        while self._spent and now - self._spent[0][0] >= MINUTE_S:
            self._sum -= self._spent.popleft()[1]
        while self._promised and self._promised[0][0] <= now:
            self._promised.popleft()


class OrderCounts:
    """Orders by account: venues count them a key, apart from weight."""

    def __init__(self) -> None:
        self._sent: dict[str, deque[float]] = {}
        self._promised: dict[str, deque[float]] = {}

    def spend(self, account: str, orders: int, now: float) -> None:
        """Orders leave."""
        self._sent.setdefault(account, deque()).extend([now] * orders)

    def promise(self, account: str, now: float) -> None:
        """An entry leaves: what protects it will follow."""
        until = self._promised.setdefault(account, deque())
        until.extend([now + _PROMISE_S] * AFTER_ENTRY_ORDERS)

    def keep_promise(self, account: str, orders: int) -> None:
        """Some of what was to follow has."""
        promised = self._promised.get(account, _NONE)
        for _ in range(min(orders, len(promised))):
            promised.popleft()

    def within(self, account: str, span_s: float, now: float) -> int:
        """How many left in the last `span_s`."""
        return sum(1 for t in list(self._sent.get(account, _NONE)) if now - t < span_s)

    def wait_s(
        self, account: str, orders: int, most: int | None, span_s: float, now: float, *,
        promised: bool,
    ) -> float:  # fmt: skip
        """Seconds until that many more stay within `most` a span; None: nobody counts."""
        if most is None:
            return 0.0
        self._forget(account, now)
        owed = len(self._promised.get(account, _NONE)) if promised else 0
        return _wait_s(self._sent.get(account, _NONE), most - orders - owed, span_s, now)

    def _forget(self, account: str, now: float) -> None:
        sent, promised = self._sent.get(account, _NONE), self._promised.get(account, _NONE)
        while sent and now - sent[0] >= MINUTE_S:
            sent.popleft()
        while promised and promised[0] <= now:
            promised.popleft()


def _wait_s(sent: Sequence[float], room: int, span_s: float, now: float) -> float:
    recent = [t for t in sent if now - t < span_s]
    room = max(room, 0)
    if len(recent) <= room:
        return 0.0
    return max(recent[len(recent) - room - 1] + span_s - now, 0.0)
