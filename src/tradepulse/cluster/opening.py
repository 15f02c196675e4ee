"""A worker's side of a reference: bars read from the store, strategies loaded, both compared."""

from __future__ import annotations

import atexit
import importlib
import json
import platform
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path

from tradepulse.cluster.identity import code_identity
from tradepulse.cluster.reference import DatasetReference, StrategyReference, TrialReference
from tradepulse.domain.errors import DataError, RefusedError, TradePulseError
from tradepulse.marketdata.folding import FoldingStore
from tradepulse.marketdata.store import BarStore
from tradepulse.simulation.rules import Rules
from tradepulse.storage.parquet_bars import ParquetBarStore
from tradepulse.strategies.registry import load_file, strategies_of
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.evaluation import ThreadExecutor
from tradepulse.training.windows import Dataset


def open_reference(reference: TrialReference, worker: str) -> ThreadExecutor:
    """An executor on one thread over what `reference` names.

    Errors `cluster_code_differs` and `cluster_data_differs`, each naming `worker`; those of a
    strategy file that cannot be loaded.
    """
    if code_identity() != reference.code:
        raise _other_code(worker, f"TradePulse {reference.code}", code_identity())
    strategy = open_strategy(reference.strategy, worker)
    return ThreadExecutor(strategy, open_dataset(reference.dataset, worker), workers=1)


def open_dataset(reference: DatasetReference, worker: str) -> Dataset:
    """The bars as this worker's store holds them. Error `cluster_data_differs`."""
    series = reference.series
    folder = Path(series.store)
    wanted = f"{series.interval} bars of {series.pair} on {series.exchange} in {folder}"
    if not folder.is_dir():
        raise _other_data(
            worker, wanted, "no such folder",
            "Mount the client's bar folder on every worker under the same path.",
        )  # fmt: skip
    try:
        found = _read(FoldingStore(ParquetBarStore(folder)), reference)
    except TradePulseError as error:
        raise _other_data(worker, wanted, str(error)) from error
    if not len(found.bars) or found.fingerprint != reference.fingerprint:
        many = f"{len(found.bars)} bars"
        mark = f" with fingerprint {found.fingerprint[:12]}" if len(found.bars) else ""
        raise _other_data(
            worker, f"{wanted} with fingerprint {reference.fingerprint[:12]}", many + mark,
            "Import the same bars there, or let both read one store.",
        )  # fmt: skip
    return found


def _read(store: BarStore, reference: DatasetReference) -> Dataset:
    series = reference.series
    market = series.exchange, series.pair
    bars = store.read(*market, series.interval, reference.start_ms, reference.end_ms)
    funding = store.read_funding(*market) if reference.funding else None
    return Dataset(bars, Rules.from_json(json.loads(reference.rules)), funding)


def open_strategy(reference: StrategyReference, worker: str) -> type[Strategy]:
    """The class, loaded from the text that came along. Error `cluster_code_differs`."""
    if reference.source is None:
        module = importlib.import_module(reference.module)
    else:
        module = load_file(_written(reference.file_name, reference.source))
    found = next((s for s in strategies_of(module) if s.name == reference.name), None)
    if found is None:
        raise _other_code(worker, f"a strategy {reference.name} in {reference.file_name}", "none")
    graph_hash = found().graph.hash
    if graph_hash != reference.graph_hash:
        raise _other_code(
            worker, f"strategy {reference.name} with graph {reference.graph_hash[:12]}",
            f"graph {graph_hash[:12]}, perhaps of another version of a file it imports",
        )  # fmt: skip
    return found


def _written(file_name: str, source: str) -> Path:
    """The text as a file: an `@indicator` is compiled from the source that Python finds on disk."""
    folder = _private_folder() / sha256(source.encode()).hexdigest()[:16]
    folder.mkdir(exist_ok=True)
    path = folder / file_name
    path.write_text(source, encoding="utf-8", newline="")
    return path


@cache
def _private_folder() -> Path:
    """A folder of this process alone: in a shared one others could put their code into ours."""
    folder = tempfile.TemporaryDirectory(prefix="tradepulse-strategies-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def this_worker() -> str:
    """The host, and the address under which the scheduler knows this worker."""
    from distributed import get_worker

    try:
        address = get_worker().address
    except ValueError:  # not inside a task
        return platform.node()
    return f"{platform.node()} ({address})"


def _other_data(worker: str, expected: str, found: str, hint: str | None = None) -> DataError:
    return DataError(
        "cluster_data_differs", f"worker {worker} does not read the bars of this search",
        expected=expected, found=found, hint=hint,
    )  # fmt: skip


def _other_code(worker: str, expected: str, found: str) -> RefusedError:
    return RefusedError(
        "cluster_code_differs", f"worker {worker} would not compute the same results",
        expected=expected, found=found,
        hint="Install the same release, Python and packages on every worker, and restart it.",
    )  # fmt: skip
