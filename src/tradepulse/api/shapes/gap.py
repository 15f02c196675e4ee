"""What an activation earned against the backtest of the same bars, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Millis, Money, Shape
from tradepulse.domain.lifecycle import Mode, Side

if TYPE_CHECKING:
    from tradepulse.storage.views.activation_equity import ActivationEquity

_TRIP: JsonDict = {
    "side": "long", "entry_time": 1_748_961_000_000, "entry_price": "105.2", "quantity": "9.5",
    "exit_time": 1_748_968_200_000, "exit_price": "106.1", "exit_reason": "signal", "pnl": "8.55",
}  # fmt: skip
_GAP: JsonDict = {
    "activation_id": "8f7e…", "configuration_id": "0b0e…", "mode": "testnet", "pair": "AVAX/USDT",
    "bars": 960, "start": 1_748_908_800_000, "end": 1_749_772_800_000, "expected_trades": 20,
    "found_trades": 19, "expected_pnl": "42.118", "found_pnl": "38.02", "total": "-4.098",
    "parts": [{"part": "price", "amount": "-4.098", "trades": 19}],
    "cents": [
        {"part": "price", "amount": "-4.10", "trades": 19},
        {"part": "total", "amount": "-4.10", "trades": 19},
    ],
    "missed": [{**_TRIP, "verdict": "refused", "reason": "daily_loss"}], "extra": [],
}  # fmt: skip


class GapPart(Shape):
    """`amount` in the quote currency: what this cause added to the gap; `trades` differ by it."""

    part: str = Field(examples=["data", "timing", "price", "fees", "funding", "missed", "extra"])
    amount: Money
    trades: int


class TripShape(Shape):
    """A closed trade of one of the two runs."""

    side: Side
    entry_time: Millis
    entry_price: Money
    quantity: Money
    exit_time: Millis
    exit_price: Money
    exit_reason: str
    pnl: Money


class MissedShape(TripShape):
    """A trade of the backtest that was not made, and what became of its signal."""

    verdict: str | None
    reason: str | None


class LiveGapShape(Shape):
    """`found_pnl` less `expected_pnl`, by cause. `parts` sum to `total` exactly; `cents` are the
    same in whole cents, which sum to their last row, the total."""

    model_config = ConfigDict(json_schema_extra={"examples": [_GAP]})

    activation_id: str
    configuration_id: str
    mode: Mode
    pair: str
    bars: int
    start: Millis
    end: Millis
    expected_trades: int
    found_trades: int
    expected_pnl: Money
    found_pnl: Money
    total: Money
    parts: list[GapPart]
    cents: list[GapPart]
    missed: list[MissedShape]
    extra: list[TripShape]


class ActivationPoint(Shape):
    """`drawdown` is the fraction below the peak so far, at most 0."""

    time: Millis
    equity: float
    drawdown: float
    replay: float | None = Field(description="What the backtest of the same bars was worth then.")


class ActivationEquityShape(Shape):
    """Its own ledger over time, beside the backtest. `why_not`: why there is no backtest."""

    activation_id: str
    allotment: Money
    points: int = Field(description="There are so many; `items` are thinned.")
    why_not: str | None
    items: list[ActivationPoint]


def activation_equity_shape(found: ActivationEquity) -> ActivationEquityShape:
    """The equity as JSON."""
    replay = [None] * len(found.curve.time) if found.replay is None else found.replay.tolist()
    rows = zip(*(column.tolist() for column in found.curve), replay, strict=True)
    return ActivationEquityShape(
        activation_id=found.activation.id, allotment=found.activation.allotment,
        points=found.points, why_not=found.why_not,
        items=[ActivationPoint(time=t, equity=e, drawdown=d, replay=r) for t, e, d, r in rows],
    )  # fmt: skip
