"""The day's high merged on the date: known from midnight on."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "day_high", "matches"


def given(bars, rng):
    day = bars.open_time // 86_400_000
    return {"day_high": pd.Series(bars.high).groupby(day).transform("max").to_numpy()}


class DailyHighAtMidnight(Strategy):
    def signals(self, bar: Bars) -> Signals:
        top = bar.column("day_high")
        return Signals(enter_long=bar.close < 0.98 * top, exit_long=bar.close > 0.999 * top)
