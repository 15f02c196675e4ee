"""Two Dask workers against one on this machine: the permutation test of a whole grid search.

`python -m benchmarks.ours.cluster_speed --bars N --sets K --seeds S`. Each cluster is started
anew, its workers having one thread, loaded kernels and read bars before the clock starts. What it
prints as seconds is the share of one worker's time that two workers take; the times are facts.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from distributed import Client, LocalCluster

import tradepulse as tp
from benchmarks import bars as market
from benchmarks import grid
from benchmarks.measure import Timings, emit
from tradepulse.cluster.dask_executor import DaskExecutor
from tradepulse.cluster.reference import StoredSeries
from tradepulse.marketdata.validate import as_bar_series
from tradepulse.storage.parquet_bars import ParquetBarStore
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.training.windows import Dataset

METRIC = "sharpe"
SERIES = ("binance", "BTC/USDT", "1m")


class Job(NamedTuple):
    """Everything but the number of workers."""

    data: Dataset
    series: StoredSeries
    sets: list[dict[str, int]]
    seeds: range

    @property
    def window(self) -> tuple[int, int]:
        bars = self.data.bars
        return int(bars.open_time[0]), int(bars.open_time[-1]) + bars.interval_ms


class Run(NamedTuple):
    """Seconds on the wall clock, seconds of processor of each worker, and the results."""

    wall_s: float
    worker_cpu_s: list[float]
    best: list[float]


def run(job: Job, workers: int) -> Run:
    """The job on a fresh cluster of that many worker processes."""
    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
        DaskExecutor(client, EmaCross, job.data, job.series) as executor,
    ):
        # As many parts as make every worker take some: it loads kernels, bars and plans.
        executor.permuted_best(job.sets, job.window, range(4 * workers), METRIC)
        before = client.run(time.process_time)
        started = time.perf_counter()
        best = executor.permuted_best(job.sets, job.window, job.seeds, METRIC)
        wall = time.perf_counter() - started
        after = client.run(time.process_time)
    return Run(wall, [after[name] - before[name] for name in before], best)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, required=True)
    parser.add_argument("--sets", type=int, required=True)
    parser.add_argument("--seeds", type=int, required=True)
    wanted = parser.parse_args()
    pairs = grid.spread_out(grid.ema_cross_sets(), wanted.sets)
    with tempfile.TemporaryDirectory() as folder:
        bars = as_bar_series(market.load(wanted.bars))
        ParquetBarStore(Path(folder)).append(*SERIES, bars)
        job = Job(
            Dataset(bars, tp.Rules()), StoredSeries(folder, *SERIES),
            [{"fast": fast, "slow": slow} for fast, slow in pairs], range(wanted.seeds),
        )  # fmt: skip
        one, two = run(job, 1), run(job, 2)
    facts = {
        "one_worker_s": round(one.wall_s, 2),
        "two_workers_s": round(two.wall_s, 2),
        "one_worker_cpu_s": [round(each, 2) for each in one.worker_cpu_s],
        "two_workers_cpu_s": [round(each, 2) for each in two.worker_cpu_s],
        # What idle cores of their own would give: the busier worker's share of the work.
        "speed_up_by_cpu": round(sum(one.worker_cpu_s) / max(two.worker_cpu_s), 3),
        "identical": one.best == two.best,
    }
    # Neighbours on the machine, not our work, would show in the processor time of this process.
    emit(Timings([two.wall_s / one.wall_s], [0.0]), facts)


if __name__ == "__main__":
    main()
