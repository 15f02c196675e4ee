"""The Dask executor on two worker processes: the port's suite, and what a cluster adds to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from local_dask import LocalDask

from conformance.made_bars import HOUR
from conformance.trial_executor import (
    BARS,
    EMA_SETS,
    SPOT,
    WINDOW,
    Executors,
    TrialExecutorSuite,
    check_same,
)  # fmt: skip
from tradepulse.cluster import reference as reference_module
from tradepulse.cluster.connection import connect, quiet
from tradepulse.cluster.dask_executor import DaskExecutor
from tradepulse.cluster.reference import StoredSeries
from tradepulse.domain.errors import TradePulseError
from tradepulse.storage.parquet_bars import ParquetBarStore
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.strategies.registry import Registry
from tradepulse.training.evaluation import ThreadExecutor
from tradepulse.training.windows import Dataset

pytestmark = pytest.mark.slow


class TestDaskExecutor(TrialExecutorSuite):
    @pytest.fixture
    def executors(self, dask: LocalDask, series: StoredSeries, tmp_path: Path) -> Executors:
        def make(strategy: type, data: Dataset) -> DaskExecutor:
            return DaskExecutor(dask.url, strategy, data, series, patience_s=20)

        return make


def refused(dask: LocalDask, series: StoredSeries, data: Dataset = SPOT) -> TradePulseError:
    """What an evaluation on the cluster is refused with."""
    with (
        DaskExecutor(dask.url, EmaCross, data, series) as executor,
        pytest.raises(TradePulseError) as error,
    ):
        executor.evaluate(EMA_SETS, WINDOW)
    return error.value


def test_intervals_the_store_does_not_keep_are_made_of_finer_bars(
    dask: LocalDask, tmp_path: Path
) -> None:
    minutes = replace(BARS, interval_ms=HOUR)
    ParquetBarStore(tmp_path).append("kraken", "BTC/USD", "1h", minutes)
    series = StoredSeries(tmp_path.as_uri(), "kraken", "BTC/USD", "4h")
    from tradepulse.bootstrap import open_store

    data = Dataset(open_store(tmp_path).read("kraken", "BTC/USD", "4h"), SPOT.rules)
    with DaskExecutor(dask.url, EmaCross, data, series) as executor:
        found = executor.evaluate(EMA_SETS, WINDOW)
    check_same(found, ThreadExecutor(EmaCross, data).evaluate(EMA_SETS, WINDOW))


def test_bars_appended_meanwhile_change_nothing(dask: LocalDask, tmp_path: Path) -> None:
    store = ParquetBarStore(tmp_path)
    store.append("kraken", "BTC/USD", "1h", BARS.slice(0, 2000))
    data = Dataset(store.read("kraken", "BTC/USD", "1h"), SPOT.rules)
    series = StoredSeries(str(tmp_path), "kraken", "BTC/USD", "1h")
    with DaskExecutor(dask.url, EmaCross, data, series) as executor:
        store.append("kraken", "BTC/USD", "1h", BARS)
        found = executor.evaluate(EMA_SETS, WINDOW)
    check_same(found, ThreadExecutor(EmaCross, data).evaluate(EMA_SETS, WINDOW))


def test_other_bars_on_a_worker_are_refused_with_its_name(
    dask: LocalDask, series: StoredSeries
) -> None:
    closes = BARS.close.copy()
    closes[5] = np.nextafter(closes[5], 0.0)
    error = refused(dask, series, Dataset(replace(BARS, close=closes), SPOT.rules))
    assert error.code == "cluster_data_differs"
    assert "(tcp://127.0.0.1:" in error.message
    assert BARS.fingerprint[:12] in str(error.found)


def test_a_store_that_workers_cannot_see_is_said_to_be_one(
    dask: LocalDask, series: StoredSeries, tmp_path: Path
) -> None:
    error = refused(dask, replace(series, store=str(tmp_path / "elsewhere")))
    assert (error.code, error.found) == ("cluster_data_differs", "no such folder")
    error = refused(dask, replace(series, pair="ETH/USDT:USDT"))
    assert error.code == "cluster_data_differs"
    assert "ETH/USDT" in str(error)


def test_other_code_on_a_worker_is_refused_with_its_name(
    dask: LocalDask, series: StoredSeries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_module, "code_identity", lambda: "0.0.9+abc on a toaster")
    error = refused(dask, series)
    assert error.code == "cluster_code_differs"
    assert "(tcp://127.0.0.1:" in error.message
    assert "toaster" in str(error.expected)
    assert "toaster" not in str(error.found)


def test_a_file_that_a_strategy_imports_must_be_on_the_worker(
    dask: LocalDask, series: StoredSeries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my_periods.py").write_text("FAST = 7\n")
    (tmp_path / "importing.py").write_text(
        "from my_periods import FAST\n"
        "from tradepulse.strategies.api import Bars, Signals, Strategy\n"
        "class Importing(Strategy):\n"
        "    def signals(self, bar: Bars) -> Signals:\n"
        "        return Signals(enter_long=bar.close > bar.close.ema(FAST))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    strategy = Registry(tmp_path).get("importing")
    with (
        DaskExecutor(dask.url, strategy, SPOT, series) as executor,
        pytest.raises(TradePulseError) as error,
    ):
        executor.evaluate([{}], WINDOW)
    assert error.value.code == "broken_strategy"
    assert "my_periods" in str(error.value.found)


def test_a_given_client_stays_its_owners(dask: LocalDask, series: StoredSeries) -> None:
    client = connect(dask.url)
    try:
        with DaskExecutor(client, EmaCross, SPOT, series) as executor:
            first = executor.evaluate(EMA_SETS, WINDOW)
        with DaskExecutor(client, EmaCross, SPOT, series) as executor:
            check_same(executor.evaluate(EMA_SETS, WINDOW), first)
        assert client.status == "running"
        assert not any(client.processing().values())
    finally:
        with quiet():
            client.close()
