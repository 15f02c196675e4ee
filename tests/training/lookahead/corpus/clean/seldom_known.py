"""A number published on one bar in ten and unknown on the others."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy


def given(bars, rng):
    return {
        "report": np.where(rng.random(len(bars)) < 0.1, rng.normal(0.0, 1.0, len(bars)), np.nan)
    }


class SeldomKnown(Strategy):
    def signals(self, bar: Bars) -> Signals:
        return Signals(enter_long=bar.column("report") > 1.0, max_bars=6)
