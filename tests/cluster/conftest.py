"""One small cluster for all tests that leave it as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from local_dask import LocalDask

from conformance.trial_executor import BARS, FUNDING
from tradepulse.cluster.reference import StoredSeries
from tradepulse.storage.parquet_bars import ParquetBarStore

EXCHANGE, PAIR, INTERVAL = "binance", "BTC/USDT:USDT", "1h"


@pytest.fixture(scope="session")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDask]:
    with LocalDask(tmp_path_factory.mktemp("dask"), workers=2) as started:
        yield started


@pytest.fixture(scope="session")
def series(tmp_path_factory: pytest.TempPathFactory) -> StoredSeries:
    """The conformance suite's bars, in a store that every process of this machine can read."""
    folder = tmp_path_factory.mktemp("store")
    store = ParquetBarStore(folder)
    store.append(EXCHANGE, PAIR, INTERVAL, BARS)
    store.append_funding(EXCHANGE, PAIR, FUNDING)
    return StoredSeries(str(folder), EXCHANGE, PAIR, INTERVAL)
