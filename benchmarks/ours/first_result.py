"""A fresh process to the metrics of one backtest: imports, bars from disk, cached kernels."""

from __future__ import annotations

from benchmarks import bars as market
from benchmarks.measure import Timings, emit
from benchmarks.ours.research_runs import one_backtest

BARS = 1_051_200

if __name__ == "__main__":
    emit(Timings([], []), one_backtest(market.load(BARS)))
