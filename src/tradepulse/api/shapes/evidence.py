"""What a configuration rests on, as JSON: growth, verdict, heat map, its backtest's trades."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Document, Millis, Shape
from tradepulse.domain.lifecycle import ExitReason, Side, Stage

_EQUITY: JsonDict = {
    "configuration_id": "0b0e7c1e-6a3b-4f0e-9d0a-2d1f0c3b7a11", "why_not": None,
    "same_data": True,
    "series": [{
        "name": "backtest", "points": 35040, "total_return": 0.42, "max_drawdown": -0.19,
        "items": [{"time": 1_704_070_800_000, "value": 1.0, "drawdown": 0.0}],
    }],
}  # fmt: skip
_RULE: JsonDict = {
    "rule": "deflated_sharpe", "title": "Deflated Sharpe", "verdict": "not", "note": "",
    "value": 0.61, "threshold": 0.95, "value_text": "0.61", "threshold_text": "0.95 or more",
    "required": True,
}  # fmt: skip


class GrowthPoint(Shape):
    """`value` is what one unit of money became; `drawdown` the fraction below its peak."""

    time: Millis
    value: float
    drawdown: float


class GrowthSeries(Shape):
    """backtest: the row's run done again. in_sample, market: the days its search saw.
    out_of_sample: days no search saw, stitched of the folds."""

    name: str
    points: int = Field(description="Of the whole series; items are thinned.")
    total_return: float
    max_drawdown: float
    items: list[GrowthPoint]


class EquityShape(Shape):
    """How one unit of money grew, by several measures."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EQUITY]})

    configuration_id: str
    why_not: str | None = Field(description="Why its run could not be done again.")
    same_data: bool | None = Field(
        description="Whether the kept bars are those it was found on; null where it was not run."
    )
    series: list[GrowthSeries]


class RuleShape(Shape):
    """A rule of the lifecycle. `verdict`: met, not, or note where it decides nothing."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RULE]})

    rule: str
    title: str
    verdict: str
    note: str
    value: float | None
    threshold: float | None
    value_text: str
    threshold_text: str
    required: bool


class StatisticShape(Shape):
    """A statistic with what it means to a trader."""

    group: str
    name: str
    title: str
    meaning: str
    value: Any
    text: str
    rule: str | None = Field(description="The rule that looks at it.")


class VerdictShape(Shape):
    """The verdict in words and figures. Sharpe ratios are annual, the market's part taken out."""

    configuration_id: str
    stage: Stage
    headline: str
    sentence: str
    tries: int
    distinct: float | None = Field(description="How many different tries they are worth.")
    sharpe: float | None
    expected_live_sharpe: float | None
    luck_sharpe: float | None = Field(description="What the luckiest of the tries would show.")
    hold_out: str = Field(description="sealed, opened or none")
    synthetic: bool
    studied: bool
    rules: list[RuleShape]
    statistics: list[StatisticShape]
    folds: list[Document]


class AxisShape(Shape):
    """A parameter's cells. `binned`: a cell holds several values."""

    name: str
    cells: list[str]
    binned: bool


class CellShape(Shape):
    column: int
    row: int


class HeatMapShape(Shape):
    """Median scores by two parameters, a row of `up` each; null where nobody tried."""

    configuration_id: str
    score: str
    influence: list[str] = Field(description="Parameters that moved, the most influential first.")
    across: AxisShape
    up: AxisShape
    medians: list[list[float | None]]
    tries: list[list[int]]
    chosen: CellShape
    best: CellShape
    plateau: dict[str, int] = Field(description="Cells around the chosen one: first and last.")


class BacktestTrade(Shape):
    """A round trip of the backtest; amounts are the kernel's floats."""

    side: Side
    entry_time: Millis
    entry_price: float
    quantity: float
    exit_time: Millis
    exit_price: float
    exit_reason: ExitReason
    fees: float
    funding: float
    pnl: float
    pnl_pct: float
    mae_pct: float
    mfe_pct: float
    bars_held: int
    tag: str | None
