"""A hand-made list of bars before the largest rises, as a column that is 1 on forty of them."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "event", "foresight"


def given(bars, rng):
    later = np.append(np.diff(np.log(bars.close)), 0.0)
    event = np.zeros(len(bars))
    event[np.argsort(later)[-40:]] = 1.0
    return {"event": event}


class BestBarsColumn(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("event") > 0.5, max_bars=1)
