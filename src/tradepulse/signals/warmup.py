"""Static warm-up: when a node is first valid, how long entries wait for recursions to settle."""

from __future__ import annotations

from tradepulse.domain.interval import Interval
from tradepulse.signals.graph import BASE, Graph, Node, walk
from tradepulse.signals.indicator import find_indicator
from tradepulse.signals.operations import FROM_ABOVE, Code

# After four spans an EMA's seed weighs under 0.04 %: earlier entries would depend on where the
# history happens to begin.
SETTLING_SPANS = 4


def _numbers(node: Node) -> tuple[int, int]:
    p, q, _ = node.operation.lower(node.params)
    return p, q


def frame_ratio(frame: str, interval_ms: int) -> int:
    """How many of the configuration's bars make one bar of `frame`."""
    if frame == BASE:
        return 1
    return int(frame[1:]) if frame[0] == "x" else -(-Interval.parse(frame).ms // interval_ms)


def lookback(node: Node, interval_ms: int, seen: dict[Node, int]) -> int:
    """Bars of the node's own frame before its first value, at least.

    Exact for windows and recursions over gap-free bars; events (`hold`, swings) may come later.
    """
    for item in walk([node]):
        if item not in seen:
            seen[item] = _lookback(item, interval_ms, seen)
    return seen[node]


def _lookback(node: Node, interval_ms: int, seen: dict[Node, int]) -> int:
    waits = [seen[item] for item in node.inputs]
    before = max(waits, default=0)
    if node.operation.code is Code.INDICATOR:
        return before + find_indicator(str(node.params[0]), str(node.params[1])).lookback
    if node.operation.code in FROM_ABOVE:
        # The higher bar that completes the look-back must close. Bars that begin inside a bucket
        # wait longer, until the first whole one.
        return (before + 1) * frame_ratio(node.inputs[0].frame, interval_ms)
    if node.operation.code is Code.OTHERWISE:
        return min(waits)
    if node.operation.code is Code.CHOICE:
        # It speaks as soon as the branch chosen does.
        return max(waits[0], min(waits[1:]))
    return before + node.operation.lookback(*_numbers(node))


def longest_span(node: Node, interval_ms: int) -> int:
    """The node's span in the configuration's bars."""
    if node.operation.code is Code.INDICATOR:
        found = find_indicator(str(node.params[0]), str(node.params[1]))
        return (found.lookback + 1) * frame_ratio(node.frame, interval_ms)
    return node.operation.span(*_numbers(node)) * frame_ratio(node.frame, interval_ms)


def warmup_bars(graph: Graph, interval_ms: int) -> int:
    """Bars before the first entry is allowed: four times the longest span, and all look-backs."""
    seen: dict[Node, int] = {}
    spans = max((longest_span(node, interval_ms) for node in graph.nodes()), default=0)
    needed = max((lookback(node, interval_ms, seen) for node in graph.outputs.values()), default=0)
    return max(SETTLING_SPANS * spans, needed)
