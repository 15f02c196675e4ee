"""A board of configurations as JSON."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Shape

_FIGURES: JsonDict = {
    "configuration_id": "0b0e7c1e-6a3b-4f0e-9d0a-2d1f0c3b7a11", "studied": True, "sharpe": 1.42,
    "expected_live_sharpe": 0.71, "deflated_sharpe": 0.86, "overfitting": 0.22,
    "drawdown_95": -0.149, "out_of_sample_return": 0.084, "curve": [1.0, 0.991, 1.037, 1.084],
}  # fmt: skip


class FiguresShape(Shape):
    """A few numbers of a configuration's study; null without one. `curve`: what one unit of money
    became on days no search saw."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FIGURES]})

    configuration_id: str
    studied: bool
    sharpe: float | None = Field(description="Annual, the market's part taken out.")
    expected_live_sharpe: float | None
    deflated_sharpe: float | None
    overfitting: float | None = Field(description="PBO, a fraction.")
    drawdown_95: float | None = Field(
        description="The fall that one year in twenty goes beyond, at most 0."
    )
    out_of_sample_return: float | None
    curve: list[float]


class RetireBody(Shape):
    """Why it is taken off the board; the reason is kept in its evidence."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "old"}]})

    reason: str = Field(min_length=1, max_length=500)
