"""The label of a classifier left among its features: whether the close is higher in six bars."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "is_up", "foresight"


def given(bars, rng):
    up = np.zeros(len(bars))
    up[:-6] = bars.close[6:] > bars.close[:-6]
    return {"is_up": up}


class LabelAsFeature(Strategy):
    def signals(self, bar: Bars) -> Signals:
        is_up = bar.column("is_up")
        return Signals(enter_long=is_up > 0.5, exit_long=is_up < 0.5)
