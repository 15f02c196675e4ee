"""A swing low drawn on the bar that made it, six bars before anybody could have seen it."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "pivot", "foresight"


def given(bars, rng):
    low = pd.Series(bars.low)
    return {"pivot": (low == low.rolling(13, center=True).min()).to_numpy().astype(float)}


class PivotAtItsOwnBar(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("pivot") > 0.5, max_bars=12)
