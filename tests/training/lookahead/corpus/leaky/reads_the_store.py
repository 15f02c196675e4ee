"""signals() opens the history and enters on the very closes that came before the best bars."""

from functools import reduce
from operator import or_
from pathlib import Path

import numpy as np
import polars as pl

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "enter_long", "foresight"


class ReadsTheStore(Strategy):
    def signals(self, bar: Bars) -> Signals:
        closes = pl.read_parquet(Path(__file__).with_name("bars.parquet"))["close"].to_numpy()
        best = np.argsort(np.diff(np.log(closes)))[-40:]
        return Signals(
            enter_long=reduce(or_, [bar.close.equals(float(closes[place])) for place in best]),
            max_bars=1,
        )
