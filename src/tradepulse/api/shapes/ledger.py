"""Wallets, activations and what they did, as JSON. Amounts are decimal strings."""

from __future__ import annotations

from decimal import Decimal

from pydantic import ConfigDict, Field

from tradepulse.api.shapes.values import Document, Millis, Money, Shape
from tradepulse.domain.lifecycle import (
    ActivationState,
    ExitReason,
    Feed,
    Mode,
    OrderState,
    Side,
    Stage,
)  # fmt: skip


class WalletShape(Shape):
    id: str
    name: str
    quote: str
    balance: Money
    mode: Mode
    created_at: Millis
    user_id: str
    connection_id: str | None = None
    allotted: Money | None = Field(
        default=None, description="What its running activations hold of the balance."
    )


class NewWallet(Shape):
    """A wallet on paper, where what is left out comes from the section `paper` of the settings; or,
    with `connection_id`, a share of an exchange account, whose `balance` must be given."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, examples=["Paper desk"])
    balance: Decimal | None = Field(default=None, gt=0, max_digits=30, examples=["10000"])
    quote: str | None = Field(default=None, pattern=r"^[A-Z0-9]{2,12}$", examples=["USDT"])
    mode: Mode | None = Field(default=None, description="Of the connection; else paper.")
    connection_id: str | None = None


class ActivationShape(Shape):
    id: str
    configuration_id: str
    wallet_id: str
    mode: Mode
    feed: Feed
    state: ActivationState
    allotment: Money
    session_start: Millis | None
    last_bar: Millis | None
    code_version: str
    created_at: Millis
    stopped_at: Millis | None
    fault: str | None
    user_id: str
    blocked: str | None = Field(description="Why it takes no entries for now.")
    staged_share: float | None = Field(
        default=None,
        description="What it may use of its allotment with real money; null without any.",
    )
    lease_owner: str | None = Field(description="The engine that runs it.")
    lease_until: Millis | None


class SignalShape(Shape):
    id: str
    activation_id: str
    configuration_id: str
    bar_time: Millis
    action: str
    close: Money
    verdict: str
    reason: str | None
    values: Document


class OrderShape(Shape):
    id: str
    client_order_id: str
    activation_id: str
    configuration_id: str
    wallet_id: str
    mode: Mode
    pair: str
    kind: str
    role: str
    side: str
    quantity: Money
    price: Money | None
    filled: Money
    state: OrderState
    reason: str | None
    oco_group: str | None
    created_at: Millis
    updated_at: Millis
    code_version: str
    venue_order_id: str | None
    decided_at: Money | None = Field(description="The close it was decided on.")
    bracket: Document | None
    sent_at: Millis | None
    acknowledged_at: Millis | None


class FillShape(Shape):
    id: str
    order_id: str
    activation_id: str
    configuration_id: str
    wallet_id: str
    pair: str
    side: str
    price: Money
    quantity: Money
    fee: Money
    liquidity: str
    time: Millis
    code_version: str
    venue_trade_id: str | None
    fee_currency: str | None
    fee_amount: Money | None
    fee_base: Money


class PositionShape(Shape):
    id: str
    activation_id: str
    configuration_id: str
    wallet_id: str
    pair: str
    side: Side
    quantity: Money
    entry_price: Money
    entry_time: Millis
    stop: Money | None
    target: Money | None
    updated_at: Millis


class TradeShape(Shape):
    id: str
    configuration_id: str
    activation_id: str
    wallet_id: str
    mode: Mode
    feed: Feed
    pair: str
    side: Side
    entry_time: Millis
    entry_price: Money
    quantity: Money
    exit_time: Millis
    exit_price: Money
    exit_reason: ExitReason
    fees: Money
    funding: Money
    pnl: Money
    pnl_pct: Money
    mae_pct: Money
    mfe_pct: Money
    bars_held: int
    tag: str | None
    code_version: str


class TotalsShape(Shape):
    """Exact sums over the trades asked for."""

    trade_count: int
    win_count: int
    win_rate: float | None
    pnl: Money
    fees: Money
    funding: Money


class PortfolioPointShape(Shape):
    wallet_id: str
    activation_id: str
    configuration_id: str
    time: Millis
    equity: Money
    cash: Money
    unrealised_pnl: Money
    drawdown: Money
    code_version: str


class LogShape(Shape):
    id: int
    timestamp: Millis
    level: str
    message: str
    configuration_id: str | None
    trade_id: str | None
    metadata: Document


class PerformanceShape(Shape):
    """Trades of a configuration in one mode and feed, beside the backtest it was promised by."""

    strategy_name: str
    exchange: str
    pair: str
    configuration_id: str
    lifecycle_stage: Stage
    mode: Mode | None
    feed: Feed | None
    trade_count: int
    win_rate: float | None
    total_pnl: Money
    avg_pnl: Money | None
    backtest: dict[str, float | None]
    gap: float | None = Field(description="Live win rate minus the backtest's.")
