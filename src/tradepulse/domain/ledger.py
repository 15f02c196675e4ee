"""Rows of the ledger: what was signalled, ordered, filled, traded, and what it left in the wallet.

Amounts are `Decimal`; times are UTC milliseconds. Every row names its configuration, activation
and the code that wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tradepulse.domain.configuration import Json
from tradepulse.domain.lifecycle import (
    ActivationState,
    ExitReason,
    Feed,
    Mode,
    OrderState,
    Side,
)  # fmt: skip


@dataclass(frozen=True)
class Wallet:
    """An account that can hold positions; allotments of its activations never exceed `balance`."""

    id: str
    name: str
    quote: str
    balance: Decimal
    mode: Mode
    created_at: int
    user_id: str = "local"
    connection_id: str | None = None


@dataclass(frozen=True)
class Activation:
    """A configuration running on a wallet. `session_start` is the open time of its first bar:
    its state is a function of the bars since then.

    `blocked`: why it may only leave for now (`paused`, `fallback`, ...). The lease: the engine
    `lease_owner` alone may write for it until `lease_until`, with the fencing token `fence`.
    """

    id: str
    configuration_id: str
    wallet_id: str
    mode: Mode
    feed: Feed
    state: ActivationState
    allotment: Decimal
    session_start: int | None
    last_bar: int | None
    code_version: str
    created_at: int
    stopped_at: int | None = None
    fault: str | None = None
    user_id: str = "local"
    blocked: str | None = None
    lease_owner: str | None = None
    lease_until: int | None = None
    fence: int = 0


@dataclass(frozen=True)
class SignalRecord:
    """What a graph said on a closed bar; `verdict` is traded, refused or ignored."""

    id: str
    activation_id: str
    configuration_id: str
    bar_time: int
    action: str
    close: Decimal
    verdict: str
    reason: str | None
    values: Json


@dataclass(frozen=True)
class OrderRecord:
    """`decided_at` is the close it was decided on; `bracket` the exits an entry brings along;
    `acknowledged_at` when the venue had it (wall clock, as `sent_at`)."""

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
    quantity: Decimal
    price: Decimal | None
    filled: Decimal
    state: OrderState
    reason: str | None
    oco_group: str | None
    created_at: int
    updated_at: int
    code_version: str
    venue_order_id: str | None = None
    decided_at: Decimal | None = None
    bracket: Json | None = None
    sent_at: int | None = None
    acknowledged_at: int | None = None


@dataclass(frozen=True)
class FillRecord:
    """`fee` in quote units; `fee_amount` of `fee_currency` is what the venue took, `fee_base` the
    part of the received coins that it kept."""

    id: str
    order_id: str
    activation_id: str
    configuration_id: str
    wallet_id: str
    pair: str
    side: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    liquidity: str
    time: int
    code_version: str
    venue_trade_id: str | None = None
    fee_currency: str | None = None
    fee_amount: Decimal | None = None
    fee_base: Decimal = Decimal(0)


@dataclass(frozen=True)
class PositionRecord:
    """The open position of an activation; it is deleted when flat. `state`: what a restart needs of
    a position at a venue, which no replay of bars gives back."""

    id: str
    activation_id: str
    configuration_id: str
    wallet_id: str
    pair: str
    side: Side
    quantity: Decimal
    entry_price: Decimal
    entry_time: int
    stop: Decimal | None
    target: Decimal | None
    updated_at: int
    state: Json | None = None


@dataclass(frozen=True)
class TradeRecord:
    """One round trip. `mae_pct` and `mfe_pct` are signed percent of the entry price."""

    id: str
    configuration_id: str
    activation_id: str
    wallet_id: str
    mode: Mode
    feed: Feed
    pair: str
    side: Side
    entry_time: int
    entry_price: Decimal
    quantity: Decimal
    exit_time: int
    exit_price: Decimal
    exit_reason: ExitReason
    fees: Decimal
    funding: Decimal
    pnl: Decimal
    pnl_pct: Decimal
    mae_pct: Decimal
    mfe_pct: Decimal
    bars_held: int
    tag: str | None
    code_version: str


@dataclass(frozen=True)
class PortfolioPoint:
    """A wallet's worth at a time: written on fills and hourly."""

    wallet_id: str
    activation_id: str
    configuration_id: str
    time: int
    equity: Decimal
    cash: Decimal
    unrealised_pnl: Decimal
    drawdown: Decimal
    code_version: str
