"""What waits at a price: limits, triggers and liquidations, and in which order a move meets them.

Everything that waits has a level in whole ticks and a side of the price it waits on: a sell limit
or a buy stop wait for the price to rise to theirs. A limit's level is one tick beyond its price,
because a touch does not fill it (F7).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

_NEVER = 1 << 62


class Waits(IntEnum):
    """What is done when the level is reached."""

    LIMIT = 0
    TRIGGER = 1
    LIQUIDATION = 2


@dataclass(slots=True)
class Resting:
    """`number` is an order id, or an algo id when `conditional`; `trail` (a fraction) moves the
    level behind the best price since, once `active`."""

    sequence: int
    key: str
    number: int
    kind: Waits
    up: bool
    level: int
    conditional: bool = False
    trail: float = 0.0
    best: int = 0
    activation: int = 0
    active: bool = True


@dataclass(frozen=True, slots=True)
class Move:
    """Prices in ticks that a step visits, from `first` to `last`; one price only is a jump."""

    first: int
    last: int

    @property
    def rises(self) -> bool:
        return self.last >= self.first

    def meets(self, entry: Resting) -> int | None:
        """The first visited price on which the entry acts."""
        low, high = (self.first, self.last) if self.rises else (self.last, self.first)
        if entry.up:
            if high < entry.level:
                return None
            return max(entry.level, low) if self.rises else high
        if low > entry.level:
            return None
        return low if self.rises else min(entry.level, high)


class RestingBook:
    """Everything that waits on one price, by sequence."""

    def __init__(self) -> None:
        self.entries: dict[int, Resting] = {}
        self._by_number: dict[tuple[str, bool, int], int] = {}
        self._rises_to = _NEVER
        self._falls_to = -_NEVER
        self._stale = False
        self.trailing = 0

    def add(self, entry: Resting) -> None:
        self.entries[entry.sequence] = entry
        self.trailing += entry.trail > 0
        self._by_number[entry.key, entry.conditional, entry.number] = entry.sequence
        self._stale = True

    def remove(self, key: str, number: int, *, conditional: bool = False) -> Resting | None:
        """The entry of that order, no longer waiting; None when it was not."""
        sequence = self._by_number.pop((key, conditional, number), None)
        if sequence is None:
            return None
        self._stale = True
        entry = self.entries.pop(sequence)
        self.trailing -= entry.trail > 0
        return entry

    def quiet(self, move: Move) -> bool:
        """Whether nothing waits on any visited price."""
        if self._stale:
            self._bound()
        low, high = (move.first, move.last) if move.rises else (move.last, move.first)
        return high < self._rises_to and low > self._falls_to

    def next_hit(self, move: Move, *, limits: bool) -> tuple[Resting, int] | None:
        """The entry the move meets first, and the price there; without `limits` no limit order.
        Of those at one price liquidations come first, then stops (F6), then by age."""
        found: tuple[tuple[int, int, int], Resting, int] | None = None
        for entry in self.entries.values():
            if entry.kind is Waits.LIMIT and not limits:
                continue
            price = move.meets(entry) if entry.active else None
            if price is None:
                continue
            rank = (abs(price - move.first), -entry.kind, entry.sequence)
            if found is None or rank < found[0]:
                found = (rank, entry, price)
        return None if found is None else (found[1], found[2])

    def _bound(self) -> None:
        self._rises_to, self._falls_to = _NEVER, -_NEVER
        for entry in self.entries.values():
            if not entry.active:
                continue
            if entry.up:
                self._rises_to = min(self._rises_to, entry.level)
            else:
                self._falls_to = max(self._falls_to, entry.level)
        self._stale = False

    # --- trailing stops ---------------------------------------------------------------------------
    def trail(self, price: int) -> None:
        """Trailing entries follow the price: their levels move, never looser."""
        for entry in self.entries.values():
            if not entry.trail:
                continue
            if not entry.active:
                reached = price >= entry.activation if not entry.up else price <= entry.activation
                if not reached:
                    continue
                entry.active, entry.best = True, price
            better = price < entry.best if entry.up else price > entry.best
            entry.best = price if better or not entry.best else entry.best
            entry.level = trailing_level(entry.best, entry.trail, up=entry.up)
            self._stale = True


def trailing_level(best: int, trail: float, *, up: bool) -> int:
    """The trigger in ticks behind `best`, rounded away from it."""
    if up:
        return int(-(-best * (1.0 + trail) // 1))
    return int(best * (1.0 - trail) // 1)
