"""The price of the last swing low, carried forward from the bar that made it."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "support", "foresight"


def given(bars, rng):
    low = pd.Series(bars.low)
    return {"support": low.where(low == low.rolling(13, center=True).min()).ffill().to_numpy()}


class PivotLevel(Strategy):
    def signals(self, bar: Bars) -> Signals:
        support = bar.column("support")
        return Signals(enter_long=bar.low <= support, exit_long=bar.close > 1.02 * support)
