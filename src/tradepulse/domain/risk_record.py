"""What risk has decided, as it outlives a restart. Times are UTC milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field

from tradepulse.domain.configuration import Json


@dataclass(frozen=True)
class RiskStateRecord:
    """A wallet's trading state: ACTIVE, REDUCING (exits only) or HALTED.

    `latches`: what holds it there until their time or a person's word, as `risk.trading_state`
    writes it. `version` counts changes: who writes must have seen the newest.
    """

    wallet_id: str
    state: str
    reason: str
    since: int
    latches: Json
    version: int = 0


@dataclass(frozen=True)
class RiskLock:
    """No entries in [from_ms, until_ms): of the whole wallet, of one activation, or in one pair,
    whichever is named. `code`: the protection that asked for it. `released_by` lifted it before
    its time."""

    id: str
    wallet_id: str
    activation_id: str | None
    pair: str | None
    code: str
    reason: str
    from_ms: int
    until_ms: int
    released_at: int | None = None
    released_by: str | None = None


@dataclass(frozen=True)
class KillReceipt:
    """What the kill switch did to a wallet (None: to all).

    `cancelled` orders and `flattened` positions; `open_orders` and `open_positions` are what was
    left when it was over, as the exchange said if `confirmed_by_exchange`. `completed_at` None: it
    is still at work.
    """

    id: str
    wallet_id: str | None
    requested_at: int
    completed_at: int | None
    reason: str
    requested_by: str
    cancelled: int = 0
    flattened: int = 0
    open_orders: int = 0
    open_positions: int = 0
    confirmed_by_exchange: bool = False
    details: Json = field(default_factory=dict)
