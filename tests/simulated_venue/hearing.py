"""How long an execution may be unknown to the ledger while the venue could be asked about it."""

from __future__ import annotations

from simulated_venue.laws import LawWatch
from simulated_venue.memory_ledger import MemoryLedger
from simulated_venue.sim_exchange import SimExchange

# The account is compared every minute; in the storm one comparison or two may fail.
STORM_BOUND_MS = 240_000
CALM_BOUND_MS = 80_000


class HearingClock:
    """Adds up, by execution, the time in which the engine could have learned of it."""

    def __init__(self, exchange: SimExchange, ledger: MemoryLedger, laws: LawWatch) -> None:
        self.longest = 0
        self._exchange = exchange
        self._ledger = ledger
        self._laws = laws
        self._seen = 0
        self._unheard: dict[str, int] = {}

    def passed(self, elapsed_ms: int, *, able: bool, calm: bool) -> None:
        """Time went by since the last call."""
        if not able:
            return
        for name in [name for name in self._unheard if self._ledger.has_venue_fill(name)]:
            del self._unheard[name]
        for name in self._unheard:
            self._unheard[name] += elapsed_ms
            self.longest = max(self.longest, self._unheard[name])
            if self._unheard[name] > (CALM_BOUND_MS if calm else STORM_BOUND_MS):
                told = f"fill {name} is not in the ledger after {self._unheard[name]} ms"
                self._laws.breaks("heard", told)
        for fill in self._exchange.fills[self._seen :]:
            self._unheard[fill.trade_id] = 0
        self._seen = len(self._exchange.fills)

    def calm(self) -> None:
        """The storm is over: what it cost is not held against the calm."""
        self._unheard = dict.fromkeys(self._unheard, 0)
