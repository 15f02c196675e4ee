"""The account as REST tells it, asked for with as few questions as can show what is wrong.

A pair whose holding is what it was, plus every fill that was told since, has no fill that was not
told: its fills are not asked for again. A pair without a position, for which nothing was asked and
in which nothing rested, has no orders. Forty accounts behind one address that asked for everything
every minute would use up what their stops need.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tradepulse.domain.instrument import Market
from tradepulse.domain.interval import HOUR_MS
from tradepulse.exchanges.dialect import Dialect, FundingHeard
from tradepulse.execution.venue import (
    AccountSnapshot,
    Balance,
    Filled,
    ForcedFill,
    FundingSettled,
    Seen,
    VenueFill,
    VenueOrder,
    VenuePosition,
    VenueReport,
)

# However well everything agrees: fills that cancel each other out would never show.
_WHOLE_S = 600.0
# Whoever asks again this soon does not believe what was found: then everything is asked for.
_DOUBTED_S = 15.0
# Fills are remembered from a little before what was last asked for.
_KEPT_MS = 600_000
# A settlement may be booked this long after its hour.
_SETTLING_MS = 60_000
_EPS = 1e-9


@dataclass(slots=True)
class _Pair:
    """`since`: its fills are known from there on (venue time), None: never asked for. `doubtful`:
    one may have been missed. `active`: orders may rest. `touches` counts what was asked or told."""

    since: int | None = None
    fills: dict[str, VenueFill] = field(default_factory=dict)
    doubtful: bool = True
    active: bool = True
    touches: int = 0
    fills_at: float = 0.0
    orders_at: float = 0.0


class AccountLook:
    """Reads one account. On the loop. `now`: the venue's time, ms; `mono_s`: this machine's."""

    def __init__(
        self, dialect: Dialect, market: Market, now: Callable[[], int],
        mono_s: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._dialect, self._market, self._now, self._mono = dialect, market, now, mono_s
        self._pairs: defaultdict[str, _Pair] = defaultdict(_Pair)
        self._held: dict[str, float] = {}  # by pair on contracts, by coin on spot
        self._moved: defaultdict[str, float] = defaultdict(float)  # by told fills, since then
        self._falls = 0
        self._looked_at: float | None = None
        self._exposed = True  # something was held since settlements were last asked for
        self._paid: dict[tuple[str | None, int], FundingHeard] = {}
        self._paid_since: int | None = None
        self._paid_until = 0

    # --- what happens between two looks -----------------------------------------------------------
    def touched(self, pair: str) -> None:
        """Something was asked for in the pair: orders may rest from now on."""
        view = self._pairs[pair]
        view.active = True
        view.touches += 1

    def hear(self, news: VenueReport) -> None:
        """What the engine is told, so that the account is not asked for it again."""
        if isinstance(news, Filled | ForcedFill):
            self.told(news.fill)
        elif isinstance(news, Seen):
            for fill in news.fills:
                self.told(fill)

    def told(self, fill: VenueFill) -> None:
        """The engine has heard of this fill."""
        view = self._pairs[fill.pair]
        if fill.trade_id in view.fills:
            return
        view.fills[fill.trade_id] = fill
        self.touched(fill.pair)
        self._exposed = True
        for name, amount in self._moves(fill):
            self._moved[name] += amount

    def fell(self) -> None:
        """The account's stream is down: what happens now may not be told."""
        self._falls += 1
        for pair, view in self._pairs.items():
            if view.active or self._held.get(self._key(pair)):
                view.doubtful = True

    # --- looking ----------------------------------------------------------------------------------
    async def snapshot(self, pairs: Sequence[str], since_ms: int) -> AccountSnapshot:
        """The account now, with the fills and settlements of `pairs` since then."""
        at, before = self._now(), dict(self._moved)
        began = self._mono()
        if self._looked_at is not None and began - self._looked_at < _DOUBTED_S:
            self._doubt_all(pairs)
        positions, balances = await asyncio.gather(
            self._dialect.positions(pairs), self._dialect.balances()
        )
        self._weigh(pairs, positions, balances, before)
        orders, _, funding = await asyncio.gather(
            self._orders(pairs), self._ask_fills(pairs, since_ms), self._funding(since_ms)
        )
        self._looked_at = began
        fills = [f for pair in pairs for f in self._pairs[pair].fills.values()]
        self._forget(pairs, since_ms)
        settled = [FundingSettled(h.pair, h.cash, h.time) for h in funding if h.pair is not None]
        return AccountSnapshot(
            at, tuple(orders), tuple(f for f in fills if f.time >= since_ms), tuple(positions),
            tuple(balances), tuple(settled),
        )  # fmt: skip

    async def missed(self, pairs: Sequence[str], since_ms: int) -> list[VenueFill]:
        """The fills since then that may not have been told, after a fall of the stream."""
        found: list[VenueFill] = []
        for pair in pairs:
            if self._pairs[pair].doubtful:
                found += await self._fills_of(pair, since_ms)
        return found

    async def settlements(self, since_ms: int) -> list[FundingHeard]:
        """The settlements since then, asked for where there may be one that is not known."""
        return await self._funding(since_ms)

    def _doubt_all(self, pairs: Sequence[str]) -> None:
        for pair in pairs:
            self._pairs[pair].doubtful = self._pairs[pair].active = True

    # --- orders and fills -------------------------------------------------------------------------
    async def _orders(self, pairs: Sequence[str]) -> list[VenueOrder]:
        now = self._mono()
        due = [
            pair for pair in pairs
            if (view := self._pairs[pair]).active or self._held.get(self._key(pair))
            or now - view.orders_at >= _WHOLE_S
        ]  # fmt: skip
        found = await asyncio.gather(*(self._orders_of(pair) for pair in due))
        return [order for page in found for order in page]

    async def _orders_of(self, pair: str) -> list[VenueOrder]:
        view, asked_at = self._pairs[pair], self._mono()
        touches = view.touches
        found = await self._dialect.open_orders(pair)
        view.orders_at = asked_at
        if view.touches == touches:
            view.active = bool(found)
        return found

    async def _ask_fills(self, pairs: Sequence[str], since_ms: int) -> None:
        now = self._mono()
        due = [
            pair for pair in pairs
            if (view := self._pairs[pair]).doubtful or view.since is None or since_ms < view.since
            or now - view.fills_at >= _WHOLE_S
        ]  # fmt: skip
        await asyncio.gather(*(self._fills_of(pair, since_ms) for pair in due))

    async def _fills_of(self, pair: str, since_ms: int) -> list[VenueFill]:
        view, falls, asked_at = self._pairs[pair], self._falls, self._mono()
        found = await self._dialect.fills(pair, since_ms)
        view.fills |= {fill.trade_id: fill for fill in found}
        view.fills_at = asked_at
        # After a fall an earlier beginning holds still: there was nothing to be missed before it.
        view.since = since_ms if view.since is None else min(view.since, since_ms)
        if self._falls == falls:
            view.doubtful = False
        return found

    def _forget(self, pairs: Sequence[str], since_ms: int) -> None:
        oldest = since_ms - _KEPT_MS
        for pair in pairs:
            view = self._pairs[pair]
            if view.since is not None and view.since < oldest:
                view.since = oldest
                view.fills = {k: f for k, f in view.fills.items() if f.time >= oldest}
        self._paid = {k: h for k, h in self._paid.items() if h.time >= oldest}
        if self._paid_since is not None:
            self._paid_since = max(self._paid_since, oldest)

    # --- holdings ---------------------------------------------------------------------------------
    def _weigh(
        self, pairs: Iterable[str], positions: Sequence[VenuePosition],
        balances: Sequence[Balance], before: dict[str, float],
    ) -> None:  # fmt: skip
        """Doubts the pairs whose holdings the told fills do not explain. `before`: what had been
        told when the question left; what was told since may or may not be in the answer."""
        if self._market is Market.SPOT:
            held = {balance.currency: balance.total for balance in balances}
        else:
            held = {position.pair: position.side * position.quantity for position in positions}
        doubted = set()
        for name in {self._key(pair) for pair in pairs}:
            there, moved = held.get(name, 0.0), self._moved[name]
            known = self._held.get(name)
            change = None if known is None else there - known
            sizes = abs(there), abs(known or 0.0)
            if change is not None and _same(change, before.get(name, 0.0), *sizes):
                self._moved[name] = moved - before.get(name, 0.0)
            else:
                self._moved[name] = 0.0
                if change is None or not _same(change, moved, *sizes):
                    doubted.add(name)
            self._held[name] = there
        for pair in pairs:
            if self._key(pair) in doubted:
                self._pairs[pair].doubtful = True

    def _key(self, pair: str) -> str:
        return pair.partition("/")[0] if self._market is Market.SPOT else pair

    def _moves(self, fill: VenueFill) -> list[tuple[str, float]]:
        if self._market is not Market.SPOT:
            return [(fill.pair, fill.side * fill.quantity)]
        base, _, quote = fill.pair.partition("/")
        return [
            (base, fill.side * fill.quantity), (quote, -fill.side * fill.quantity * fill.price),
            (fill.fee_currency, -fill.fee),
        ]  # fmt: skip

    # --- settlements ------------------------------------------------------------------------------
    async def _funding(self, since_ms: int) -> list[FundingHeard]:
        """Asked for when an hour has turned since the last time, with something held: funding is
        settled on the hour."""
        if self._market is Market.SPOT:
            return []
        now = self._now()
        early = self._paid_since is None or since_ms < self._paid_since
        turned = now // HOUR_MS > self._paid_until // HOUR_MS
        if early or (turned and self._exposed):
            self._exposed = any(self._held.values())
            for heard in await self._dialect.funding(since_ms):
                self._paid[heard.pair, heard.time] = heard
            first = self._paid_since
            self._paid_since = since_ms if first is None else min(first, since_ms)
            self._paid_until = now - _SETTLING_MS
        return [heard for heard in self._paid.values() if heard.time >= since_ms]


def _same(change: float, moved: float, *sizes: float) -> bool:
    """Whether a change is that of the told fills, but for the dust of adding floats."""
    return abs(change - moved) <= _EPS * max(1.0, abs(change), abs(moved), *sizes)
