"""A graph over a history in one pass: what `tp.backtest` runs and a stored configuration is
measured with again."""

from __future__ import annotations

from typing import Any

import numpy as np

from tradepulse.domain.bars import BarSeries
from tradepulse.signals.graph import Graph
from tradepulse.signals.plan import compile_graphs
from tradepulse.signals.program import BLOCK, required_columns
from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import new_states
from tradepulse.simulation.fused import (
    check_done,
    extra_columns,
    run_sets,
    scratch,
    tables,
    warm_sets,
)  # fmt: skip
from tradepulse.simulation.inputs import kernel_bars
from tradepulse.simulation.market_inputs import market_inputs
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.rules import Rules

_TRADE_ROWS = 4096


def drawn_graph(graph: Graph, rules: Rules) -> Graph:
    """The graph that runs under `rules`: without its short side where they drop shorts (F15)."""
    return graph if rules.allow_short and rules.is_perpetual else graph.long_only()


def run_graph(
    graph: Graph, bars: BarSeries, rules: Rules, *, detail: BarSeries | None = None,
    funding: Any = None, mark: BarSeries | None = None, lead: BarSeries | None = None,
    record: bool = True,
) -> BacktestResult:  # fmt: skip
    """The result of a graph on `bars`: the same bits as its `Program` followed by `simulate`.

    `lead`: the bars before them, over which signals get warm and nothing is filled. Inputs and
    errors as for `simulate`; `unknown_column` where the graph reads an absent column;
    `indicator_failed` where an indicator of its author raises.
    """
    inputs = market_inputs(bars, rules, detail, funding, mark)
    drawn = drawn_graph(graph, rules)
    plan = compile_graphs([drawn], bars.interval_ms, required_columns(drawn))
    states = new_states(inputs.terms.rules, 1)
    state = states[0]
    equity = np.empty(len(bars) if record else 0)
    periods = np.empty((1, len(inputs.skips.period_starts) + 1))
    table, work = tables(plan), scratch(plan, BLOCK)
    before = 0 if lead is None else len(lead)
    if lead is not None and before:
        failed = warm_sets(table, work, extra_columns(plan, lead), kernel_bars(lead), before)
        check_done(failed, plan, work, lead)
    rows, failed = run_sets(
        table, work, extra_columns(plan, bars), states, periods,
        np.empty((_TRADE_ROWS, at.T_COLUMNS)), equity, inputs.terms, inputs.bars, inputs.feed,
        inputs.skips, 0, len(bars),
    )  # fmt: skip
    check_done(failed, plan, work, bars, before)
    trades = rows[: int(state[at.S_TRADE_ROWS])].copy()
    state[at.S_TRADE_ROWS] = 0.0
    return BacktestResult(
        rules=rules, interval_ms=bars.interval_ms, state=state, trade_rows=trades,
        open_time=bars.open_time, equity_values=equity,
        period_equity=periods[0, : int(state[at.S_PERIOD_ROWS])], tag=graph.tag,
        has_detail=detail is not None, bars=bars,
    )  # fmt: skip
