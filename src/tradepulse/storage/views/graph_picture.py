"""A signal graph as a screen draws it: nodes with what they say, in which unit, when warm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tradepulse.signals.drawing import label
from tradepulse.signals.graph import BASE, Graph, Node
from tradepulse.signals.operations import Kind
from tradepulse.signals.program import required_columns
from tradepulse.signals.warmup import lookback, warmup_bars

_LONGEST_WORDS = 120


class Pane(StrEnum):
    """Where a node's values can be drawn: over the candles, beside the volume, below with a scale
    of their own, or as a yes and no."""

    PRICE = "price"
    VOLUME = "volume"
    OWN = "own"
    FLAG = "flag"


@dataclass(frozen=True)
class NodePicture:
    """`id` is the node's place in the stored graph; inputs stand before those that use them.

    `expression` is how a strategy file would say it; `lookback`: bars before its first value.
    `outputs`: fields of the signals that are this node.
    """

    id: int
    op: str
    label: str
    expression: str
    kind: Kind
    inputs: tuple[int, ...]
    params: tuple[int | float | str, ...]
    frame: str
    pane: Pane
    lookback: int
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class GraphPicture:
    """`columns`: named inputs beside the bars. `warmup_bars`: before them nothing is entered."""

    hash: str
    nodes: tuple[NodePicture, ...]
    outputs: Mapping[str, int]
    columns: tuple[str, ...]
    warmup_bars: int
    tag: str | None


def picture_of(graph: Graph, interval_ms: int) -> GraphPicture:
    """The picture of a graph on bars of that length."""
    nodes = graph.nodes()
    place = {node: index for index, node in enumerate(nodes)}
    words: dict[Node, str] = {}
    panes: dict[Node, Pane] = {}
    seen: dict[Node, int] = {}
    pictures = []
    for node in nodes:
        words[node] = _words(node, words)
        panes[node] = _pane(node, panes)
        pictures.append(
            NodePicture(
                place[node], node.op, label(node), words[node], node.kind,
                tuple(place[item] for item in node.inputs), node.params, node.frame, panes[node],
                lookback(node, interval_ms, seen),
                tuple(name for name, root in graph.outputs.items() if root is node),
            )
        )  # fmt: skip
    outputs = {name: place[node] for name, node in graph.outputs.items()}
    return GraphPicture(
        graph.hash, tuple(pictures), outputs, required_columns(graph),
        warmup_bars(graph, interval_ms), graph.tag,
    )  # fmt: skip


_INFIX = {
    "add": "+", "subtract": "-", "multiply": "*", "divide": "/", "greater": ">",
    "greater_equal": ">=", "less": "<", "less_equal": "<=", "equal": "==", "not_equal": "!=",
    "and": "&", "or": "|",
}  # fmt: skip
_PREFIX = {"not": "~", "negative": "-"}
_SOURCES = dict.fromkeys(("open", "high", "low", "close"), Pane.PRICE) | {"volume": Pane.VOLUME}


def _words(node: Node, known: Mapping[Node, str]) -> str:
    inputs = [known[item] for item in node.inputs]
    if node.op == "constant":
        return label(node)
    if node.op in _INFIX:
        text = f" {_INFIX[node.op]} ".join(_grouped(word) for word in inputs)
    elif node.op in _PREFIX:
        text = _PREFIX[node.op] + _grouped(inputs[0])
    elif node.op in {"align", "align_flag"}:
        text = inputs[0]
    elif not node.inputs:
        text = str(node.params[0]) if node.op == "column" else _at_frame(node.op, node)
    elif node.op == "true_range":
        text = _at_frame("true_range", node)
    else:
        first, *rest = inputs
        given = ", ".join([*rest, *map(str, node.params)])
        name = node.op.removesuffix("_flag") if node.op == "previous_flag" else node.op
        text = f"{_grouped(first)}.{name}({given})"
    return text if len(text) <= _LONGEST_WORDS else f"{label(node)} of {len(inputs)}"


def _at_frame(word: str, node: Node) -> str:
    return word if node.frame == BASE else f"{word}@{node.frame}"


def _grouped(word: str) -> str:
    return f"({word})" if " " in word else word


# What gives back the unit it was given.
_KEEPS = frozenset({
    "previous", "rolling_mean", "weighted_mean", "regression", "rolling_max", "rolling_min",
    "rolling_median", "ema", "wilder", "minimum", "maximum", "align", "hold", "where", "otherwise",
    "swing_high", "swing_low", "absolute", "session_vwap", "supertrend_line",
})  # fmt: skip


def _pane(node: Node, known: Mapping[Node, Pane]) -> Pane:
    """By the units of its inputs: a price less a price is a distance and has its own scale."""
    if node.kind is Kind.FLAG:
        return Pane.FLAG
    if node.op in _SOURCES:
        return _SOURCES[node.op]
    inputs = [known[item] for item in node.inputs]
    if node.op in _KEEPS:
        return _first_of(inputs)
    return _computed(node, inputs)


def _computed(node: Node, inputs: list[Pane]) -> Pane:
    if node.op == "add":
        return Pane.PRICE if inputs.count(Pane.PRICE) == 1 else _same(inputs)
    if node.op == "subtract":
        return Pane.PRICE if inputs[0] is Pane.PRICE and inputs[1] is Pane.OWN else Pane.OWN
    return _scaled(node, inputs) if node.op in ("multiply", "divide") else Pane.OWN


def _first_of(panes: Iterable[Pane]) -> Pane:
    series = [pane for pane in panes if pane is not Pane.FLAG]
    return next((pane for pane in series if pane is not Pane.OWN), Pane.OWN)


def _same(panes: list[Pane]) -> Pane:
    return panes[0] if len(set(panes)) == 1 else Pane.OWN


def _scaled(node: Node, panes: list[Pane]) -> Pane:
    """A price times a number is a price again: a band around it, or a mean of several."""
    number = [item.op == "constant" for item in node.inputs]
    if number[1] or (number[0] and node.op == "multiply"):
        return panes[0] if number[1] else panes[1]
    return Pane.OWN
