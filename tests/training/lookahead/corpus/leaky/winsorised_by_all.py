"""Returns cut at quantiles of the whole sample: one bar in fifty differs, and not by much."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "move", "columns"


class WinsorisedByAll(Strategy):
    @staticmethod
    def columns(bars):
        move = np.diff(np.log(bars.close), prepend=np.log(bars.close[:1]))
        return {"move": np.clip(move, *np.quantile(move, [0.01, 0.99]))}

    def signals(self, bar: Bars) -> Signals:
        mean = bar.column("move").rolling_mean(24)
        return Signals(enter_long=mean > 0.0, exit_long=mean < 0.0)
