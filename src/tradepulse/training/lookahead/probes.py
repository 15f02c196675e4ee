"""Where a graph could hold what it was not given: its columns, its indicators, what it says.

The house's own nodes are proven causal by the laws; an `@indicator` may carry a table of later
prices, an external column may have been filled with them. Each is looked at as an output of its
own, because a leak that seldom reaches an entry is still a leak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries, Floats
from tradepulse.signals.graph import BASE, Graph, Node, make_node, walk
from tradepulse.signals.operations import Code, Kind
from tradepulse.signals.output import FLAG_NAMES, LEVEL_NAMES
from tradepulse.signals.program import Program, required_columns

# Slots of a graph without a gate of their own: entries wait for the warm-up, these do not.
_FLAG_SLOTS = ("exit_long", "exit_short")


class Place(IntEnum):
    """What a probe looks at, the nearest to the cause of a leak first."""

    COLUMN = 0
    INDICATOR = 1
    OUTPUT = 2


@dataclass(frozen=True, eq=False)
class Probe:
    """One node to look at. `given`: it depends on an external column."""

    label: str
    place: Place
    node: Node
    given: bool

    @property
    def is_flag(self) -> bool:
        return self.node.kind is Kind.FLAG


@dataclass(frozen=True, eq=False)
class Pack:
    """A graph whose outputs are nodes of another, and which label stands in which slot."""

    graph: Graph
    labels: dict[str, str]


def probes_of(graph: Graph) -> tuple[Probe, ...]:
    """The columns, indicators and outputs of `graph`; levels that nothing outside reaches are
    left out, since they are arithmetic of the bars alone."""
    outside, given = _reached(graph)
    found: list[Probe] = []
    names: dict[str, int] = {}
    for node in graph.nodes():
        if node.op == "column":
            found.append(Probe(str(node.params[0]), Place.COLUMN, node, given=True))
        elif node.operation.code is Code.INDICATOR:
            name = str(node.params[0])
            names[name] = names.get(name, 0) + 1
            label = name if names[name] == 1 else f"{name} #{names[name]}"
            found.append(Probe(label, Place.INDICATOR, node, node in given))
    for name, node in graph.outputs.items():
        if name in FLAG_NAMES or node in outside:
            found.append(Probe(name, Place.OUTPUT, node, node in given))
    return tuple(sorted(found, key=lambda probe: probe.place))


def node_packs(graph: Graph, most: int) -> list[Pack]:
    """Graphs whose outputs are the nodes behind a column or an indicator, `most` of them."""
    outside, _ = _reached(graph)
    nodes = [node for node in graph.nodes() if node in outside and node.op != "column"][:most]
    return packs([(f"{node.op} node {place}", node) for place, node in enumerate(nodes)])


def packs(named: Sequence[tuple[str, Node]]) -> list[Pack]:
    """The nodes as outputs of as few graphs as hold them."""
    levels = [(label, node) for label, node in named if node.kind is Kind.SERIES]
    flags = [(label, node) for label, node in named if node.kind is Kind.FLAG]
    made = []
    for start in range(0, max(-(-len(levels) // len(LEVEL_NAMES)), -(-len(flags) // 2))):
        cut = levels[start * len(LEVEL_NAMES) : (start + 1) * len(LEVEL_NAMES)]
        slots = dict(zip(LEVEL_NAMES, cut, strict=False))
        slots |= dict(zip(_FLAG_SLOTS, flags[2 * start : 2 * start + 2], strict=False))
        outputs = {slot: _on_bars(node) for slot, (_, node) in slots.items()}
        made.append(Pack(Graph(outputs), {slot: label for slot, (label, _) in slots.items()}))
    return made


def values_of(probes: Sequence[Probe], bars: BarSeries) -> list[Floats]:
    """What each probe says on each bar: numbers, flags as 1 and 0."""
    found: dict[str, Floats] = {}
    # By place in the list: a column may be named as an output is.
    for pack in packs([(str(place), probe.node) for place, probe in enumerate(probes)]):
        for slot, row in outputs(pack.graph, bars).items():
            found[pack.labels[slot]] = row.astype(np.float64)
    return [found[str(place)] for place in range(len(probes))]


def outputs(graph: Graph, bars: BarSeries) -> dict[str, npt.NDArray[Any]]:
    """The graph's outputs on `bars` by slot."""
    return rows_of(graph, program_of(graph, bars), bars)


def program_of(graph: Graph, bars: BarSeries) -> Program:
    return Program(graph, bars.interval_ms, required_columns(graph))


def rows_of(graph: Graph, program: Program, bars: BarSeries) -> dict[str, npt.NDArray[Any]]:
    """The next `bars` through `program`: the rows of the graph's own outputs."""
    block = program.advance(bars)
    return {name: getattr(block, name) for name in graph.outputs}


def _on_bars(node: Node) -> Node:
    if node.frame == BASE:
        return node
    return make_node("align" if node.kind is Kind.SERIES else "align_flag", (node,), (), BASE)


def _reached(graph: Graph) -> tuple[set[Node], set[Node]]:
    """The nodes that something outside the bars reaches, and those that a column reaches."""
    outside: set[Node] = set()
    given: set[Node] = set()
    for node in walk(graph.outputs.values()):
        if node.op == "column" or given.intersection(node.inputs):
            given.add(node)
        own = node in given or node.operation.code is Code.INDICATOR
        if own or outside.intersection(node.inputs):
            outside.add(node)
    return outside, given
