"""4-hour volume by resample, whose label is the left edge, stretched back over its hours."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "volume_4h", "columns"


class ResampledToTheLeft(Strategy):
    @staticmethod
    def columns(bars):
        hours = pd.Series(bars.volume, pd.to_datetime(bars.open_time, unit="ms"))
        four = hours.resample("4h").sum().reindex(hours.index, method="ffill")
        return {"volume_4h": four.to_numpy()}

    def signals(self, bar: Bars) -> Signals:
        surge = bar.column("volume_4h") > 6.0 * bar.volume.rolling_median(48)
        return Signals(enter_long=surge, max_bars=4)
