"""What a desk knows beyond its orders when they rest at a venue: what it waits for, and what it
wants.

Times named `wall` are wall-clock milliseconds: how long an answer may take has nothing to do with
how fast the market's own time goes by.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from tradepulse.domain.lifecycle import OrderState
from tradepulse.domain.market_terms import MarketTerms
from tradepulse.execution.account import ClosedTrade
from tradepulse.execution.effects import SignalSaved
from tradepulse.execution.orders import Order
from tradepulse.risk import Approved

# Looks at an order whose outcome is open: soon, then ever more rarely.
LOOK_MS = (500, 1_000, 2_000, 4_000, 8_000)
# A cancel or a market order usually answers within this; then it is looked up.
ANSWER_MS = 2_000
# A sent order without any word: the adapter's own timeout has passed by then.
SILENCE_MS = 15_000
# The venue has denied an order that once rested for this long: it is gone.
DENIED_MS = 60_000
# What closes or protects is tried again at least this often: a position may be without a stop.
RETRY_MS = (500, 1_000, 2_000, 5_000)
# A request this much older than the venue's own limit cannot take effect any more.
MARGIN_MS = 2_000
# A stream may be away for as long as so many trades take.
_CLOSED_KEPT = 4
SETTLED_KEPT = 32
# The stream and REST tell of one settlement with times that differ by a moment.
_ONE_SETTLEMENT_MS = 60_000
# The reason of an entry that waits for the position before it.
QUEUED = "queued"


class Need(StrEnum):
    """What is waited for."""

    ANSWER = "answer"  # whether the venue has the order
    END = "end"  # that the order is over
    FILLS = "fills"  # executions that the venue counts and we have not seen
    CHECK = "check"  # after a restart: anything


class Wait(NamedTuple):
    """`since` and `next_look` are wall clock; `owed`: how much has filled in all, as the venue
    counts, NaN unless it said; then `ends` is the state it has when all that is seen. `denied`:
    since when the venue says there is no such order."""

    need: Need
    since: int
    next_look: int
    looks: int = 0
    owed: float = math.nan
    denied: int | None = None
    ends: OrderState | None = None


class Queued(NamedTuple):
    """An approved entry that waits for the position before it to be gone (F10)."""

    approved: Approved[Order]
    signal: SignalSaved
    max_bars: float
    tag: str | None


@dataclass(slots=True)
class VenueSide:
    """`leaving`: why the position is to be closed at the market, None while it is held.

    `generation` counts the orders placed for the position at hand: every one has an id of its own.
    `exposed_since` (wall): since when a position has no stop that the venue has acknowledged.
    `closed`: the last trades; `settlements`: when the last that are booked were, market time. So a
    late one is booked once, and on what was held then.
    `disaster_stop`: where the stop of a signal without one is, as a fraction of the entry price;
    `stale_ms`: how long after its bar's close a signal may be acted on.
    """

    terms: MarketTerms
    in_flight_ms: int
    disaster_stop: float
    stale_ms: int
    wall: int = 0
    market: int = 0  # the venue's own time at `wall`
    waits: dict[str, Wait] = field(default_factory=dict)
    trades: dict[str, str] = field(default_factory=dict)  # the venue's trade id -> our order
    leaving: str | None = None
    generation: int = 0
    queued: Queued | None = None
    retry_at: int = 0
    failures: int = 0
    last_price: float = math.nan
    beyond_stop: tuple[int, int] | None = None  # (wall, market) since the price is past the stop
    exposed_since: int | None = None
    longest_exposed_ms: int = 0
    exposure_told: bool = False
    settlements: deque[int] = field(default_factory=lambda: deque(maxlen=SETTLED_KEPT))
    closed: deque[ClosedTrade] = field(default_factory=lambda: deque(maxlen=_CLOSED_KEPT))
    dust: float = 0.0
    dust_price: float = math.nan
    contradicted: bool = False  # the venue refused a close: nothing is tried before a comparison
    disputed: str | None = None  # the venue and the ledger differ: no entries until they agree

    def has_settled(self, time: int) -> bool:
        """Whether the settlement of that time is booked."""
        return any(abs(time - booked) < _ONE_SETTLEMENT_MS for booked in self.settlements)

    @property
    def is_restless(self) -> bool:
        """Whether time alone may lead to something."""
        return bool(
            self.waits or self.queued or self.leaving or self.beyond_stop or self.retry_at
            or self.exposed_since is not None
        )  # fmt: skip

    def wait(
        self, order_id: str, need: Need, owed: float = math.nan, ends: OrderState | None = None
    ) -> None:  # fmt: skip
        """Begins to wait for something of an order; what it waits for already goes on counting."""
        before = self.waits.get(order_id)
        if before is not None and before.need is need:
            self.waits[order_id] = before._replace(owed=owed, ends=ends or before.ends)
            return
        first = 0 if need is Need.CHECK else SILENCE_MS if need is Need.ANSWER else ANSWER_MS
        self.waits[order_id] = Wait(need, self.wall, self.wall + first, owed=owed, ends=ends)

    def doubt(self, order_id: str) -> None:
        """The outcome is open: look it up soon."""
        before = self.waits.get(order_id)
        since = self.wall if before is None else before.since
        self.waits[order_id] = Wait(Need.ANSWER, since, self.wall + LOOK_MS[0])

    def looked(self, order_id: str) -> None:
        """A look was asked for: the next one comes later."""
        wait = self.waits[order_id]
        due = self.wall + LOOK_MS[min(wait.looks, len(LOOK_MS) - 1)]
        certain = wait.since + self.in_flight_ms + MARGIN_MS
        if self.wall < certain < due:
            due = certain  # the look that may decide is not put off to the next on the list
        self.waits[order_id] = wait._replace(next_look=due, looks=wait.looks + 1)

    def settled(self, order_id: str) -> None:
        """Nothing of the order is open any more."""
        self.waits.pop(order_id, None)

    def back_off(self, at_least_ms: int = 0) -> None:
        """Something did not happen: the next attempt comes later, the more so the more often."""
        pause = RETRY_MS[min(self.failures, len(RETRY_MS) - 1)]
        self.failures += 1
        self.retry_at = self.wall + max(pause, at_least_ms)

    def succeeded(self) -> None:
        """The venue took an order: the next trouble is a new one."""
        self.failures = 0
        self.retry_at = 0

    def expose(self) -> None:
        """The position has no stop at the venue from now on."""
        if self.exposed_since is None:
            self.exposed_since = self.wall

    def protect(self) -> int | None:
        """The position is protected again, or gone: for how long it was not, None if it was."""
        since, self.exposed_since = self.exposed_since, None
        self.exposure_told = False
        if since is None:
            return None
        lasted = self.wall - since
        self.longest_exposed_ms = max(self.longest_exposed_ms, lasted)
        return lasted
