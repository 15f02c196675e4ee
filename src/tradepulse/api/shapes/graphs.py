"""Signal graphs and what their nodes said, as JSON."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from tradepulse.api.shapes.values import Millis, Shape

_NODE: JsonDict = {
    "id": 1, "op": "rolling_mean", "label": "rolling_mean(20)",
    "expression": "close.rolling_mean(20)", "kind": "series", "inputs": [0], "params": [20],
    "frame": "", "pane": "price", "lookback": 19, "outputs": [],
}  # fmt: skip
_VALUES: JsonDict = {
    "configuration_id": "0b0e7c1e-6a3b-4f0e-9d0a-2d1f0c3b7a11", "interval": "1h",
    "began": 1_704_067_200_000, "open_time": [1_748_957_400_000, 1_748_961_000_000],
    "nodes": [{
        "id": 1, "label": "rolling_mean(20)", "expression": "close.rolling_mean(20)",
        "kind": "series", "pane": "price", "outputs": [], "values": [None, 104881.2],
    }],
}  # fmt: skip


class NodeShape(Shape):
    """A node of a graph. Inputs stand before those that use them."""

    model_config = ConfigDict(json_schema_extra={"examples": [_NODE]})

    id: int
    op: str
    label: str
    expression: str = Field(description="As a strategy file would say it.")
    kind: str = Field(description="series or flag")
    inputs: list[int]
    params: list[int | float | str]
    frame: str = Field(description="A higher time frame; empty for the bars' own.")
    pane: str = Field(description="price, volume, own or flag: where its values can be drawn.")
    lookback: int = Field(description="Bars before its first value.")
    outputs: list[str] = Field(description="Fields of the signals that are this node.")


class PictureShape(Shape):
    """A graph's nodes, and which of them are the signals."""

    hash: str
    nodes: list[NodeShape]
    outputs: dict[str, int]
    columns: list[str] = Field(description="Named inputs it reads beside the bars.")
    warmup_bars: int = Field(description="Before them nothing is entered.")
    tag: str | None


class NodeSeries(Shape):
    """A node's values, one a bar; null where it has none yet."""

    id: int
    label: str
    expression: str
    kind: str
    pane: str
    outputs: list[str]
    values: list[float | bool | None]


class GraphValues(Shape):
    """What the nodes of a configuration's graph said on the bars of a window, run again."""

    model_config = ConfigDict(json_schema_extra={"examples": [_VALUES]})

    configuration_id: str
    interval: str
    began: Millis | None = Field(
        description="Open time of the first bar that was run: recursions depend on it."
    )
    open_time: list[Millis]
    nodes: list[NodeSeries]
