"""4-hour closes joined by open time: known up to three hours before they are made."""

import pandas as pd

from tradepulse.strategies.api import Bars, Signals, Strategy

COLUMN, CHECK = "close_4h", "matches"


def given(bars, rng):
    frame = pd.Series(bars.close, pd.to_datetime(bars.open_time, unit="ms"))
    return {"close_4h": frame.resample("4h").last().reindex(frame.index, method="ffill").to_numpy()}


class FourHoursFromTheOpen(Strategy):
    def signals(self, bar: Bars) -> Signals:
        higher = bar.column("close_4h")
        return Signals(enter_long=higher > bar.close, exit_long=higher < bar.close)
