"""What every node of a graph said on every bar of a window: run again from the stored bars.

The nodes' values come from the program that trades, asked for other outputs, so what is drawn is
what was decided on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries, Floats, Times
from tradepulse.domain.configuration import Configuration
from tradepulse.domain.errors import UsageError
from tradepulse.domain.interval import Interval
from tradepulse.engine.feed import FUNDING_LOOK_BACK_MS
from tradepulse.marketdata.funding_column import with_inputs
from tradepulse.marketdata.store import BarStore
from tradepulse.signals.graph import BASE, Graph, Node, make_node
from tradepulse.signals.operations import Kind
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES
from tradepulse.signals.program import Program, required_columns
from tradepulse.simulation.rules import Rules

Values = Floats | npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class NodeValues:
    """`values` by node, one a bar: float64 (NaN: none yet) or bool. `began`: open time of the first
    bar that was run, on which recursions depend."""

    open_time: Times
    values: Mapping[int, Values]
    began: int | None


@dataclass(frozen=True)
class Window:
    """Bars that open in [start_ms, end_ms), computed from `from_ms` on (None: the first kept)."""

    start_ms: int
    end_ms: int
    from_ms: int | None


def node_values(
    store: BarStore, configuration: Configuration, nodes: Sequence[int] | None, window: Window
) -> NodeValues:
    """The values of the asked nodes (None: all) over the window.

    Nodes of a higher frame are given as the bars below see them. Errors: `unknown_node`; those of
    the store.
    """
    graph = Graph.from_json(dict(configuration.graph))
    every = graph.nodes()
    asked = sorted(set(range(len(every)) if nodes is None else nodes))
    wrong = [index for index in asked if not 0 <= index < len(every)]
    if wrong:
        raise UsageError(
            "unknown_node", "the graph has no such node",
            expected=f"0 to {len(every) - 1}", found=str(wrong[0]),
        )  # fmt: skip
    bars = _bars(store, configuration, graph, window)
    low = int(np.searchsorted(bars.open_time, window.start_ms))
    began = int(bars.open_time[0]) if len(bars) else None
    found: dict[int, Values] = {}
    interval_ms = Interval.parse(configuration.interval).ms
    for batch in _batches([(index, _at_base(every[index])) for index in asked]):
        found |= {index: values[low:] for index, values in _run(batch, bars, interval_ms).items()}
    return NodeValues(bars.open_time[low:], {index: found[index] for index in asked}, began)


def _bars(
    store: BarStore, configuration: Configuration, graph: Graph, window: Window
) -> BarSeries:  # fmt: skip
    c = configuration
    bars = store.read(c.exchange, c.pair, c.interval, window.from_ms, window.end_ms)
    columns = required_columns(graph)
    funding = None
    if columns and len(bars) and Rules.from_json(c.rules).is_perpetual:
        first = int(bars.open_time[0]) - FUNDING_LOOK_BACK_MS
        funding = store.read_funding(c.exchange, c.pair, start_ms=first)
    return with_inputs(bars, columns, funding)


def _at_base(node: Node) -> Node:
    """The node as the configuration's own bars see it."""
    if node.frame == BASE:
        return node
    return make_node("align" if node.kind is Kind.SERIES else "align_flag", (node,))


def _batches(nodes: Sequence[tuple[int, Node]]) -> list[dict[str, tuple[int, Node]]]:
    """The nodes under names of outputs: a program has so many of each kind and no more."""
    batches: list[dict[str, tuple[int, Node]]] = []
    for names, kind in ((LEVEL_NAMES, Kind.SERIES), (FLAG_NAMES, Kind.FLAG)):
        mine = [item for item in nodes if item[1].kind is kind]
        for turn, first in enumerate(range(0, len(mine), len(names))):
            if turn == len(batches):
                batches.append({})
            part = mine[first : first + len(names)]
            batches[turn] |= dict(zip(names, part, strict=False))
    return batches


def _run(
    batch: Mapping[str, tuple[int, Node]], bars: BarSeries, interval_ms: int
) -> dict[int, Values]:
    graph = Graph({name: node for name, (_, node) in batch.items()})
    block = Program(graph, interval_ms, required_columns(graph)).advance(bars)
    found: dict[int, Values] = {}
    for name, (index, node) in batch.items():
        values = np.asarray(getattr(block, name))
        if node.kind is Kind.FLAG:
            found[index] = values.astype(np.bool_)
        else:
            found[index] = values.astype(np.float64)
    return found
