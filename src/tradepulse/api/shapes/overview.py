"""The overview as JSON: wallets, what runs on them, what a person must decide."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from tradepulse.api.shapes.ledger import ActivationShape, WalletShape
from tradepulse.api.shapes.values import Document, Millis, Money, Shape
from tradepulse.domain.lifecycle import Feed, Mode, Stage
from tradepulse.risk.trading_state import TradingState
from tradepulse.storage.views.decisions import Action

_STANDING: JsonDict = {
    "wallet": {
        "id": "3f5c9f6e-3d1b-4b52-8f6f-6d1c1f5f2a10", "name": "Paper desk", "quote": "USDT",
        "balance": "30000", "mode": "paper", "created_at": 1_748_092_800_000, "user_id": "local",
        "connection_id": None, "allotted": None,
    },
    "feed": "live", "as_of": 1_748_961_000_000, "day_start": 1_748_908_800_000, "state": "ACTIVE",
    "equity": "30084.2", "realised": "60.81", "unrealised": "23.39", "today": "27.14",
    "today_closed": "11.97", "today_open": "15.17", "month": "84.2", "peak": "30101.7",
    "drawdown_pct": -0.058, "open_risk": "118.44", "open_risk_pct": 0.394, "unprotected": 0,
    "exposure": "9964.8", "exposure_pct": 33.12, "positions": 1, "active": 2,
}  # fmt: skip
_DECISION: JsonDict = {
    "code": "stage_watch", "level": "warning",
    "message": "rsi_reversion on BTC/USDT moved to WATCH and still trades",
    "since": 1_748_960_160_000, "entity": "activation",
    "entity_id": "8f7e…", "actions": ["review_evidence", "drain"], "mode": "paper",
    "wallet_id": "3f5c…", "configuration_id": "0b0e…",
}  # fmt: skip


class ConfigurationName(Shape):
    """What tells a configuration from others."""

    id: str
    strategy_name: str
    exchange: str
    pair: str
    interval: str
    parameters: Document
    lifecycle_stage: Stage


class StandingShape(Shape):
    """A wallet now: amounts in its quote currency, `_pct` in percent of its equity."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STANDING]})

    wallet: WalletShape
    feed: Feed | None = Field(
        description="The best that an activation of it ran on; null without any."
    )
    as_of: Millis | None = Field(description="Of its newest point; null before the first.")
    day_start: Millis = Field(description="Midnight UTC of market time: where today begins.")
    state: TradingState
    equity: Money
    realised: Money = Field(description="Of all its closed trades.")
    unrealised: Money
    today: Money
    today_closed: Money
    today_open: Money
    month: Money = Field(description="In 30 days.")
    peak: Money
    drawdown_pct: float = Field(description="Below the peak, at most 0.")
    open_risk: Money = Field(description="What all stops would lose against the entries.")
    open_risk_pct: float | None
    unprotected: int = Field(description="Positions without a stop; not in the open risk.")
    exposure: Money = Field(description="Notional of open positions at entry.")
    exposure_pct: float | None
    positions: int
    active: int = Field(description="Activations that are not over.")


class TotalShape(Shape):
    """Wallets of one mode and currency, but for those that only replay history."""

    mode: Mode
    quote: str
    wallets: int
    equity: Money
    today: Money
    today_closed: Money
    today_open: Money
    open_risk: Money
    open_risk_pct: float | None
    exposure: Money
    exposure_pct: float | None
    positions: int
    active: int


class ActiveShape(Shape):
    """An activation that is not over, with its own ledger's figures."""

    activation: ActivationShape
    configuration: ConfigurationName
    equity: Money
    today: Money
    trade_count: int
    pnl: Money = Field(description="Of its closed trades.")
    as_of: Millis | None


class DecisionShape(Shape):
    """Something only a person can decide. `code` is stable."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DECISION]})

    code: str
    level: str
    message: str
    since: Millis
    entity: str
    entity_id: str
    actions: list[Action]
    mode: Mode | None
    wallet_id: str | None
    configuration_id: str | None


class OverviewShape(Shape):
    """All of one moment. `unread`: alerts nobody has read, by level."""

    as_of: Millis
    kill_switch: bool = Field(description="Whether it stands.")
    wallets: list[StandingShape]
    totals: list[TotalShape]
    active: list[ActiveShape]
    decisions: list[DecisionShape]
    unread: dict[str, int]


class CurvePoint(Shape):
    """`drawdown` is the fraction below the peak so far, at most 0."""

    time: Millis
    equity: float
    drawdown: float


class CurveShape(Shape):
    """What a wallet was worth over time; thinned, but no peak and no fall is lost."""

    wallet_id: str
    points: int = Field(description="Of the whole curve.")
    items: list[CurvePoint]
