"""How long positions stand without a stop while the venue could be asked for one."""

from __future__ import annotations

from simulated_venue.laws import LawWatch
from simulated_venue.sim_exchange import SimExchange

# In the storm every request may be lost, one after the other; each costs the time until the venue
# would refuse it as too old, and so is counted. In the calm the engine has one such time, and a
# little.
STORM_BOUND_MS = 180_000
LOSS_MS = 25_000
CALM_BOUND_MS = 20_000
_TOLD_MS = 5_000


class ProtectionClock:
    """Adds up, by pair, the time since it was last protected. Time in which nobody could act (the
    process down, the venue away or the instrument halted) does not count."""

    def __init__(self, exchange: SimExchange, laws: LawWatch, pairs: tuple[str, ...]) -> None:
        self.longest = 0
        self._exchange = exchange
        self._laws = laws
        self._since: dict[str, int | None] = dict.fromkeys(pairs)
        self._lost_before = dict.fromkeys(pairs, 0)
        self._naked = dict.fromkeys(pairs, 0)

    def changed(self, pair: str) -> None:
        """Something changed at the venue: notes when protection was lost."""
        if self.is_protected(pair):
            if self._naked[pair] > _TOLD_MS:
                told = f"{pair} again, after {self._naked[pair]} ms"
                self._exchange.trace.add(self._exchange.clock.now, "protected", told)
            self._since[pair], self._naked[pair] = None, 0
        elif self._since[pair] is None:
            self._since[pair] = self._exchange.clock.now
            self._lost_before[pair] = self._exchange.lost[pair]

    def passed(self, elapsed_ms: int, *, able: bool, calm: bool) -> None:
        """Time went by since the last call."""
        for pair, since in self._since.items():
            if since is None or not able or pair in self._exchange.halted:
                continue
            self._naked[pair] += min(elapsed_ms, self._exchange.clock.now - since)
            self.longest = max(self.longest, self._naked[pair])
            lost = self._exchange.lost[pair] - self._lost_before[pair]
            if self._naked[pair] > (CALM_BOUND_MS if calm else STORM_BOUND_MS + LOSS_MS * lost):
                held = self._exchange.account.position(pair)
                self._laws.breaks(
                    "protected", f"{held} {pair} had no stop for {self._naked[pair]} ms"
                )

    @property
    def is_naked(self) -> bool:
        """Whether any position is without a stop now."""
        return any(since is not None for since in self._since.values())

    def calm(self) -> None:
        """The storm is over: what it cost is not held against the calm."""
        self._naked = dict.fromkeys(self._naked, 0)

    def is_protected(self, pair: str) -> bool:
        """Whether stops or market exits at the venue cover the position, but for dust."""
        held = self._exchange.account.position(pair)
        if self._laws.is_dust(pair, held):
            return True
        covered = sum(
            order.remaining for order in self._exchange.open_orders(pair)
            if order.asked.reduces and (order.is_stop or order.waits)
        )  # fmt: skip
        return self._laws.is_dust(pair, abs(held) - covered)
