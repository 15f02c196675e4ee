"""The chosen set under worse conditions than the rules assume: dearer, and one bar late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradepulse.signals.graph import Graph, Node, make_node
from tradepulse.signals.operations import Kind
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.evaluation import Span
from tradepulse.training.windows import Dataset, graph_of, run_window

FEES, SLIPPAGE = 1.5, 2.0
# What rules allow at most: a market that costs everything cannot cost more.
MOST_BPS, MOST_IMPACT = 10_000.0, 100.0


@dataclass(frozen=True)
class Stressed:
    """One stress run. `sharpe` annual, None where it is not defined."""

    name: str
    total_return: float
    sharpe: float | None

    def as_json(self) -> dict[str, Any]:
        return {"name": self.name, "total_return": self.total_return, "sharpe": self.sharpe}


def stress(
    strategy: type[Strategy], parameters: Mapping[str, Any], data: Dataset, window: Span
) -> tuple[Stressed, ...]:
    """The set under each stress alone, and under all of them together (`all`, the one that counts).

    Fees x 1.5, spread, slippage and impact x 2, every signal one bar late (quant.md §5).
    """
    dear, rough = costlier(data.rules), slipperier(data.rules)
    both = slipperier(dear)
    graph = graph_of(strategy, parameters, data.rules)
    late = one_bar_late(graph)
    runs = (
        ("fees x1.5", graph, dear), ("slippage x2", graph, rough),
        ("one bar late", late, data.rules), ("all", late, both),
    )  # fmt: skip
    return tuple(
        _summary(name, run_window(drawn, Dataset(data.bars, rules, data.funding).window(*window)))
        for name, drawn, rules in runs
    )


def costlier(rules: Rules) -> Rules:
    """The rules with fees half as high again (a rebate is left as it is)."""
    return rules.changed(
        taker_fee_bps=min(rules.taker_fee_bps * FEES, MOST_BPS),
        maker_fee_bps=min(
            rules.maker_fee_bps * (FEES if rules.maker_fee_bps > 0.0 else 1.0), MOST_BPS
        ),
    )


def slipperier(rules: Rules) -> Rules:
    """The rules with spread, slippage and impact doubled."""
    return rules.changed(
        half_spread_bps=min(rules.half_spread_bps * SLIPPAGE, MOST_BPS),
        slippage_bps=min(rules.slippage_bps * SLIPPAGE, MOST_BPS),
        impact=min(rules.impact * SLIPPAGE, MOST_IMPACT),
    )


def one_bar_late(graph: Graph) -> Graph:
    """The graph with every output as it was on the bar before."""
    return Graph({name: _late(node) for name, node in graph.outputs.items()}, graph.tag)


def _late(node: Node) -> Node:
    op = "previous_flag" if node.operation.kind is Kind.FLAG else "previous"
    return make_node(op, (node,), (1,), node.frame)


def _summary(name: str, result: BacktestResult) -> Stressed:
    metrics = result.metrics
    total = metrics["total_return"]
    return Stressed(name, -1.0 if total is None else float(total), metrics["sharpe"])
