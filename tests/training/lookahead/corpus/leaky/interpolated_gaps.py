"""A price known once in 24 bars, the gaps filled by interpolation towards the next one."""

import numpy as np
import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "index_price", "foresight"


def given(bars, rng):
    seldom = np.where(np.arange(len(bars)) % 24 == 0, bars.close, np.nan)
    return {"index_price": pd.Series(seldom).interpolate().to_numpy()}


class InterpolatedGaps(Strategy):
    def signals(self, bar: Bars) -> Signals:
        index = bar.column("index_price")
        return Signals(enter_long=index > index.previous(), exit_long=index < index.previous())
