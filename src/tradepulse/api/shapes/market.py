"""Strategies and bars as JSON."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from tradepulse.api.shapes.graphs import PictureShape
from tradepulse.api.shapes.values import Document, Millis, Shape


class StrategyShape(Shape):
    """A strategy of the registry. `parameters` is the JSON Schema its form is made from."""

    name: str
    description: str
    source: str
    parameters: Document


class StrategyDetail(StrategyShape):
    """With the signal graph of the parameters that were asked for, by default its defaults."""

    defaults: Document
    values: Document = Field(description="The parameters its graph is shown for.")
    graph_hash: str
    drawing: str = Field(description="The graph as text.")
    graph: PictureShape


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


class GapShape(Shape):
    """A hole: `missing` bars from open time `start` to before `end`."""

    start: Millis
    end: Millis
    missing: int


class PlaceShape(Shape):
    """Where a finding is, and what stands there."""

    time: Millis
    text: str


class FindingShape(Shape):
    """One kind of oddity; `places` are the ten gravest of `count`."""

    kind: str = Field(examples=["gap", "outlier", "zero_volume", "duplicate_time"])
    count: int
    message: str
    places: list[PlaceShape]


class AuditShape(Shape):
    """What is odd about a series, and what identifies it. Nothing is ever filled."""

    exchange: str
    pair: str
    interval: str
    bars: int
    expected: int = Field(description="Bars there would be without holes.")
    first: Millis | None
    last: Millis | None
    fingerprint: str = Field(description="Of the bars' content, as training stores it.")
    gap_count: int
    missing: int
    gaps: list[GapShape] = Field(description="The longest, by time.")
    duplicates: int
    findings: list[FindingShape]
