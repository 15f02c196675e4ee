"""What travels to a worker instead of bars and classes: where they are, and what they must be."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path

from tradepulse.cluster.identity import code_identity
from tradepulse.domain.configuration import canonical_json
from tradepulse.domain.errors import UsageError
from tradepulse.strategies.strategy import Strategy
from tradepulse.training.windows import Dataset

_SHIPPED = "tradepulse.strategies."


@dataclass(frozen=True)
class StoredSeries:
    """Where bars are kept: `store` is a folder (or file:///folder) of that name on every worker."""

    store: str
    exchange: str
    pair: str
    interval: str


@dataclass(frozen=True)
class DatasetReference:
    """Bars that open in [start_ms, end_ms), the rules as JSON, and the fingerprint to be found."""

    series: StoredSeries
    start_ms: int
    end_ms: int
    rules: str
    funding: bool
    fingerprint: str


@dataclass(frozen=True)
class StrategyReference:
    """A strategy by its module (shipped) or by its file's text, which then travels along.

    `graph_hash` is that of the graph with default parameters: whatever differs in files that a
    strategy's own file imports shows there.
    """

    name: str
    module: str
    file_name: str
    source: str | None
    graph_hash: str


@dataclass(frozen=True)
class TrialReference:
    """All that a worker needs to run trials; equal references are opened once a process."""

    strategy: StrategyReference
    dataset: DatasetReference
    code: str


def refer_to(strategy: type[Strategy], dataset: Dataset, series: StoredSeries) -> TrialReference:
    """The reference under which workers find what the client holds.

    Errors `cluster_strategy` for a class that is in no file, `unknown_column` for bars with columns
    that no bar store keeps.
    """
    return TrialReference(_strategy(strategy), _dataset(dataset, series), code_identity())


def _dataset(dataset: Dataset, series: StoredSeries) -> DatasetReference:
    bars = dataset.bars
    if bars.columns:
        raise UsageError(
            "unknown_column", "workers read bars from the store, which keeps no further columns",
            expected="bars without further columns", found=", ".join(bars.columns),
            hint="Train on this machine: leave the cluster out.",
        )  # fmt: skip
    # The bars' own ends, not the range that was asked for: the store may grow during a search.
    start = int(bars.open_time[0]) if len(bars) else 0
    end = int(bars.open_time[-1]) + bars.interval_ms if len(bars) else 0
    rules = canonical_json(dataset.rules.as_json())
    # Workers stand in other folders than this process.
    folder = Path(series.store.removeprefix("file://")).expanduser().absolute()
    kept = replace(series, store=str(folder))
    return DatasetReference(
        kept, start, end, rules, dataset.funding is not None, dataset.fingerprint
    )


def _strategy(strategy: type[Strategy]) -> StrategyReference:
    module = strategy.__module__
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or not Path(file).is_file():
        raise UsageError(
            "cluster_strategy", f"workers cannot be given the strategy {strategy.name}",
            expected="a strategy written in a file", found=f"a class of {module}",
            hint="Put it into a file of the home's strategies folder.",
        )  # fmt: skip
    source = None if module.startswith(_SHIPPED) else Path(file).read_text(encoding="utf-8")
    return StrategyReference(
        strategy.name, module, Path(file).name, source, strategy().graph.hash
    )  # fmt: skip
