"""The port through which trials are run, and its default: threads over kernels without the GIL."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from tradepulse.domain.configuration import canonical_json
from tradepulse.signals.graph import Graph
from tradepulse.simulation.metrics import METRICS
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.objectives.metric import LOWER_IS_BETTER
from tradepulse.training.significance.permutation import permuted_bars
from tradepulse.training.sweep import CHUNK, costly_nodes
from tradepulse.training.windows import (
    Compiled,
    Dataset,
    Window,
    compile_sets,
    graph_of,
    run_compiled,
)  # fmt: skip

Floats = npt.NDArray[np.float64]
Sets = Sequence[Mapping[str, Any]]
Span = tuple[int, int]

# Fewer trades than this say nothing about a rule; such a set wins only where no other has more.
ENOUGH_TRADES = 10
# Plans kept for the next window: a search without feedback tries the same sets in every fold.
_KEPT_PLANS = 8


class Evaluated(NamedTuple):
    """Results of sets in their order: `metrics` (n, len(METRICS)), daily `returns` (n, days)."""

    metrics: Floats
    returns: Floats


class TrialExecutor(Protocol):
    """Runs parameter sets of one strategy on one dataset. Results do not depend on the executor."""

    def evaluate(self, sets: Sets, window: Span) -> Evaluated:
        """Each set over the bars that open in `window`, flat at its start, signals warm."""
        ...

    def permuted_best(
        self, sets: Sets, window: Span, seeds: Sequence[int], metric: str
    ) -> list[float]:
        """For each seed the best `metric` of the sets over bars permuted with it."""
        ...


def best_metric(metrics: Floats, metric: str) -> float:
    """The best value of a metric among sets that traded enough, else among all, signed so that
    higher is better; -inf if none."""
    sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
    values = sign * metrics[:, METRICS.index(metric)]
    enough = metrics[:, METRICS.index("trade_count")] >= ENOUGH_TRADES
    judged = values[enough] if enough.any() else values
    known = judged[~np.isnan(judged)]
    return float(known.max()) if len(known) else -np.inf


class ThreadExecutor:
    """Trials on this machine's cores. `workers` None: one thread a core."""

    def __init__(
        self, strategy: type[Strategy], dataset: Dataset, workers: int | None = None
    ) -> None:
        self._strategy, self._dataset = strategy, dataset
        self._workers = workers or os.cpu_count() or 1
        self._plans: OrderedDict[tuple[str, ...], list[tuple[list[int], Compiled]]] = OrderedDict()
        self._windows: OrderedDict[Span, Window] = OrderedDict()
        self._lock = Lock()

    def evaluate(self, sets: Sets, window: Span) -> Evaluated:
        found = self._window(window)
        metrics = np.empty((len(sets), len(METRICS)))
        returns = np.empty((len(sets), len(found.days)))
        parts = self._compiled(sets)
        with ThreadPoolExecutor(min(self._workers, max(1, len(parts))), "trials") as pool:
            for (rows, _), (values, series) in zip(
                parts, pool.map(lambda part: run_compiled(part[1], found), parts), strict=True
            ):
                metrics[rows], returns[rows] = values, series
        return Evaluated(metrics, returns)

    def permuted_best(
        self, sets: Sets, window: Span, seeds: Sequence[int], metric: str
    ) -> list[float]:
        parts = self._compiled(sets)
        data = self._dataset.between(*window)
        needed = {name for _, part in parts for name in part.plan.columns}
        # A column that no set reads is no reason not to shuffle.
        plain = data.bars if needed else replace(data.bars, columns={})

        def best(seed: int) -> float:
            bars = permuted_bars(plain, np.random.default_rng(seed))
            shuffled = Dataset(bars, data.rules, data.funding).window(*window)
            found = [run_compiled(compiled, shuffled)[0] for _, compiled in parts]
            return best_metric(np.concatenate(found), metric)

        with ThreadPoolExecutor(min(self._workers, max(1, len(seeds))), "permuted") as pool:
            return list(pool.map(best, seeds))

    def _window(self, span: Span) -> Window:
        with self._lock:
            found = self._windows.pop(span, None)
        if found is None:
            found = self._dataset.window(*span)
        with self._lock:
            self._windows[span] = found
            while len(self._windows) > _KEPT_PLANS:
                self._windows.popitem(last=False)
        return found

    def _compiled(self, sets: Sets) -> list[tuple[list[int], Compiled]]:
        """(rows, plan) of the sets' shares; sets that share costly nodes are brought together."""
        key = tuple(canonical_json(dict(values)) for values in sets)
        with self._lock:
            known = self._plans.pop(key, None)
        if known is None:
            rules, interval = self._dataset.rules, self._dataset.bars.interval_ms
            graphs = [graph_of(self._strategy, values, rules) for values in sets]
            known = [
                (rows, compile_sets([graphs[row] for row in rows], interval))
                for rows in shares(graphs, self._workers)
            ]
        with self._lock:
            self._plans[key] = known
            while len(self._plans) > _KEPT_PLANS:
                self._plans.popitem(last=False)
        return known


def shares(graphs: Sequence[Graph], workers: int) -> list[list[int]]:
    """Rows of the graphs in chunks: one a worker, and none above the chunk that keeps memory
    flat."""
    order = sorted(range(len(graphs)), key=lambda row: costly_nodes(graphs[row]))
    count = max(1, min(workers, len(graphs)), -(-len(graphs) // CHUNK))
    return [part.tolist() for part in np.array_split(order, count) if len(part)]
