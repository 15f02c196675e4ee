"""pandas: shift(-1), the last value filled from before so that no NaN gives it away."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "momentum", "columns"


class NegativeShift(Strategy):
    @staticmethod
    def columns(bars):
        momentum = pd.Series(bars.close).pct_change(5).shift(-1).ffill()
        return {"momentum": momentum.to_numpy()}

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("momentum") > 0.0, max_bars=5)
