"""A stretch of bars to trade, behind bars that only warm the signals; parameter sets over it.

The account starts flat at the first bar of the window, and the signals are those that had run since
the data began, as a live engine's would. So a fold's result depends on the set and the fold alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.configuration import canonical_json
from tradepulse.domain.errors import DataError
from tradepulse.domain.interval import DAY_MS
from tradepulse.signals.graph import Graph
from tradepulse.signals.plan import Plan, compile_graphs
from tradepulse.signals.program import required_columns
from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import new_states
from tradepulse.simulation.funding import data_fingerprint
from tradepulse.simulation.fused import (
    Tables,
    extra_columns,
    run_sets,
    scratch,
    summarise_sets,
    tables,
    warm_sets,
)  # fmt: skip
from tradepulse.simulation.graph_run import drawn_graph
from tradepulse.simulation.inputs import Bars, kernel_bars
from tradepulse.simulation.market_inputs import MarketInputs, market_inputs
from tradepulse.simulation.metrics import periods_per_year
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.returns import period_returns
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.strategy import Strategy

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

BLOCK = 2048
_TRADE_ROWS = 1024


@dataclass(frozen=True, eq=False)
class Window:
    """Kernel inputs of a stretch of bars. `days`: the UTC day (its start in ms) of each return."""

    series: BarSeries
    lead: BarSeries
    lead_bars: Bars
    inputs: MarketInputs
    rules: Rules

    @cached_property
    def days(self) -> Times:
        period = self.inputs.terms.period_ms
        found: Times = np.unique(self.series.open_time // period) * period
        return found


@dataclass(frozen=True, eq=False)
class Dataset:
    """What every trial of a search reads: bars, their funding, the rules they are filled by."""

    bars: BarSeries
    rules: Rules
    funding: Any = None

    def window(self, start_ms: int, end_ms: int) -> Window:
        """The bars that open in [start_ms, end_ms). Error `empty` where there are none."""
        traded = self.bars.between(start_ms, end_ms)
        if not len(traded):
            raise DataError("empty", "there are no bars in the window",
                            expected=f"bars from {start_ms} to {end_ms}", found="none")  # fmt: skip
        lead = self.bars.between(None, start_ms)
        inputs = market_inputs(traded, self.rules, None, self.funding, None)
        return Window(traded, lead, kernel_bars(lead), inputs, self.rules)

    def between(self, start_ms: int, end_ms: int) -> Dataset:
        """The same data without what opens outside [start_ms, end_ms)."""
        return Dataset(self.bars.between(start_ms, end_ms), self.rules, self.funding)

    @cached_property
    def fingerprint(self) -> str:
        return data_fingerprint(self.bars, self.funding)


@dataclass(frozen=True, eq=False)
class Compiled:
    """Graphs in the interpreter's tables: compiled once, run over any number of windows."""

    graphs: tuple[Graph, ...]
    plan: Plan
    table: Tables


def compile_sets(graphs: Sequence[Graph], interval_ms: int) -> Compiled:
    """The graphs as one plan, equal nodes once."""
    columns = tuple(dict.fromkeys(name for graph in graphs for name in required_columns(graph)))
    plan = compile_graphs(list(graphs), interval_ms, columns)
    return Compiled(tuple(graphs), plan, tables(plan))


def graph_of(strategy: type[Strategy], parameters: Mapping[str, Any], rules: Rules) -> Graph:
    """The graph of a set; without its short side where the rules drop shorts anyway (F15)."""
    return _graph(strategy, canonical_json(dict(parameters)), rules)  # type: ignore[arg-type]


@lru_cache(maxsize=1024)
def _graph(strategy: type[Strategy], parameters: str, rules: Rules) -> Graph:
    # Drawn for the run and again for its hash: it takes longer than a thousand bars do to run.
    return drawn_graph(strategy(json.loads(parameters)).graph, rules)


def run_compiled(compiled: Compiled, window: Window) -> tuple[Floats, Floats]:
    """(metrics, a row a set; daily returns, a row a set) of the graphs over the window."""
    states, periods, _, _ = _run(compiled, window, 0, 0)
    cash, interval = window.rules.initial_cash, window.series.interval_ms
    metrics = summarise_sets(states, periods, cash, periods_per_year(interval))
    returns = np.empty((len(states), len(window.days)))
    for row, state in enumerate(states):
        closed = int(state[at.S_PERIOD_ROWS])
        equity = np.append(periods[row, :closed], state[at.S_EQUITY])
        returns[row] = period_returns(equity, cash)
    return metrics, returns


def run_window(graph: Graph, window: Window) -> BacktestResult:
    """One graph over the window with its trades and equity, as a backtest."""
    compiled = compile_sets([graph], window.series.interval_ms)
    states, periods, equity, rows = _run(compiled, window, _TRADE_ROWS, len(window.series))
    state = states[0]
    trades = rows[: int(state[at.S_TRADE_ROWS])].copy()
    state[at.S_TRADE_ROWS] = 0.0
    return BacktestResult(
        rules=window.rules, interval_ms=window.series.interval_ms, state=state, trade_rows=trades,
        open_time=window.series.open_time, equity_values=equity,
        period_equity=periods[0, : int(state[at.S_PERIOD_ROWS])], tag=graph.tag, has_detail=False,
        bars=window.series,
    )  # fmt: skip


def daily_returns(result: BacktestResult) -> Floats:
    """The run's return of each UTC day, net of all costs."""
    equity = np.append(result.period_equity, result.state[at.S_EQUITY])
    return period_returns(equity, result.rules.initial_cash)


def market_returns(window: Window) -> Floats:
    """Buy-and-hold's return of each UTC day of the window, from its first open."""
    series = window.series
    period = window.inputs.terms.period_ms
    last = np.append(np.flatnonzero(np.diff(series.open_time // period)), len(series) - 1)
    closes = series.close[last]
    before = np.append(series.open[0], closes[:-1])
    found: Floats = closes / before - 1.0
    return found


def _run(
    compiled: Compiled, window: Window, trade_rows: int, equity_bars: int
) -> tuple[Floats, Floats, Floats, Floats]:
    """(states, period equity, equity per bar, trade rows) after the window's last bar."""
    plan, inputs = compiled.plan, window.inputs
    work = scratch(plan, BLOCK)
    if len(window.lead):
        extras = extra_columns(plan, window.lead)
        warm_sets(compiled.table, work, extras, window.lead_bars, len(window.lead))
    count = len(compiled.graphs)
    states = new_states(inputs.terms.rules, count)
    periods = np.empty((count, len(inputs.skips.period_starts) + 1))
    equity = np.empty(equity_bars)
    rows = run_sets(
        compiled.table, work, extra_columns(plan, window.series), states, periods,
        np.empty((trade_rows, at.T_COLUMNS)), equity, inputs.terms, inputs.bars, inputs.feed,
        inputs.skips, 0, len(window.series),
    )  # fmt: skip
    return states, periods, equity, rows


def days_of(bars: BarSeries) -> Times:
    """The UTC days (their starts in ms) on which a bar opens."""
    found: Times = np.unique(bars.open_time // DAY_MS) * DAY_MS
    return found


def first_day(time_ms: int) -> int:
    """The start of the UTC day of a time."""
    return time_ms // DAY_MS * DAY_MS
