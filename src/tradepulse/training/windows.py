"""A stretch of bars to trade, behind bars that only warm the signals; parameter sets over it.

The account starts flat at the first bar of the window, and the signals are those that had run since
the data began, as a live engine's would. So a fold's result depends on the set and the fold alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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
from tradepulse.signals.program import BLOCK, required_columns
from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import new_states
from tradepulse.simulation.funding import data_fingerprint
from tradepulse.simulation.fused import (
    Tables,
    check_done,
    extra_columns,
    run_sets,
    scratch,
    summarise_sets,
    tables,
    warm_sets,
)  # fmt: skip
from tradepulse.simulation.graph_run import drawn_graph, run_graph
from tradepulse.simulation.inputs import kernel_bars
from tradepulse.simulation.market_inputs import MarketInputs, market_inputs
from tradepulse.simulation.metrics import periods_per_year
from tradepulse.simulation.result import BacktestResult
from tradepulse.simulation.returns import period_returns
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.significance.market_beta import buy_and_hold_returns

Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.int64]

# Bars between two looks at the clock: progress and cancelling cost nothing, and feel immediate.
STRETCH = 32 * BLOCK


@dataclass(frozen=True, eq=False)
class Window:
    """A stretch of bars with their kernel inputs, behind bars that only warm the signals. `days`:
    the UTC day (its start in ms) of each return."""

    series: BarSeries
    lead: BarSeries
    inputs: MarketInputs
    rules: Rules
    funding: Any = None

    @cached_property
    def days(self) -> Times:
        return days_of(self.series)


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
        return Window(traded, lead, inputs, self.rules, self.funding)

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


def run_compiled(
    compiled: Compiled, window: Window, between: Callable[[float], None] | None = None
) -> tuple[Floats, Floats]:
    """(metrics, a row a set; daily returns, a row a set) of the graphs over the window.

    `between` is called every few ten thousand bars with the share of the window that was run; what
    it raises ends the run. Error `indicator_failed` where an indicator of one of them raises.
    """
    plan, inputs = compiled.plan, window.inputs
    work, total = scratch(plan, BLOCK), len(window.series)
    lead = window.lead
    if len(lead):
        extras = extra_columns(plan, lead)
        failed = warm_sets(compiled.table, work, extras, kernel_bars(lead), len(lead))
        check_done(failed, plan, work, lead)
    extras = extra_columns(plan, window.series)
    states = new_states(inputs.terms.rules, len(compiled.graphs))
    periods = np.empty((len(states), len(inputs.skips.period_starts) + 1))
    for start in range(0, total, STRETCH):
        stop = min(start + STRETCH, total)
        _, failed = run_sets(
            compiled.table, work, extras, states, periods, np.empty((0, at.T_COLUMNS)), np.empty(0),
            inputs.terms, inputs.bars, inputs.feed, inputs.skips, start, stop,
        )  # fmt: skip
        check_done(failed, plan, work, window.series, len(lead))
        if between is not None:
            between((stop - start) / total)
    cash, a_year = window.rules.initial_cash, periods_per_year(window.series.interval_ms)
    metrics = summarise_sets(states, periods, cash, a_year)
    returns = np.empty((len(states), len(window.days)))
    for row, state in enumerate(states):
        closed = int(state[at.S_PERIOD_ROWS])
        returns[row] = period_returns(np.append(periods[row, :closed], state[at.S_EQUITY]), cash)
    return metrics, returns


def run_window(graph: Graph, window: Window) -> BacktestResult:
    """One graph over the window with its trades and equity, as a backtest."""
    return run_graph(graph, window.series, window.rules, funding=window.funding, lead=window.lead)


def daily_returns(result: BacktestResult) -> Floats:
    """The run's return of each UTC day, net of all costs."""
    equity = np.append(result.period_equity, result.state[at.S_EQUITY])
    return period_returns(equity, result.rules.initial_cash)


def market_returns(window: Window) -> Floats:
    """Buy-and-hold's return of each day of the window, from its first open."""
    times = window.series.open_time
    return buy_and_hold_returns(window.series, int(times[0]), int(times[-1]) + 1)


def days_of(bars: BarSeries) -> Times:
    """The UTC days (their starts in ms) on which a bar opens; of longer bars their periods."""
    period = max(bars.interval_ms, DAY_MS)
    found: Times = np.unique(bars.open_time // period) * period
    return found
