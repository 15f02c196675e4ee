"""A frozen table of random numbers and a counter: suspicious in form, empty of knowledge."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy, indicator

TABLE = np.random.default_rng(0).normal(size=4096)


@indicator(state=1)
def coin(state, x):
    state[0] += 1.0
    return TABLE[int(state[0]) % 4096]


class RandomTable(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=coin(bar.close) > 1.5, max_bars=10)
