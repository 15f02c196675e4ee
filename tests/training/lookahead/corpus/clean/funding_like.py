"""A rate known at its settlement every eight hours, made of the premium before it."""

import numpy as np
import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy


def given(bars, rng):
    premium = pd.Series(np.log(bars.close)).diff(8) * 0.02 + rng.normal(0.0, 1e-4, len(bars))
    return {"rate": premium.where(np.arange(len(bars)) % 8 == 7).ffill().to_numpy()}


class FundingLike(Strategy):
    def signals(self, bar: Bars) -> Signals:
        rate = bar.column("rate")
        return Signals(enter_long=rate < -0.0005, exit_long=rate > 0.0)
