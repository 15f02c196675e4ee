"""Trading states, locks, the kill switch, reconciling, and how orders were carried out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, field_validator

from tradepulse.api.shapes.values import Document, Millis, Money, Shape
from tradepulse.risk.trading_state import TradingState

Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    Field(description="Why; it is kept.", examples=["the exchange announced a fork"]),
]


class LatchShape(Shape):
    """Why a wallet may not trade freely. `until_ms` null: until a person resets it."""

    code: str
    state: TradingState
    reason: str
    since_ms: Millis
    until_ms: Millis | None
    by: str | None


class RiskStateShape(Shape):
    """A wallet's trading state: the worst of its latches."""

    wallet_id: str
    state: TradingState
    reason: str
    since: Millis
    latches: list[LatchShape]
    version: int

    @field_validator("latches", mode="before")
    @classmethod
    def _of_the_book(cls, found: Any) -> Any:
        return found.get("latches", []) if isinstance(found, dict) else found


class RiskStates(Shape):
    items: list[RiskStateShape]


class AskedState(Shape):
    """`wallet_id` null: every wallet at an exchange."""

    model_config = ConfigDict(extra="forbid")

    state: TradingState
    reason: Reason
    wallet_id: str | None = None


class AskedReset(Shape):
    """`codes` null: every latch of the wallet."""

    model_config = ConfigDict(extra="forbid")

    wallet_id: str
    reason: Reason
    codes: list[str] | None = Field(default=None, examples=[["drawdown"]])


class LockShape(Shape):
    """No entries from `from_ms` to `until_ms`: of the wallet, one activation, or in one pair."""

    id: str
    wallet_id: str
    activation_id: str | None
    pair: str | None
    code: str
    reason: str
    from_ms: Millis
    until_ms: Millis
    released_at: Millis | None
    released_by: str | None


class AskedKill(Shape):
    """`wallet_id` null: every wallet of this home."""

    model_config = ConfigDict(extra="forbid")

    confirm: Literal["KILL"]
    reason: Reason
    wallet_id: str | None = None


class AskedKillReset(Shape):
    model_config = ConfigDict(extra="forbid")

    reason: Reason


class KillResetShape(Shape):
    reset: bool = Field(description="Whether a kill switch stood.")


class ReceiptShape(Shape):
    """What the kill switch did. What was left is the exchange's own word if
    `confirmed_by_exchange`."""

    id: str
    wallet_id: str | None
    requested_at: Millis
    completed_at: Millis | None
    reason: str
    requested_by: str
    cancelled: int
    flattened: int
    open_orders: int
    open_positions: int
    confirmed_by_exchange: bool
    details: Document


class KillSwitchShape(Shape):
    """`standing`: no engine of this home enters until it is reset."""

    standing: bool
    reason: str | None
    requested_by: str | None
    requested_at: Millis | None
    receipt: ReceiptShape | None


class ReconciliationShape(Shape):
    """A difference between ledger and exchange, or (kind `balance`) balances agreed on."""

    id: str
    wallet_id: str
    time: Millis
    kind: str
    entity_id: str
    expected: str
    found: str
    resolved_how: str
    payload: Document


class AskedReconcile(Shape):
    """`accept`: why the balances as they are now are right from here on."""

    model_config = ConfigDict(extra="forbid")

    wallet_id: str | None = None
    accept: Reason | None = None


class SpreadShape(Shape):
    count: int
    mean: float | None
    p50: float | None
    p99: float | None
    worst: float | None


class ExecutionShape(Shape):
    """Slippage above 0 cost something. From a bar's close latency is known only where the
    exchange's clock is ours: not in a sandbox."""

    activation_id: str
    orders: int
    by_state: dict[str, int]
    fill_rate: float | None = Field(description="Of market orders that are over.")
    slippage_bps: dict[str, SpreadShape] = Field(description="By the orders' role.")
    slippage_quote: Money
    close_to_sent_ms: SpreadShape
    sent_to_acknowledged_ms: SpreadShape
    close_to_acknowledged_ms: SpreadShape
    fees: Money
    fees_bps: float | None
