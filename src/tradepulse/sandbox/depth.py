"""The book that history did not keep: levels made around the last price.

The best prices stand a half spread away; deeper levels lie on a grid, and hold a share of what the
market trades in a minute, more the deeper they are. So a small order pays the spread and a large
one walks the book.
"""

from __future__ import annotations

from typing import NamedTuple

HALF_SPREAD_BPS = 1
# Each level holds about this share of a minute's volume, growing by a quarter of it a level.
_LEVEL_SHARE = 50
_MIX = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1

Level = tuple[int, int]


class Taken(NamedTuple):
    """A price in ticks and the lots that were taken there."""

    price: int
    lots: int


class Depth:
    """Both sides of one symbol's book, in ticks and lots. What orders take is gone until the price
    moves on."""

    def __init__(self, seed: int, levels: int) -> None:
        self._seed = seed
        self._count = levels
        self._last = 0
        self._half = 1
        self._step = 1
        self._base = 1
        self._gone: dict[int, int] = {}
        self._sides: tuple[list[Level], list[Level]] | None = None
        self.update_id = 1

    def liquidity(self, reference: int, lots_a_minute: int) -> None:
        """What the levels of the bar at hand are made of: its open in ticks, and its volume."""
        self._half = max(1, reference * HALF_SPREAD_BPS // 10_000)
        self._step = max(1, self._half // 2)
        self._base = max(1, lots_a_minute // _LEVEL_SHARE)

    def move(self, last: int) -> None:
        """The price is at `last` now: the book stands around it, whole again."""
        self._last = last
        self._gone.clear()
        self._sides = None
        self.update_id += 1

    @property
    def best_bid(self) -> int:
        return self._levels()[0][0][0]

    @property
    def best_ask(self) -> int:
        return self._levels()[1][0][0]

    def side(self, *, asks: bool) -> list[Level]:
        """(price, lots) best first; levels that were taken whole are not there."""
        levels = self._levels()[1 if asks else 0]
        if not self._gone:
            return levels
        left = [(price, lots - self._gone.get(price, 0)) for price, lots in levels]
        return [level for level in left if level[1] > 0]

    def preview(self, *, buys: bool, lots: int, limit: int | None) -> list[Taken]:
        """What an order for `lots` would take, no worse than `limit`."""
        found: list[Taken] = []
        for price, here in self.side(asks=buys):
            if lots <= 0 or (limit is not None and (price > limit if buys else price < limit)):
                break
            took = min(lots, here)
            found.append(Taken(price, took))
            lots -= took
        return found

    def take(self, fills: list[Taken]) -> None:
        """Those lots are gone until the price moves."""
        for price, lots in fills:
            self._gone[price] = self._gone.get(price, 0) + lots
        if fills:
            self.update_id += 1

    def _levels(self) -> tuple[list[Level], list[Level]]:
        if self._sides is None:
            self._sides = (self._made(-1), self._made(1))
        return self._sides

    def _made(self, sign: int) -> list[Level]:
        best = max(self._last + sign * self._half, 1)
        step = self._step
        # The grid is absolute: a level keeps its quantity while the price moves within the bar.
        start = (best // step + (1 if sign > 0 else 0)) * step
        start = start - step if sign < 0 and start == best else start
        deeper = (start + sign * step * i for i in range(self._count - 1))
        prices = [best, *(price for price in deeper if price > 0)]
        return [(price, self._lots(price, i)) for i, price in enumerate(prices)]

    def _lots(self, price: int, rank: int) -> int:
        mixed = ((price + 1) * _MIX ^ (self._seed + 1) * 0xBF58476D1CE4E5B9) & _MASK
        share = 512 + ((mixed ^ mixed >> 29) * _MIX >> 40 & 1023)  # a half to one and a half
        return max(1, self._base * (4 + rank) * share // 4096)
