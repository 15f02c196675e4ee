"""`DaskExecutor`: the trial executor whose threads are worker processes of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import pairwise
from types import TracebackType
from typing import Any, Self

import numpy as np

from tradepulse.cluster.connection import CONNECT_S, connect, quiet
from tradepulse.cluster.reference import StoredSeries, refer_to
from tradepulse.cluster.tasks import Part, evaluate_part, permuted_part
from tradepulse.cluster.waiting import PATIENCE_S, results_of, slots_of
from tradepulse.simulation.metrics import METRICS
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.evaluation import Evaluated, Sets, Span
from tradepulse.training.sweep import CHUNK
from tradepulse.training.windows import Dataset

# A slot gets its sets in two parts, so that one is lost with a worker and the last one does not
# wait for a whole share; below this number one part, as sets of a part share their nodes.
WORTH_HALVING = 64
# Parts of a permutation test a slot: a sixteenth of the work is waited for at the end.
SEED_PARTS = 8


class DaskExecutor:
    """Trials on the workers of a Dask cluster, which read the bars from the store themselves.

    `cluster` is a scheduler's URL, or a `distributed.Client` that stays its owner's. Workers are
    given `series` and what the bars in it must be (`reference.refer_to`), never the bars. Results
    are those of `ThreadExecutor` on the same architecture, whatever the number of workers. Methods
    may be called from several threads. When there is no worker for `patience_s` a call ends with
    `cluster_unavailable`.

    Errors: those of `connection.connect` and `reference.refer_to`; of a call also
    `cluster_code_differs`, `cluster_data_differs`, and whatever a trial itself raises.
    """

    def __init__(
        self,
        cluster: Any,
        strategy: type[Strategy],
        dataset: Dataset,
        series: StoredSeries,
        *,
        patience_s: float = PATIENCE_S,
        connect_s: float = CONNECT_S,
    ) -> None:
        self._reference = refer_to(strategy, dataset, series)
        self._dataset, self._patience_s = dataset, patience_s
        self._client = connect(cluster, connect_s) if isinstance(cluster, str) else cluster
        self._leaving = ExitStack()
        if isinstance(cluster, str):
            # Until the end: a client also complains from threads of its own.
            self._leaving.enter_context(quiet())
            self._leaving.callback(self._client.close)

    def evaluate(self, sets: Sets, window: Span) -> Evaluated:
        """Each set over the bars that open in `window`, flat at its start, signals warm."""
        slots = slots_of(self._client, self._patience_s)
        parts = [
            Part(self._reference, tuple(sets[cut]), window)
            for cut in cuts(len(sets), _set_parts(len(sets), slots))
        ]
        found: list[Evaluated] = self._run(evaluate_part, parts)
        if not found:
            days = len(self._dataset.window(*window).days)
            return Evaluated(np.empty((0, len(METRICS))), np.empty((0, days)))
        metrics = np.concatenate([part.metrics for part in found])
        return Evaluated(metrics, np.concatenate([part.returns for part in found]))

    def permuted_best(
        self, sets: Sets, window: Span, seeds: Sequence[int], metric: str
    ) -> list[float]:
        """For each seed the best `metric` of the sets over bars permuted with it."""
        slots = slots_of(self._client, self._patience_s)
        parts = [
            Part(self._reference, tuple(sets), window, tuple(seeds[cut]), metric)
            for cut in cuts(len(seeds), slots * SEED_PARTS)
        ]
        return [best for part in self._run(permuted_part, parts) for best in part]

    def close(self) -> None:
        """Leaves the cluster, if this executor had connected to it. Nothing of it stays there."""
        self._leaving.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self, task: Callable[[bytes], Any], parts: Sequence[Part]) -> list[Any]:
        """The parts' results in their order."""
        # A part is a pure function, but asking twice is rare and hashing the arguments is not free.
        # No `retries`: the scheduler repeats parts whose worker is lost (`allowed-failures`, 3); a
        # part that raised would raise again, on another worker perhaps hiding what is wrong here.
        running = [
            self._client.submit(task, part.packed(), pure=False, retries=0) for part in parts
        ]
        try:
            return results_of(self._client, running, self._patience_s)
        finally:
            for future in running:
                future.release()


def cuts(count: int, parts: int) -> list[slice]:
    """At most `parts` consecutive slices of `count` things, nearly equal, none empty."""
    parts = min(parts, count)
    bounds = [count * part // parts for part in range(parts + 1)] if parts else [0]
    return [slice(start, stop) for start, stop in pairwise(bounds)]


def _set_parts(count: int, slots: int) -> int:
    a_slot = 2 if count >= slots * WORTH_HALVING else 1
    return max(slots * a_slot, -(-count // CHUNK))
