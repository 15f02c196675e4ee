"""The rank of the volume among all bars, later ones included."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "rank", "columns"


class RanksOfAll(Strategy):
    @staticmethod
    def columns(bars):
        return {"rank": pd.Series(bars.volume).rank(pct=True).to_numpy()}

    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("rank") > 0.9, max_bars=5)
