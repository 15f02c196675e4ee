"""Where the ledger and the venue differed, and money that came or went without a trade."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tradepulse.domain.configuration import Json


@dataclass(frozen=True)
class Reconciliation:
    """One difference. `kind`: order, fill, position, balance or pnl; `expected` is what the ledger
    said, `found` what the venue did; `resolved_how` what was done about it. Time in UTC ms."""

    id: str
    wallet_id: str
    time: int
    kind: str
    entity_id: str
    expected: str
    found: str
    resolved_how: str
    payload: Json


@dataclass(frozen=True)
class Transfer:
    """A deposit (`amount` above 0) or withdrawal (below 0): it changes equity, never PnL, daily
    loss or drawdown. `id` is the venue's where it has one."""

    id: str
    wallet_id: str
    time: int
    currency: str
    amount: Decimal
    kind: str
