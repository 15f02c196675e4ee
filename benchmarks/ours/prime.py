"""Compiles every kernel the cases use, so that no measured process pays for it."""

from __future__ import annotations

from benchmarks import bars as market
from benchmarks.ours.research_runs import WARM_UP_BARS, breakout, ema_cross, one_backtest

if __name__ == "__main__":
    data = market.load(WARM_UP_BARS)
    one_backtest(data)
    ema_cross(data, 4)
    breakout(data, 4)
