"""A low-pass filter run forwards and backwards so that it does not lag."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "cycle", "columns"


class FilteredBothWays(Strategy):
    @staticmethod
    def columns(bars):
        forwards = pd.Series(bars.close).ewm(span=20).mean()
        return {"cycle": forwards[::-1].ewm(span=20).mean()[::-1].to_numpy()}

    def signals(self, bar: Bars) -> Signals:
        cycle = bar.column("cycle")
        return Signals(enter_long=cycle > cycle.previous(), exit_long=cycle < cycle.previous())
