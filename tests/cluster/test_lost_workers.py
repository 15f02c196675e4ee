"""Workers and schedulers that die half-way: the same result or a clear error, never a hang."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from local_dask import LocalDask

from conformance.made_bars import MINUTE, START, made_bars
from conformance.trial_executor import check_same
from tradepulse.cluster.connection import connect, quiet
from tradepulse.cluster.dask_executor import DaskExecutor
from tradepulse.cluster.reference import StoredSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.simulation.rules import Rules
from tradepulse.storage.parquet_bars import ParquetBarStore
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.registry import Registry
from tradepulse.training.evaluation import ThreadExecutor
from tradepulse.training.windows import Dataset

pytestmark = pytest.mark.slow

# A second of work or more for each of two workers: time enough to die in the middle of it.
BARS = made_bars(150_000, interval_ms=MINUTE)
DATA = Dataset(BARS, Rules())
WINDOW = (START + 1000 * MINUTE, START + 150_000 * MINUTE)
SETS = [{"fast": 3 + n % 40, "slow": 50 + n // 40} for n in range(1200)]
PATIENCE_S = 3.0
# A strategy that takes its worker with it, as one does that eats all memory.
DEADLY = """
import os
from tradepulse.strategies.api import Bars, Int, Signals, Strategy

class Deadly(Strategy):
    n = Int(1, 9, default=1)

    def signals(self, bar: Bars) -> Signals:
        if self.n == 9:
            os._exit(1)
        return Signals(enter_long=bar.close > bar.open)
"""


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> StoredSeries:
    folder = tmp_path_factory.mktemp("store")
    ParquetBarStore(folder).append("binance", "BTC/USDT", "1m", BARS)
    return StoredSeries(str(folder), "binance", "BTC/USDT", "1m")


@contextmanager
def watched(dask: LocalDask) -> Iterator[Any]:
    client = connect(dask.url)
    try:
        yield client
    finally:
        with quiet():
            client.close()


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def at_work(client: Any, workers: int, running: Future[Any]) -> None:
    """Returns when that many workers have trials in hand and the evaluation is not over."""
    wait_until(lambda: sum(map(bool, client.processing().values())) >= workers)
    time.sleep(0.1)
    assert not running.done()


def failed_with(running: Future[Any], seconds: float) -> TradePulseError:
    error = running.exception(seconds)
    assert isinstance(error, TradePulseError)
    return error


def test_a_killed_worker_changes_nothing_and_the_last_one_is_missed(
    tmp_path: Path, series: StoredSeries
) -> None:
    wanted = ThreadExecutor(EmaCross, DATA).evaluate(SETS, WINDOW)
    with (
        LocalDask(tmp_path, workers=2) as dask,
        watched(dask) as client,
        DaskExecutor(dask.url, EmaCross, DATA, series, patience_s=PATIENCE_S) as executor,
        ThreadPoolExecutor(1) as thread,
    ):
        client.wait_for_workers(2, timeout=60)
        executor.evaluate(SETS[:4], WINDOW)
        running = thread.submit(executor.evaluate, SETS, WINDOW)
        at_work(client, 2, running)
        dask.kill_worker(0)
        check_same(running.result(60), wanted)
        assert len(client.nthreads()) == 1

        running = thread.submit(executor.evaluate, SETS, WINDOW)
        at_work(client, 1, running)
        dask.kill_worker(1)
        error = failed_with(running, PATIENCE_S + 20)
        assert (error.code, error.found) == ("cluster_unavailable", f"none for {PATIENCE_S:g} s")
        # Nor does the next call hang, and a worker that comes takes up the work.
        with pytest.raises(TradePulseError, match="cluster is gone"):
            executor.evaluate(SETS, WINDOW)
        dask.add_worker()
        client.wait_for_workers(1, timeout=60)
        check_same(executor.evaluate(SETS, WINDOW), wanted)

        running = thread.submit(executor.evaluate, SETS, WINDOW)
        at_work(client, 1, running)
        dask.scheduler.kill()
        assert failed_with(running, 60).code == "cluster_unavailable"
        with pytest.raises(TradePulseError) as again:
            executor.evaluate(SETS, WINDOW)
        assert again.value.code == "cluster_unavailable"


def test_trials_that_kill_their_workers_are_not_repeated_for_ever(
    tmp_path: Path, series: StoredSeries
) -> None:
    (tmp_path / "deadly.py").write_text(DEADLY)
    strategy = Registry(tmp_path).get("deadly")
    allowed = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with (
        LocalDask(tmp_path, workers=1, environment=allowed) as dask,
        DaskExecutor(dask.url, strategy, DATA, series) as executor,
    ):
        with pytest.raises(TradePulseError) as error:
            executor.evaluate([{"n": 9}], WINDOW)
        assert error.value.code == "cluster_unavailable"
        assert "one worker after another" in error.value.message
