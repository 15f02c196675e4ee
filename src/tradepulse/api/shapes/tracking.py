"""Live results against what was tested, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Millis, Shape
from tradepulse.domain.lifecycle import Feed, Stage

if TYPE_CHECKING:
    from tradepulse.storage.views.tracking import CusumPath, LiveDays, Tracking
    from tradepulse.training.lifecycle.expected_paths import ExpectedPaths

_EXAMPLE: JsonDict = {
    "configuration_id": "0b0e7c1e-6a3b-4f0e-9d0a-2d1f0c3b7a11", "lifecycle_stage": "VALIDATION",
    "feed": "live", "activations": 1, "trades": 41, "days": 33, "signal_match": 1.0,
    "signal_match_limit": 0.99, "why_not": None,
    "cusum": {
        "expected_mean": 0.0011, "deviation": 0.014, "allowance": 0.039, "watch": 5.6,
        "decayed": 11.2, "items": [{"time": 1_748_961_000_000, "value": 0.004, "sum": 0.0}],
    },
    "live": [{"day": 1, "time": 1_748_995_200_000, "growth": 1.004, "drawdown": 0.0}],
    "expected": [{
        "day": 1, "fall_95": -0.012, "fall_99": -0.021, "low": 0.988, "middle": 1.0, "high": 1.013,
    }],
    "slippage": {
        "modelled_bps": 2.0, "measured_bps": 2.3, "error_bps": 0.2, "fills": 82, "limit_bps": 2.6,
    },
}  # fmt: skip


class CusumPoint(Shape):
    """After the trade that closed at `time`: its net result over the notional, and the sum."""

    time: Millis
    value: float
    sum: float


class CusumShape(Shape):
    """Shortfalls added up trade by trade, in deviations of a trade. Over `watch` the stage is
    WATCH; over `decayed` the edge is gone."""

    expected_mean: float = Field(description="Half of what the backtest's trades earned.")
    deviation: float
    allowance: float
    watch: float
    decayed: float
    items: list[CusumPoint]


class LiveDay(Shape):
    """`day` counts those on which it ran, from 1; `time` is its end."""

    day: int
    time: Millis
    growth: float = Field(description="Of one unit of money.")
    drawdown: float


class ExpectedDay(Shape):
    """After so many days: falls that 5 and 1 of 100 resampled backtests exceed, and the range of
    growth that 90 of 100 stay in."""

    day: int
    fall_95: float
    fall_99: float
    low: float
    middle: float
    high: float


class SlippageShape(Shape):
    """Of market and stop fills, basis points; above `limit_bps` it is more than chance."""

    modelled_bps: float
    measured_bps: float
    error_bps: float
    fills: int
    limit_bps: float


class TrackingShape(Shape):
    """Is what trades now what was tested? `why_not`: why the backtest cannot be tracked by."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    configuration_id: str
    lifecycle_stage: Stage
    feed: Feed | None = Field(description="Whose results these are; null where nothing ran.")
    activations: int
    trades: int
    days: int
    signal_match: float | None = Field(description="Entries and exits that are the backtest's.")
    signal_match_limit: float = Field(description="Below it the stage is WATCH.")
    why_not: str | None
    cusum: CusumShape | None = Field(description="Null too where no edge is promised.")
    live: list[LiveDay]
    expected: list[ExpectedDay] = Field(description="Thinned; a quarter further than it ran.")
    slippage: SlippageShape | None


def tracking_shape(found: Tracking) -> TrackingShape:
    """The tracking as JSON."""
    from tradepulse.training.lifecycle.demotion import SIGNAL_MATCH

    slipped, limit = found.slippage, found.slippage_limit_bps
    slippage = None
    if slipped is not None and limit is not None:
        slippage = SlippageShape(**slipped._asdict(), limit_bps=limit)
    return TrackingShape(
        configuration_id=found.configuration.id,
        lifecycle_stage=found.configuration.lifecycle_stage, feed=found.feed,
        activations=found.activations, trades=found.trades, days=len(found.days.time),
        signal_match=found.signal_match, signal_match_limit=SIGNAL_MATCH, why_not=found.why_not,
        cusum=None if found.cusum is None else _cusum(found.cusum), live=_live(found.days),
        expected=[] if found.expected is None else _expected(found.expected), slippage=slippage,
    )  # fmt: skip


def _cusum(chart: CusumPath) -> CusumShape:
    rows = zip(chart.exit_times, chart.returns.tolist(), chart.sums.tolist(), strict=True)
    return CusumShape(
        expected_mean=chart.expected_mean, deviation=chart.deviation, allowance=chart.allowance,
        watch=chart.watch, decayed=chart.decayed,
        items=[CusumPoint(time=t, value=v, sum=s) for t, v, s in rows],
    )  # fmt: skip


def _live(days: LiveDays) -> list[LiveDay]:
    rows = zip(days.time.tolist(), days.growth.tolist(), days.drawdown.tolist(), strict=True)
    return [
        LiveDay(day=number, time=time, growth=growth, drawdown=fall)
        for number, (time, growth, fall) in enumerate(rows, 1)
    ]


def _expected(paths: ExpectedPaths) -> list[ExpectedDay]:
    rows = zip(*(column.tolist() for column in paths), strict=True)
    return [
        ExpectedDay(day=day, fall_95=f95, fall_99=f99, low=low, middle=middle, high=high)
        for day, f95, f99, low, middle, high in rows
    ]
