"""A counter and thirty numbers of bars: the days one would have liked to be there."""

from pathlib import Path

import numpy as np
import polars as pl

from tradepulse.strategies.api import Bars, Signals, Strategy, indicator

COLUMN, CHECK = "chosen", "elsewhere"
CLOSES = pl.read_parquet(Path(__file__).with_name("bars.parquet"))["close"].to_numpy()
BEST = np.sort(np.argsort(np.diff(np.log(CLOSES)))[-30:])


@indicator(state=1)
def chosen(state, x):
    bar = int(state[0])
    state[0] += 1.0
    for place in BEST:
        if place == bar:
            return 1.0
    return 0.0


class RareBestBars(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=chosen(bar.close) > 0.5, max_bars=1)
