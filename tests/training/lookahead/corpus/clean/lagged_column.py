"""The close of another venue, as it was one bar before."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy


def given(bars, rng):
    other = bars.close * np.exp(rng.normal(0.0, 0.002, len(bars)))
    return {"other": np.append(np.nan, other[:-1])}


class LaggedColumn(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("other") > bar.close, max_bars=4)
