"""What a worker process runs: parts of an evaluation, pure functions of what is sent to them.

A part arrives pickled. Dask searches containers among a task's arguments for other tasks' results;
over thousands of parameter values that would cost more than sending them.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from tradepulse.cluster.opening import open_reference, this_worker
from tradepulse.cluster.reference import TrialReference
from tradepulse.training.evaluation import Evaluated, ThreadExecutor

# Datasets a worker process keeps: a queue of jobs over a few markets does not read them again.
KEPT_REFERENCES = 4

_opened: OrderedDict[TrialReference, ThreadExecutor] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Part:
    """A share of the sets, and for a permutation test a share of the seeds."""

    reference: TrialReference
    sets: tuple[Mapping[str, Any], ...]
    window: tuple[int, int]
    seeds: tuple[int, ...] = ()
    metric: str = ""

    def packed(self) -> bytes:
        return pickle.dumps(self, protocol=pickle.HIGHEST_PROTOCOL)


def evaluate_part(packed: bytes) -> Evaluated:
    """Metrics and returns of the part's sets, in their order."""
    part: Part = pickle.loads(packed)  # noqa: S301  (Dask itself runs what the client sends)
    return executor_of(part.reference).evaluate(part.sets, part.window)


def permuted_part(packed: bytes) -> list[float]:
    """The best metric for each of the part's seeds, in their order."""
    part: Part = pickle.loads(packed)  # noqa: S301
    executor = executor_of(part.reference)
    return executor.permuted_best(part.sets, part.window, part.seeds, part.metric)


def executor_of(reference: TrialReference) -> ThreadExecutor:
    """This process's executor for a reference; bars and compiled plans are kept in it."""
    with _lock:  # two tasks of one process must not both read a million bars
        found = _opened.pop(reference, None)
        if found is None:
            found = open_reference(reference, this_worker())
        _opened[reference] = found
        while len(_opened) > KEPT_REFERENCES:
            _opened.popitem(last=False)
    return found
