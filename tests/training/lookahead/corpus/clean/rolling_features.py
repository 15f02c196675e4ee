"""Several columns as people make them in pandas, each from the past alone."""

import numpy as np
import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy


class RollingFeatures(Strategy):
    @staticmethod
    def columns(bars):
        close, volume = pd.Series(bars.close), pd.Series(bars.volume)
        moves = np.log(close).diff()
        return {
            "momentum": close.pct_change(24).to_numpy(),
            "surge": (volume / volume.rolling(48).median()).to_numpy(),
            "skew": moves.rolling(100).skew().to_numpy(),
            "rank": moves.rolling(200).rank(pct=True).to_numpy(),
        }

    def signals(self, bar: Bars) -> Signals:
        up = (bar.column("momentum") > 0.0) & (bar.column("surge") > 1.5)
        return Signals(
            enter_long=up & (bar.column("rank") > 0.5),
            exit_long=bar.column("skew") < -1.0,
            max_bars=24,
        )
