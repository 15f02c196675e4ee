"""What risk must know of a wallet at a venue beyond its desks. The shell keeps it up to date."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from tradepulse.domain.interval import MINUTE_MS
from tradepulse.domain.lifecycle import Stage
from tradepulse.risk.breakers import BreakerPanel
from tradepulse.risk.clusters import Clusters
from tradepulse.risk.risk_book import RiskBook

# What a breaker may trip for, besides a pair.
CONNECTION, WALLET = "connection", "wallet"


@dataclass(frozen=True)
class Standing:
    """What an activation has shown: its configuration's stage, how many trades that closed with
    real money (None: the activation trades none) and how many of them were its own, and the share
    of its allotment it may use."""

    stage: Stage | None = None
    live_trades: int | None = None
    own_trades: int = 0
    staged_share: float = 1.0


@dataclass(slots=True)
class Oversight:
    """`settled`: what activations of the wallet that do not run here have made, quote units.
    `sent`: when the wallet's orders of the last minute were decided, market time."""

    settled: float = 0.0
    book: RiskBook = field(default_factory=RiskBook)
    panel: BreakerPanel = field(default_factory=BreakerPanel)
    clusters: Clusters | None = None
    standings: dict[str, Standing] = field(default_factory=dict)
    sent: deque[int] = field(default_factory=deque)

    def count_order(self, time: int) -> None:
        """An order was decided."""
        self.sent.append(time)

    def orders_last_minute(self, now: int) -> int:
        """How many orders were decided in the minute before `now`."""
        while self.sent and self.sent[0] <= now - MINUTE_MS:
            self.sent.popleft()
        return len(self.sent)

    def standing(self, activation_id: str) -> Standing:
        """What is known of an activation."""
        return self.standings.get(activation_id, Standing())
