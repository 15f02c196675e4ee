"""4-hour closes joined by the time they were known."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy


class FourHoursFromTheClose(Strategy):
    @staticmethod
    def columns(bars):
        closes = pd.Series(bars.close, pd.to_datetime(bars.open_time + bars.interval_ms, unit="ms"))
        four = closes.resample("4h", closed="right", label="right").last()
        if closes.index[-1] < four.index[-1]:
            four = four.iloc[:-1]
        return {"close_4h": four.reindex(closes.index, method="ffill").to_numpy()}

    def signals(self, bar: Bars) -> Signals:
        higher = bar.column("close_4h")
        return Signals(enter_long=bar.close > higher, exit_long=bar.close < higher)
