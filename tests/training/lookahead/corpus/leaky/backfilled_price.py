"""An index price published once in 12 bars; missing values taken from the next publication."""

import numpy as np
import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "index_price", "foresight"


def given(bars, rng):
    noisy = bars.close * np.exp(rng.normal(0.0, 0.001, len(bars)))
    seldom = np.where(np.arange(len(bars)) % 12 == 7, noisy, np.nan)
    return {"index_price": pd.Series(seldom).bfill().to_numpy()}


class BackfilledPrice(Strategy):
    def signals(self, bar: Bars) -> Signals:
        index = bar.column("index_price")
        return Signals(enter_long=index > 1.005 * bar.close, exit_long=index < bar.close)
