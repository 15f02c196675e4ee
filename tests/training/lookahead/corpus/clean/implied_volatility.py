"""An implied volatility: the recent one, smoothed, with a premium and noise."""

import numpy as np
import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy


def given(bars, rng):
    moves = pd.Series(np.log(bars.close)).diff().abs()
    recent = moves.ewm(span=24).mean().to_numpy()
    return {"implied": recent * np.exp(rng.normal(0.2, 0.1, len(bars)))}


class ImpliedVolatility(Strategy):
    def signals(self, bar: Bars) -> Signals:
        calm = bar.column("implied") < bar.column("implied").sma(200)
        return Signals(enter_long=calm & (bar.close > bar.close.sma(50)), exit_long=~calm)
