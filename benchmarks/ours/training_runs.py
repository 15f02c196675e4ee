"""TradePulse: `python -m benchmarks.ours.training_runs CASE`: training jobs, durable in a home."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import bars as market
from benchmarks.measure import Facts, emit, timed
from tradepulse.bootstrap import App, open_home, training_runner
from tradepulse.domain.bars import BarSeries
from tradepulse.domain.interval import HOUR_MS
from tradepulse.marketdata.resample import resample
from tradepulse.marketdata.validate import as_bar_series
from tradepulse.simulation.rules import Rules
from tradepulse.strategies.ema_cross import EmaCross
from tradepulse.training.evaluation import ThreadExecutor
from tradepulse.training.spec import TrainSpec
from tradepulse.training.windows import Dataset

EXCHANGE, PAIR = "binance", "BTC/USDT"
THREE_YEARS_OF_MINUTES = 3 * 525_600
FAST, SLOW = tuple(range(3, 43, 2)), tuple(range(50, 300, 5))


def three_years() -> BarSeries:
    """Three years of one-hour bars, folded from the minutes that every benchmark reads."""
    minutes = as_bar_series(market.load(THREE_YEARS_OF_MINUTES))
    return resample(minutes, "1h")


def home(folder: Path, bars: BarSeries) -> App:
    app = open_home(folder)
    app.home.create()
    app.bars.append(EXCHANGE, PAIR, "1h", bars)
    return app


def spec(strategy: str, **options: Any) -> TrainSpec:
    return TrainSpec(
        strategy=strategy, exchange=EXCHANGE, pair=PAIR, interval="1h", rules=Rules(), **options
    )


def train(app: App, wanted: TrainSpec) -> Facts:
    runner = training_runner(app, lambda: int(time.time() * 1000))
    ran = runner.run(runner.submit(wanted))
    if ran.configuration is None:
        raise SystemExit(f"the job ended {ran.state}: {ran.error}")
    found = ran.configuration
    return {"trials": found.trials, "stage": str(found.lifecycle_stage), "seed": wanted.seed}


def full(strategy: str) -> None:
    """1,000 TPE trials in each of 8 folds and over the development bars, all statistics."""
    with tempfile.TemporaryDirectory() as folder:
        app = home(Path(folder), three_years())
        wanted = spec(strategy, search="tpe", trials=1000, folds=8, permutations=200)
        emit(*timed(lambda: train(app, wanted), 1))


def permutations(count: int) -> None:
    """`count` shuffled markets, on each a grid of 1,000 sets of `ema_cross`."""
    bars = three_years()
    executor = ThreadExecutor(EmaCross, Dataset(bars, Rules()))
    sets = [{"fast": fast, "slow": slow} for fast in FAST for slow in SLOW]
    span = (int(bars.open_time[0]), int(bars.open_time[-1]) + HOUR_MS)
    executor.permuted_best(sets[:10], span, [1], "sharpe")

    def work() -> Facts:
        best = executor.permuted_best(sets, span, list(range(count)), "sharpe")
        return {"sets": len(sets), "bars": len(bars), "median_best": float(np.median(best))}

    emit(*timed(work, 1))


def memory(trials: int) -> None:
    """A training run that tries about so many sets in all: one search and two folds."""
    with tempfile.TemporaryDirectory() as folder:
        app = home(Path(folder), three_years())
        wanted = spec("volume_breakout", trials=trials // 3, folds=2, permutations=0)
        emit(*timed(lambda: train(app, wanted), 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=["full", "permutations", "memory"])
    parser.add_argument("--strategy", default="volume_breakout")
    parser.add_argument("--count", type=int, default=1000)
    wanted = parser.parse_args()
    if wanted.case == "full":
        full(wanted.strategy)
    elif wanted.case == "permutations":
        permutations(wanted.count)
    else:
        memory(wanted.count)


if __name__ == "__main__":
    main()
