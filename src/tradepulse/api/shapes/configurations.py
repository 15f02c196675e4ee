"""Trained configurations as JSON."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from tradepulse.api.shapes.graphs import PictureShape
from tradepulse.api.shapes.values import Document, Millis, Money, Shape
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.lifecycle import ActivationState, Feed, Mode, Stage

_EXAMPLE: JsonDict = {
    "id": "0b0e7c1e-6a3b-4f0e-9d0a-2d1f0c3b7a11",
    "strategy_name": "ema_cross",
    "parameters": {"fast": 12, "slow": 48},
    "exchange": "binance",
    "pair": "BTC/USDT",
    "interval": "1h",
    "rules": {"market": "spot", "initial_cash": 10000.0, "taker_fee_bps": 10.0},
    "lifecycle_stage": "DISCOVERY",
    "is_active": False,
    "metrics": {"sharpe": 0.61, "max_drawdown": -0.34, "trade_count": 57, "cagr": None},
    "evidence": [{"rule": "trials", "threshold": None, "value": 1000.0, "passed": True}],
    "trials": 1000,
    "data_fingerprint": "9f2c…",
    "data_start": 1_704_067_200_000,
    "data_end": 1_735_686_000_000,
    "configuration_hash": "51ab…",
    "code_version": "0.1.0",
    "created_at": 1_748_961_000_000,
}


class EvidenceShape(Shape):
    """One rule of the lifecycle decision, with what it asked for and what it saw."""

    rule: str
    threshold: float | None
    value: float | None
    passed: bool
    note: str = ""
    required: bool = True


class ConfigurationShape(Shape):
    """What was found, on which data, by which code, with which evidence."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str
    strategy_name: str
    parameters: Document
    exchange: str
    pair: str
    interval: str
    rules: Document
    lifecycle_stage: Stage
    is_active: bool
    metrics: Document
    evidence: list[EvidenceShape]
    trials: int
    data_fingerprint: str
    data_start: Millis
    data_end: Millis
    configuration_hash: str
    code_version: str
    created_at: Millis

    @model_validator(mode="before")
    @classmethod
    def _from_record(cls, value: Any) -> Any:
        if not isinstance(value, Configuration):
            return value
        start, end = value.data_range
        return {**vars(value), "data_start": start, "data_end": end}


class GraphShape(Shape):
    """The signal graph an activation runs: as data, drawn as text, and as nodes to draw."""

    hash: str
    graph: Document
    drawing: str
    picture: PictureShape


class SummaryShape(Shape):
    """Counts over all configurations; `best` has the highest Sharpe ratio."""

    total: int
    active: int
    by_stage: dict[str, int]
    by_strategy: dict[str, int]
    by_exchange: dict[str, int]
    by_pair: dict[str, int]
    best: ConfigurationShape | None


class ActivateBody(Shape):
    """Where the configuration is to run, and with how much of the wallet."""

    model_config = ConfigDict(extra="forbid")

    wallet_id: str = Field(examples=["3f5c9f6e-3d1b-4b52-8f6f-6d1c1f5f2a10"])
    mode: Mode = Mode.PAPER
    feed: Feed | None = Field(
        default=None,
        description="On paper: `live` follows the exchange's own prices, `replay` the kept bars "
        "(the default). With a connection it is the connection's.",
    )
    confirm: str | None = Field(
        default=None, description="LIVE: your word for real money on what is not MATURE."
    )
    allotment: Money | None = Field(
        default=None, gt=0, max_digits=30,
        description="Its own capital. Default: the cash of its rules, or what the wallet has left.",
    )  # fmt: skip
    session_start: Millis | None = Field(
        default=None, ge=0,
        description="Open time of its first bar, to replay from there. Default: the next bar.",
    )  # fmt: skip


class ActivationAccepted(Shape):
    """Accepted; the engine reports the rest as `activation.state` events."""

    activation_id: str
    state: ActivationState


class HeldShape(ActivationAccepted):
    """`blocked`: why it takes no entries; null when it may."""

    blocked: str | None


class RolledBackShape(Shape):
    """The activation that leaves its exchange, and the paper one that goes on."""

    left: ActivationAccepted
    paper: ActivationAccepted


class PromoteBody(Shape):
    """The next stage, by name: a request that comes twice must not be two steps."""

    model_config = ConfigDict(extra="forbid")

    # Words, not members of `Stage`: who asks for another is told these as they are to be sent.
    to: Literal["VALIDATION", "MATURE"]
    dry_run: bool = Field(
        default=False, description="Only say what would be decided; the hold-out stays sealed."
    )


class PromotionShape(Shape):
    """What the evidence says of a step. `earned`: every required rule passed; `promoted`: the step
    was taken."""

    configuration_id: str
    stage_from: Stage
    stage_to: Stage
    earned: bool
    promoted: bool
    evidence: list[EvidenceShape]


class DeactivateBody(Shape):
    """`flatten`: close the position now; otherwise its own exits close it."""

    model_config = ConfigDict(extra="forbid")

    flatten: bool = False


class DeactivationAccepted(Shape):
    """The activations that were told to leave, with the state they are in."""

    configuration_id: str
    activations: list[ActivationAccepted]
