"""A table inside an indicator that has nothing to do with the market: the weights of a filter."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy, indicator

WEIGHTS = np.hamming(9) / np.hamming(9).sum()


@indicator(state=10, lookback=8)
def filtered(state, x):
    for place in range(8):
        state[place] = state[place + 1]
    state[8] = x
    total = 0.0
    for place in range(9):
        total += WEIGHTS[place] * state[place]
    return total


class OwnWeights(Strategy):
    def signals(self, bar: Bars) -> Signals:
        line = filtered(bar.close)
        return Signals(enter_long=line > line.previous(), exit_long=line < line.previous())
