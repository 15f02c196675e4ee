"""Standardised with the mean and the deviation of the bars so far."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy


class ExpandingZscore(Strategy):
    @staticmethod
    def columns(bars):
        close = pd.Series(bars.close)
        past = close.expanding(50)
        return {"z": ((close - past.mean()) / past.std()).to_numpy()}

    def signals(self, bar: Bars) -> Signals:
        z = bar.column("z")
        return Signals(enter_long=z < -1.0, exit_long=z > 0.0)
