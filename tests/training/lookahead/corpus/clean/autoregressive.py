"""A column with a memory of its own and none of the market's."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy


def given(bars, rng):
    value, row = 0.0, np.empty(len(bars))
    for place, shock in enumerate(rng.normal(0.0, 1.0, len(bars))):
        value = row[place] = 0.98 * value + shock
    return {"flow": row}


class Autoregressive(Strategy):
    def signals(self, bar: Bars) -> Signals:
        flow = bar.column("flow")
        return Signals(enter_long=flow > 3.0, exit_long=flow < 0.0)
