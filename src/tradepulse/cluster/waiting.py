"""Waiting for a cluster's results without ever waiting for nobody."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from tradepulse.cluster.connection import dask_package
from tradepulse.domain.errors import FailedError, RefusedError, TradePulseError

# How long a search goes on without a single worker: a restart of all of them fits in.
PATIENCE_S = 60.0
_LOOK_S = 1.0
# For fetching finished results, which the scheduler passes on.
_FETCH_S = 300.0


def slots_of(client: Any, patience_s: float) -> int:
    """Tasks the cluster works on at a time: the threads of its workers.

    Waits for a first worker at most `patience_s`. Error `cluster_unavailable`.
    """
    alone_since = time.monotonic()
    while True:
        slots = _slots(client)
        if slots:
            return slots
        _refuse_when_alone(alone_since, patience_s)
        time.sleep(min(_LOOK_S, patience_s) / 4)


def results_of(client: Any, futures: Sequence[Any], patience_s: float) -> list[Any]:
    """The futures' results in their order; the first error among them instead, as soon as it is
    known. Error `cluster_unavailable` when workers or scheduler are gone."""
    distributed = dask_package()
    alone_since: float | None = None
    while True:
        try:
            with client.as_current():  # `wait` looks for a client of its own accord
                distributed.wait(futures, timeout=_LOOK_S)
                _raise_first(futures)
                return _fetched(client, futures)
        except TimeoutError:
            _raise_first(futures)
        except distributed.CancelledError as error:
            raise _unavailable("a connection to its scheduler", str(error)) from error
        if _slots(client):
            alone_since = None
        else:
            alone_since = time.monotonic() if alone_since is None else alone_since
            _refuse_when_alone(alone_since, patience_s)


def _fetched(client: Any, futures: Sequence[Any]) -> list[Any]:
    """Finished results. TimeoutError: a worker died with some; they are being computed again."""

    async def fetch() -> list[Any]:
        found: list[Any] = await client.gather(list(futures), asynchronous=True)
        return found

    fetched: list[Any] = client.sync(fetch, callback_timeout=_FETCH_S)
    return fetched


def _raise_first(futures: Sequence[Any]) -> None:
    failed = next((future for future in futures if future.status == "error"), None)
    if failed is None:
        return
    error = failed.exception()
    if isinstance(error, TradePulseError):
        raise error
    if isinstance(error, ModuleNotFoundError):
        raise RefusedError(
            "cluster_code_differs", "a worker cannot run trials",
            expected="TradePulse and its packages on every worker", found=str(error),
            hint="Install the same release, Python and packages on every worker, and restart it.",
        ) from error  # fmt: skip
    if isinstance(error, dask_package().KilledWorker):
        raise FailedError(
            "cluster_unavailable", "the same trials lost one worker after another",
            expected="workers that survive their task", found=str(error),
            hint="Look at the workers' logs: memory is the usual reason.",
        ) from error  # fmt: skip
    raise error


def _slots(client: Any) -> int:
    try:
        return sum(client.nthreads().values())
    except (OSError, RuntimeError) as error:
        # Which of these a client without a scheduler raises depends on how far it has noticed.
        raise _unavailable(
            "a scheduler that answers", f"{type(error).__name__}: {error}"
        ) from error


def _refuse_when_alone(since: float, patience_s: float) -> None:
    if time.monotonic() - since >= patience_s:
        raise _unavailable("one worker or more", f"none for {patience_s:g} s")


def _unavailable(expected: str, found: str) -> FailedError:
    return FailedError(
        "cluster_unavailable", "the cluster is gone", expected=expected, found=found,
        hint="Trials already recorded are kept: start the cluster and resume.",
    )  # fmt: skip
