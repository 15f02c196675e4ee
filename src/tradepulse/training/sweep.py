"""The compiled sweep: many parameter sets over the same bars, equal sub-expressions once.

Threads over kernels without the GIL use every core. A thread takes a chunk of sets, so memory is
that of the chunks in work, however many sets there are.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from tradepulse.domain.bars import BarSeries
from tradepulse.domain.errors import RefusedError
from tradepulse.signals.graph import Graph
from tradepulse.signals.operations import Code
from tradepulse.signals.plan import compile_graphs
from tradepulse.signals.program import required_columns
from tradepulse.simulation import layout as at
from tradepulse.simulation.accounts import new_states
from tradepulse.simulation.fused import (
    extra_columns,
    run_sets,
    scratch,
    summarise_sets,
    tables,
)  # fmt: skip
from tradepulse.simulation.graph_run import drawn_graph
from tradepulse.simulation.inputs import Bars, Feed, Skips, Terms
from tradepulse.simulation.market_inputs import market_inputs
from tradepulse.simulation.metrics import METRICS, periods_per_year
from tradepulse.simulation.returns import period_returns
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.grid import Grid, expand

Floats = npt.NDArray[np.float64]

# Long enough that starting a node costs nothing, short enough that a set's rows stay in cache.
BLOCK = 2048
# Sets a thread works on at a time. Shared nodes run once a chunk, so fewer chunks are faster;
# more sets a chunk is more memory.
CHUNK = 512
# Bars between two looks at the clock: progress and cancelling cost nothing, and feel immediate.
STRETCH = 32 * BLOCK

Progress = Callable[[float, float], None]


@dataclass(frozen=True, eq=False)
class SweepBatch:
    """Results of consecutive sets: `metrics` a row a set in the order of `metrics.METRICS`."""

    first: int
    parameters: list[dict[str, Any]]
    graphs: list[Graph]
    metrics: Floats
    returns: list[Floats]


@dataclass(frozen=True, eq=False)
class _Market:
    """What every chunk reads: the same bars, rules and skip tables, shared between threads."""

    series: BarSeries
    bars: Bars
    feed: Feed
    skips: Skips
    terms: Terms
    rules: Rules


def sweep(
    strategy: type[Strategy],
    bars: BarSeries,
    grid: Grid,
    rules: Rules,
    *,
    detail: BarSeries | None = None,
    funding: Any = None,
    mark: BarSeries | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    cancelled: Event | None = None,
) -> Iterator[SweepBatch]:
    """Batches of results in the order of the grid.

    `progress(done, total)` counts sets. When `cancelled` is set the sweep ends with RefusedError
    `cancelled`; batches already given out stay valid.
    """
    sets = expand(strategy, grid)
    market = _market(bars, rules, detail, funding, mark)
    workers = max(1, min(workers or os.cpu_count() or 1, len(sets)))
    done = _Done(len(sets), progress)
    stop = cancelled or Event()
    with ThreadPoolExecutor(workers, "sweep") as pool:
        for first in range(0, len(sets), workers * CHUNK):
            wanted = sets[first : first + workers * CHUNK]
            yield _run_round(strategy, market, wanted, first, pool, workers, done, stop)


def _run_round(
    strategy: type[Strategy], market: _Market, sets: list[dict[str, Any]], first: int,
    pool: ThreadPoolExecutor, workers: int, done: _Done, cancelled: Event,
) -> SweepBatch:  # fmt: skip
    graphs = [graph_of(strategy, values, market.rules) for values in sets]
    order = sorted(range(len(sets)), key=lambda row: costly_nodes(graphs[row]))
    shares = [part.tolist() for part in np.array_split(order, workers)]
    running = [
        pool.submit(_run_chunk, market, [graphs[row] for row in share], done, cancelled)
        for share in shares
    ]
    metrics = np.empty((len(sets), len(METRICS)))
    returns: list[Floats] = [np.empty(0)] * len(sets)
    for share, item in zip(shares, running, strict=True):
        found, series = item.result()
        metrics[share] = found
        for row, values in zip(share, series, strict=True):
            returns[row] = values
    return SweepBatch(first, sets, graphs, metrics, returns)


def costly_nodes(graph: Graph) -> list[int]:
    """A key that brings together graphs sharing their costliest nodes, so that one thread has them.

    Order statistics cost ten times a mean, extremes three times; the rest is not worth a place.
    """
    nodes = graph.nodes()
    found = []
    for code in (Code.ORDERED, Code.EXTREME, Code.INDICATOR):
        found += sorted(id(node) for node in nodes if node.operation.code == code)
    return found


class _Done:
    """Counts sets as fractions of their bars pass, for the progress line."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total, self._progress, self._count = total, progress, 0.0
        self._lock = Lock()

    def add(self, sets: float) -> None:
        with self._lock:
            self._count += sets
            if self._progress is not None:
                self._progress(min(self._count, self._total), self._total)


def _market(
    bars: BarSeries, rules: Rules, detail: BarSeries | None, funding: Any, mark: BarSeries | None
) -> _Market:
    inputs = market_inputs(bars, rules, detail, funding, mark)
    return _Market(bars, inputs.bars, inputs.feed, inputs.skips, inputs.terms, rules)


def graph_of(strategy: type[Strategy], parameters: dict[str, Any], rules: Rules) -> Graph:
    """The graph of a set; without its short side where the rules drop shorts anyway (F15)."""
    return drawn_graph(strategy(parameters).graph, rules)


def _run_chunk(
    market: _Market, graphs: list[Graph], done: _Done, cancelled: Event
) -> tuple[Floats, list[Floats]]:
    """(metrics, period returns) of the graphs, on one thread."""
    columns = tuple(dict.fromkeys(name for graph in graphs for name in required_columns(graph)))
    plan = compile_graphs(graphs, market.series.interval_ms, columns)
    work, table = scratch(plan, BLOCK), tables(plan)
    extras = extra_columns(plan, market.series)
    states = new_states(market.terms.rules, len(graphs))
    periods = np.empty((len(graphs), len(market.skips.period_starts) + 1))
    total = len(market.series)
    for start in range(0, total, STRETCH):
        if cancelled.is_set():
            raise RefusedError("cancelled", "the search was cancelled")
        stop = min(start + STRETCH, total)
        run_sets(
            table, work, extras, states, periods, np.empty((0, at.T_COLUMNS)), np.empty(0),
            market.terms, market.bars, market.feed, market.skips, start, stop,
        )  # fmt: skip
        done.add(len(graphs) * (stop - start) / total)
    cash, a_year = market.rules.initial_cash, periods_per_year(market.series.interval_ms)
    metrics = summarise_sets(states, periods, cash, a_year)
    return metrics, [_returns(*pair, cash) for pair in zip(states, periods, strict=True)]


def _returns(state: Floats, periods: Floats, cash: float) -> Floats:
    closed = int(state[at.S_PERIOD_ROWS])
    return period_returns(np.append(periods[:closed], state[at.S_EQUITY]), cash)
