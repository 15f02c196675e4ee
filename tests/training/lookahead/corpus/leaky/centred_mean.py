"""pandas: rolling(11, center=True).mean(). Half of the window lies in the future."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "smooth", "foresight"


def given(bars, rng):
    return {"smooth": pd.Series(bars.close).rolling(11, center=True).mean().to_numpy()}


class CentredMean(Strategy):
    def signals(self, bar: Bars) -> Signals:
        smooth = bar.column("smooth")
        return Signals(enter_long=smooth > smooth.previous(), exit_long=smooth < smooth.previous())
