"""A mark price of the same bar: all but equal to the close, and blind to the next one."""

import numpy as np

from tradepulse.strategies.api import Bars, Signals, Strategy


def given(bars, rng):
    return {"mark": bars.close * np.exp(rng.normal(0.0, 0.0005, len(bars)))}


class PresentColumn(Strategy):
    def signals(self, bar: Bars) -> Signals:
        basis = bar.close / bar.column("mark") - 1.0
        return Signals(enter_long=basis < -0.0005, exit_long=basis > 0.0)
