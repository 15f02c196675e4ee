"""Strategies and bars as JSON."""

from __future__ import annotations

from pydantic import ConfigDict

from tradepulse.api.shapes.values import Document, Millis, Shape


class StrategyShape(Shape):
    """A strategy of the registry. `parameters` is the JSON Schema its form is made from."""

    name: str
    description: str
    source: str
    parameters: Document


class StrategyDetail(StrategyShape):
    """With the signal graph of its default parameters."""

    defaults: Document
    graph_hash: str
    drawing: str


class StrategyProblemShape(Shape):
    """A file of the user's folder that cannot be used, and why."""

    source: str
    code: str
    message: str


class StrategyList(Shape):
    """Strategies by name; files that cannot be used are listed beside them, never hidden."""

    items: list[StrategyShape]
    next_cursor: str | None = None
    problems: list[StrategyProblemShape]


class SeriesShape(Shape):
    """A kept series of bars. `first` and `last` are open times."""

    exchange: str
    pair: str
    interval: str
    bars: int
    first: Millis
    last: Millis


class BarShape(Shape):
    """A closed bar. Prices are the float64 numbers that kernels read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "open_time": 1_748_961_000_000, "open": 105671.1, "high": 105702.0,
                    "low": 105590.4, "close": 105688.8, "volume": 41.27,
                }
            ]
        }
    )  # fmt: skip

    open_time: Millis
    open: float
    high: float
    low: float
    close: float
    volume: float
