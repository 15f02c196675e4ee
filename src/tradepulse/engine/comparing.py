"""When the venue's account is asked for, and what is made of it: fills booked, orders looked up,
disputes raised when two comparisons in a row find the same."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from tradepulse.domain.errors import TradePulseError
from tradepulse.execution.desk import Desk
from tradepulse.execution.reconcile import Comparison
from tradepulse.execution.venue import AccountSnapshot, Venue

log = logging.getLogger(__name__)

# Executions are asked for again from this long before the last comparison (market time).
OVERLAP_MS = 600_000
# Binance tells the income of the last seven days where nothing earlier is asked for by name.
_SETTLEMENTS_KEPT_MS = 7 * 86_400_000
# The same difference in this many comparisons in a row is one: an answer may have been on its way.
# Entries stop at the first number; what the venue holds less is given up at the second.
BELIEVED, CERTAIN = 2, 3


class Snapshots(Protocol):
    """Where account snapshots come from: asked for now, taken by a later turn."""

    def ask(self, pairs: Sequence[str], since_ms: int) -> None:
        """Have the account read, with the fills since then, unless that is being done."""
        ...

    def take(self) -> AccountSnapshot | TradePulseError | None:
        """What was read since the last call, once; None: nothing yet."""
        ...


class AtOnce:
    """Reads the account in the caller's own turn."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._found: AccountSnapshot | TradePulseError | None = None

    def ask(self, pairs: Sequence[str], since_ms: int) -> None:
        """Reads it now."""
        try:
            self._found = self._venue.snapshot(pairs, since_ms)
        except TradePulseError as error:
            self._found = error

    def take(self) -> AccountSnapshot | TradePulseError | None:
        """What was read, once."""
        found, self._found = self._found, None
        return found


class InBackground:
    """Reads the account on a thread of its own: bars do not wait for it. `wake` tells when it is
    there."""

    def __init__(self, venue: Venue, wake: Callable[[], None]) -> None:
        self._venue = venue
        self._wake = wake
        self._found: AccountSnapshot | TradePulseError | None = None
        self._thread: threading.Thread | None = None

    def ask(self, pairs: Sequence[str], since_ms: int) -> None:
        """Begins to read it, unless it is being read."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._thread = threading.Thread(
            target=self._read, args=(tuple(pairs), since_ms), name="snapshot", daemon=True
        )
        self._thread.start()

    def take(self) -> AccountSnapshot | TradePulseError | None:
        """What was read, once."""
        found, self._found = self._found, None
        return found

    def _read(self, pairs: Sequence[str], since_ms: int) -> None:
        try:
            self._found = self._venue.snapshot(pairs, since_ms)
        except TradePulseError as error:
            self._found = error
        self._wake()


class Suspicions:
    """Differences seen once, by activation."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[str, int]] = {}

    def weigh(self, activation_id: str, told: str | None) -> int:
        """In how many comparisons in a row this same difference was seen; None clears it."""
        if told is None:
            self._seen.pop(activation_id, None)
            return 0
        before, times = self._seen.get(activation_id, ("", 0))
        times = times + 1 if before == told else 1
        self._seen[activation_id] = (told, times)
        return times

    @property
    def any(self) -> bool:
        """Whether something was seen that the next comparison must confirm."""
        return any(times < CERTAIN for _, times in self._seen.values())


def first_look(desks: Sequence[Desk], now: int) -> int:
    """From when on executions and settlements may have been missed, market time: since the oldest
    order that is open, or belongs to an open position, and on contracts since the last entry, as
    far as the venue remembers settlements."""
    times = [
        order.created_at
        for desk in desks for order in desk.orders.values()
        if not order.state.is_over or desk.account.position is not None
    ]  # fmt: skip
    times += [
        max(trade.entry_time, now - _SETTLEMENTS_KEPT_MS)
        for desk in desks if desk.account.is_perpetual and desk.venue is not None
        for trade in desk.venue.closed if trade.exit_time > now - _SETTLEMENTS_KEPT_MS
    ]  # fmt: skip
    return min(times, default=now)


def without(found: Comparison, touched: set[str]) -> Comparison:
    """The comparison without what may be explained by events that came after the snapshot was
    asked for."""
    return found._replace(
        gone=tuple(order for order in found.gone if order.activation_id not in touched),
        dead=tuple(order for order in found.dead if order.activation_id not in touched),
        disputes={name: told for name, told in found.disputes.items() if name not in touched},
        shortfalls={n: short for n, short in found.shortfalls.items() if n not in touched},
    )
