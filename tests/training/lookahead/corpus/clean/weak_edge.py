"""A column with a real, small edge: a correlation of 0.1 with the next return."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy


def given(bars, rng):
    later = np.append(np.diff(np.log(bars.close)), 0.0)
    return {"edge": later / later.std() + rng.normal(0.0, 10.0, len(bars))}


class WeakEdge(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("edge") > 10.0, max_bars=1)
