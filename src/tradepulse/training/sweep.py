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
from tradepulse.simulation.market_inputs import market_inputs
from tradepulse.simulation.metrics import METRICS
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.grid import Grid, expand
from tradepulse.training.windows import Window, compile_sets, graph_of, run_compiled

Floats = npt.NDArray[np.float64]

# Sets a thread works on at a time. Shared nodes run once a chunk, so fewer chunks are faster;
# more sets a chunk is more memory.
CHUNK = 512
Progress = Callable[[float, float], None]


@dataclass(frozen=True, eq=False)
class SweepBatch:
    """Results of consecutive sets: `metrics` a row a set in the order of `metrics.METRICS`."""

    first: int
    parameters: list[dict[str, Any]]
    graphs: list[Graph]
    metrics: Floats
    returns: list[Floats]


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
    inputs = market_inputs(bars, rules, detail, funding, mark)
    window = Window(bars, bars.slice(0, 0), inputs, rules, funding)
    workers = max(1, min(workers or os.cpu_count() or 1, len(sets)))
    done = _Done(len(sets), progress)
    stop = cancelled or Event()
    with ThreadPoolExecutor(workers, "sweep") as pool:
        for first in range(0, len(sets), workers * CHUNK):
            wanted = sets[first : first + workers * CHUNK]
            yield _run_round(strategy, window, wanted, first, pool, workers, done, stop)


def _run_round(
    strategy: type[Strategy], window: Window, sets: list[dict[str, Any]], first: int,
    pool: ThreadPoolExecutor, workers: int, done: _Done, cancelled: Event,
) -> SweepBatch:  # fmt: skip
    graphs = [graph_of(strategy, values, window.rules) for values in sets]
    order = sorted(range(len(sets)), key=lambda row: costly_nodes(graphs[row]))
    shares = [part.tolist() for part in np.array_split(order, workers)]
    running = [
        pool.submit(_run_chunk, window, [graphs[row] for row in share], done, cancelled)
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


def _run_chunk(
    window: Window, graphs: list[Graph], done: _Done, cancelled: Event
) -> tuple[Floats, Floats]:
    """(metrics, period returns) of the graphs, on one thread."""

    def between(share: float) -> None:
        done.add(len(graphs) * share)
        if cancelled.is_set():
            raise RefusedError("cancelled", "the search was cancelled")

    between(0.0)
    return run_compiled(compile_sets(graphs, window.series.interval_ms), window, between)
