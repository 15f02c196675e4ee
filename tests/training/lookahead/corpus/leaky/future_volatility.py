"""The volatility of the next 24 bars, for sizing: calm ahead, large position."""

import numpy as np
import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "volatility", "foresight"


def given(bars, rng):
    moves = pd.Series(np.log(bars.close)).diff()
    return {"volatility": moves.rolling(24).std().shift(-24).to_numpy()}


class FutureVolatility(Strategy):
    def signals(self, bar: Bars) -> Signals:
        calm = bar.column("volatility") < 0.01
        return Signals(enter_long=calm & (bar.close > bar.close.sma(20)), exit_long=~calm)
